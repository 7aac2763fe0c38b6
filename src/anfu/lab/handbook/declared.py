"""The features the stream is decided with: the book's fifteen, and our own past-only ones.

Those of terminals look behind the delay of the labels, so a payment counts in them when what it
turned out to be is known, and not before. `amount` is an input, the first of the fifteen.
"""

from __future__ import annotations

from anfu.risk.features import Aggregate, Catalogue, Entity, Feature, Purpose, make_catalogue

_DAY_S = 86_400
_BOOK_DAYS = (1, 7, 30)
_WATCHED_DAYS = (3, 21, 28)
_WEEKS = (2, 3, 4)


def _payer(
    name: str, aggregate: Aggregate, days: int, en: str, zh: str, *, delay: int = 0
) -> Feature:
    unit = {Aggregate.COUNT: "payments", Aggregate.RATIO: "times"}.get(aggregate, "minor")
    return Feature(
        f"payer_{name}_{days}d", Entity.PAYER, aggregate, unit, en, zh,
        window_s=days * _DAY_S, delay_s=delay * _DAY_S,
    )  # fmt: skip


def _terminal(
    name: str, aggregate: Aggregate, days: int, en: str, zh: str, *, delay: int = 7
) -> Feature:
    unit = "share" if aggregate is Aggregate.FRAUD_SHARE else "payments"
    return Feature(
        f"terminal_{name}_{days}d", Entity.TERMINAL, aggregate, unit, en, zh,
        window_s=days * _DAY_S, delay_s=delay * _DAY_S, purpose=Purpose.ANTI_FRAUD,
    )  # fmt: skip


def _of_payers() -> list[Feature]:
    made = []
    for days in _BOOK_DAYS:
        made += [
            _payer("count", Aggregate.COUNT, days, f"payments of the payer in {days} days",
                   f"付款人{days}天内支付笔数"),
            _payer("mean", Aggregate.MEAN, days, f"mean amount of the payer in {days} days",
                   f"付款人{days}天内平均金额"),
        ]  # fmt: skip
    return made


def _of_terminals() -> list[Feature]:
    made = []
    for days in _BOOK_DAYS:
        made += [
            _terminal("known", Aggregate.COUNT, days,
                      f"payments at the terminal in {days} days, a week ago",
                      f"一周前{days}天内终端支付笔数"),
            _terminal("share", Aggregate.FRAUD_SHARE, days,
                      f"share of fraud at the terminal in {days} days, a week ago",
                      f"一周前{days}天内终端欺诈占比"),
        ]  # fmt: skip
    return made


BOOK = (
    *_of_payers(),
    *_of_terminals(),
    Feature("hour", None, Aggregate.HOUR, "hour", "hour of the day", "支付时刻（小时）"),
    Feature("weekday", None, Aggregate.WEEKDAY, "day", "day of the week", "星期"),
)
# A payer's habit is what was usual before the last two weeks: a card in wrong hands for some days
# does not teach its own habit.
_HABIT_DELAY = 14
_HABIT = (
    _payer(
        "usual_count",
        Aggregate.COUNT,
        60,
        "payments of the payer before the last two weeks",
        "付款人两周前支付笔数",
        delay=_HABIT_DELAY,
    ),
    _payer(
        "usual_mean",
        Aggregate.MEAN,
        60,
        "mean amount before the last two weeks",
        "付款人两周前平均金额",
        delay=_HABIT_DELAY,
    ),
    _payer(
        "usual_std",
        Aggregate.STD,
        60,
        "standard deviation before the last two weeks",
        "付款人两周前金额标准差",
        delay=_HABIT_DELAY,
    ),
    _payer(
        "usual_ratio",
        Aggregate.RATIO,
        60,
        "amount over the mean before the last two weeks",
        "本笔金额与两周前平均金额之比",
        delay=_HABIT_DELAY,
    ),
    _payer(
        "ratio",
        Aggregate.RATIO,
        30,
        "amount over the mean of the others in 30 days",
        "本笔金额与30天内其他支付平均金额之比",
    ),
    _payer(
        "std",
        Aggregate.STD,
        30,
        "standard deviation of amounts in 30 days",
        "付款人30天内金额标准差",
    ),
    *(
        _payer(
            "max",
            Aggregate.MAX,
            days,
            f"largest amount of the payer in {days} days",
            f"付款人{days}天内最大金额",
        )
        for days in (7, 14)
    ),
)
_WATCH = tuple(
    _terminal(
        name,
        aggregate,
        days,
        f"{en} at the terminal in {days} days, a week ago",
        f"一周前{days}天内终端{zh}",
    )
    for days in _WATCHED_DAYS
    for name, aggregate, en, zh in (
        ("known", Aggregate.COUNT, "payments", "支付笔数"),
        ("fraud", Aggregate.FRAUD_COUNT, "frauds", "欺诈笔数"),
        ("share", Aggregate.FRAUD_SHARE, "share of fraud", "欺诈占比"),
    )
)  # fmt: skip
# Week by week: a terminal in wrong hands goes from none to all of its payments.
_WEEKLY = tuple(
    _terminal(f"week_{week}_{name}", aggregate, 7, f"{en} at the terminal, {week} weeks ago",
              f"{week}周前终端{zh}", delay=7 * week)
    for week in _WEEKS
    for name, aggregate, en, zh in (
        ("known", Aggregate.COUNT, "payments", "支付笔数"),
        ("fraud", Aggregate.FRAUD_COUNT, "frauds", "欺诈笔数"),
    )
)  # fmt: skip
CATALOGUE: Catalogue = make_catalogue([*BOOK, *_HABIT, *_WATCH, *_WEEKLY])
OWN_FACTS = ("amount", *(feature.name for feature in CATALOGUE.features))
