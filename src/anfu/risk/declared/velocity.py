"""How often, how much and with how many others: the figures every kind of fraud shows in."""

from __future__ import annotations

from anfu.risk.features import Aggregate, Entity, Feature, Purpose

_WINDOWS = {
    "10m": (600, "10 minutes", "10 分钟"),
    "1h": (3_600, "1 hour", "1 小时"),
    "24h": (86_400, "24 hours", "24 小时"),
    "7d": (604_800, "7 days", "7 天"),
}
_ZH = {
    Entity.PAYER: "付款人",
    Entity.PAYEE: "收款人",
    Entity.DEVICE: "设备",
    Entity.CARD: "银行卡",
    Entity.ADDRESS: "网络地址",
}
# Amounts up to 5 units of the currency probe a card; up to 200 they slip below attention.
_TINY = "amount <= 500"
_SMALL = "amount <= 20000"


def _purpose(entity: Entity) -> Purpose:
    """Devices and addresses are looked at against fraud and for nothing else."""
    locked = entity in (Entity.DEVICE, Entity.ADDRESS)
    return Purpose.ANTI_FRAUD if locked else Purpose.GENERAL


def _counts(entity: Entity, *windows: str) -> list[Feature]:
    return [
        Feature(
            f"{entity}_count_{w}", entity, Aggregate.COUNT, "payments",
            f"payments of the {entity} in {_WINDOWS[w][1]}",
            f"{_ZH[entity]} {_WINDOWS[w][2]}内的支付笔数", window_s=_WINDOWS[w][0],
            purpose=_purpose(entity),
        )
        for w in windows
    ]  # fmt: skip


def _sums(entity: Entity, *windows: str) -> list[Feature]:
    return [
        Feature(
            f"{entity}_sum_{w}", entity, Aggregate.SUM, "minor",
            f"amount of the {entity} in {_WINDOWS[w][1]}",
            f"{_ZH[entity]} {_WINDOWS[w][2]}内的支付金额", window_s=_WINDOWS[w][0],
        )
        for w in windows
    ]  # fmt: skip


def _distinct(entity: Entity, other: Entity, *windows: str) -> list[Feature]:
    plural = f"{other}es" if other is Entity.ADDRESS else f"{other}s"
    return [
        Feature(
            f"{entity}_{plural}_{w}", entity, Aggregate.DISTINCT, plural,
            f"different {plural} of the {entity} in {_WINDOWS[w][1]}",
            f"{_ZH[entity]} {_WINDOWS[w][2]}内的不同{_ZH[other]}数",
            window_s=_WINDOWS[w][0], field=other.value, purpose=_purpose(entity),
        )
        for w in windows
    ]  # fmt: skip


def _few(entity: Entity, size: str, condition: str, window: str) -> Feature:
    zh = "极小额" if size == "tiny" else "小额"
    return Feature(
        f"{entity}_{size}_count_{window}", entity, Aggregate.COUNT, "payments",
        f"{size} payments of the {entity} in {_WINDOWS[window][1]}",
        f"{_ZH[entity]} {_WINDOWS[window][2]}内的{zh}支付笔数",
        window_s=_WINDOWS[window][0], condition=condition, purpose=_purpose(entity),
    )  # fmt: skip


def _pair(other: Entity) -> Feature:
    return Feature(
        f"payer_{other}_age_s", Entity.PAYER, Aggregate.PAIR_AGE, "s",
        f"time since the payer first used this {other}", f"付款人首次使用该{_ZH[other]}至今的时间",
        field=other.value,
    )  # fmt: skip


def _age(entity: Entity) -> Feature:
    return Feature(
        f"{entity}_age_s", entity, Aggregate.AGE, "s", f"time since the {entity} was first seen",
        f"{_ZH[entity]}首次出现至今的时间",
    )  # fmt: skip


_PAYER = [
    *_counts(Entity.PAYER, "10m", "1h", "24h", "7d"),
    Feature("payer_count", Entity.PAYER, Aggregate.COUNT, "payments", "payments of the payer, ever",
            "付款人累计支付笔数"),
    *_sums(Entity.PAYER, "1h", "24h", "7d"),
    Feature("payer_max_7d", Entity.PAYER, Aggregate.MAX, "minor",
            "largest amount of the payer in 7 days", "付款人 7 天内的最大金额", window_s=604_800),
    Feature("amount_to_mean", Entity.PAYER, Aggregate.RATIO, "ratio",
            "amount over the mean of the payer's earlier ones", "金额与付款人历史均值之比"),
    _few(Entity.PAYER, "small", _SMALL, "1h"),
    *_distinct(Entity.PAYER, Entity.PAYEE, "1h", "24h"),
    *_distinct(Entity.PAYER, Entity.DEVICE, "24h"),
    *_distinct(Entity.PAYER, Entity.CARD, "24h"),
    Feature("payer_since_last_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
            "time since the payer's last payment", "距付款人上一笔支付的时间"),
    _age(Entity.PAYER),
    _pair(Entity.PAYEE),
    _pair(Entity.DEVICE),
    _pair(Entity.CARD),
    Feature("distance_last_km", Entity.PAYER, Aggregate.DISTANCE_LAST, "km",
            "distance from the payer's last position", "距付款人上一次位置的距离"),
    Feature("distance_km", Entity.PAYER, Aggregate.DISTANCE_USUAL, "km",
            "distance from where the payer usually pays", "距付款人常用地的距离"),
    Feature("speed_kmh", Entity.PAYER, Aggregate.SPEED, "km/h",
            "speed needed to come from the last position", "自上一次位置移动所需的速度"),
]  # fmt: skip
_OTHERS = [
    *_counts(Entity.PAYEE, "10m", "1h"),
    *_sums(Entity.PAYEE, "24h"),
    _few(Entity.PAYEE, "tiny", _TINY, "10m"),
    *_distinct(Entity.PAYEE, Entity.PAYER, "1h"),
    *_distinct(Entity.PAYEE, Entity.CARD, "10m"),
    _age(Entity.PAYEE),
    *_counts(Entity.DEVICE, "1h"),
    *_distinct(Entity.DEVICE, Entity.PAYER, "24h"),
    *_distinct(Entity.DEVICE, Entity.CARD, "1h"),
    *_counts(Entity.CARD, "1h"),
    _few(Entity.CARD, "tiny", _TINY, "1h"),
    *_distinct(Entity.CARD, Entity.PAYER, "24h"),
    _few(Entity.ADDRESS, "tiny", _TINY, "1h"),
    *_distinct(Entity.ADDRESS, Entity.PAYER, "1h"),
    *_distinct(Entity.ADDRESS, Entity.CARD, "1h"),
    Feature("hour", None, Aggregate.HOUR, "h", "hour of the day", "当日小时"),
]

VELOCITY = (*_PAYER, *_OTHERS)
