"""Features of every aggregate, every way of keeping entities, delays, kinds and conditions."""

from __future__ import annotations

from anfu.risk.features import Aggregate, Entity, Feature, Kind

_A, _E = Aggregate, Entity
_DAY, _HOUR = 86_400, 3_600


def _made(name: str, entity: Entity | None, aggregate: Aggregate, **more: object) -> Feature:
    return Feature(name, entity, aggregate, "unit", name, "特征", **more)  # type: ignore[arg-type]


BEHAVIOUR = (Kind.LOGIN, Kind.DEVICE_BIND)
EVERY = [
    _made("hour", None, _A.HOUR),
    _made("weekday", None, _A.WEEKDAY),
    _made("count", _E.PAYER, _A.COUNT),
    _made("count_1h", _E.PAYER, _A.COUNT, window_s=_HOUR),
    _made("few_1h", _E.DEVICE, _A.COUNT, window_s=_HOUR, condition="amount <= 500"),
    _made("logins_1h", _E.PAYER, _A.COUNT, window_s=_HOUR, kinds=BEHAVIOUR),
    _made("sum", _E.PAYER, _A.SUM),
    _made("sum_1d", _E.CARD, _A.SUM, window_s=_DAY),
    _made("received_1d", _E.PAYEE, _A.SUM, window_s=_DAY, by=_E.PAYER),
    _made("received_late", _E.PAYEE, _A.COUNT, window_s=_DAY, by=_E.PAYER, delay_s=_HOUR),
    _made("paid_by_payee", _E.PAYER, _A.COUNT, window_s=_DAY, by=_E.PAYEE),
    _made("mean", _E.PAYER, _A.MEAN),
    _made("mean_late", _E.TERMINAL, _A.MEAN, window_s=_DAY, delay_s=_HOUR),
    _made("max_1d", _E.PAYEE, _A.MAX, window_s=_DAY),
    _made("min_1d", _E.ADDRESS, _A.MIN, window_s=_DAY),
    _made("std_1d", _E.PAYER, _A.STD, window_s=_DAY, condition="amount <= 20001"),
    _made("cards_1d", _E.PAYER, _A.DISTINCT, window_s=_DAY, field="card"),
    _made("payers_1d", _E.PAYEE, _A.DISTINCT, window_s=_DAY, field="payer", by=_E.PAYER),
    _made("first_1d", _E.PAYER, _A.FIRST, window_s=_DAY),
    _made("last_late", _E.PAYER, _A.LAST, window_s=_DAY, delay_s=60),
    _made("last_few", _E.PHONE, _A.LAST, window_s=_DAY, condition="amount <= 500"),
    _made("since", _E.PAYER, _A.SINCE_LAST),
    _made("since_login", _E.PAYER, _A.SINCE_LAST, kinds=BEHAVIOUR),
    _made("since_1h", _E.CARD, _A.SINCE_LAST, window_s=_HOUR),
    _made("age", _E.DEVICE, _A.AGE),
    _made("age_of_binding", _E.PAYER, _A.AGE, kinds=(Kind.DEVICE_BIND,)),
    _made("pair_age", _E.PAYER, _A.PAIR_AGE, field="device"),
    _made("pair_count_1d", _E.PAYER, _A.COUNT, window_s=_DAY, also=_E.PAYEE),
    _made("pair_max_late", _E.CARD, _A.MAX, window_s=_DAY, also=_E.DEVICE, delay_s=_HOUR),
    _made("ratio", _E.PAYER, _A.RATIO),
    _made("ratio_1d", _E.PAYER, _A.RATIO, window_s=_DAY),
    _made("passed_on_1d", _E.PAYER, _A.PASSED_ON, window_s=_DAY),
    _made("out_1d", _E.PAYER, _A.SUM, window_s=_DAY),
    _made("passed_on_late", _E.PAYER, _A.PASSED_ON, window_s=_DAY, delay_s=_HOUR),
    _made("out_late", _E.PAYER, _A.SUM, window_s=_DAY, delay_s=_HOUR),
    _made("received_sum_late", _E.PAYEE, _A.SUM, window_s=_DAY, delay_s=_HOUR, by=_E.PAYER),
    _made("frauds_1d", _E.TERMINAL, _A.FRAUD_COUNT, window_s=_DAY),
    _made("frauds_late", _E.TERMINAL, _A.FRAUD_COUNT, window_s=_DAY, delay_s=_HOUR),
    _made("fraud_share", _E.PAYEE, _A.FRAUD_SHARE, window_s=_DAY, delay_s=_HOUR),
    _made("fraud_share_by", _E.PAYEE, _A.FRAUD_SHARE, window_s=_DAY, by=_E.PAYER),
    _made("frauds_of_pair", _E.PAYER, _A.FRAUD_COUNT, window_s=_DAY, also=_E.PAYEE),
    _made("fraud_since", _E.TERMINAL, _A.FRAUD_SINCE, window_s=_DAY),
    _made("fraud_since_by", _E.PAYEE, _A.FRAUD_SINCE, window_s=_DAY, by=_E.PAYER),
    _made("fraud_age", _E.PAYER, _A.FRAUD_AGE, window_s=_DAY, also=_E.PAYEE, delay_s=_HOUR),
    _made("distance_last", _E.PAYER, _A.DISTANCE_LAST),
    _made("distance_usual", _E.PAYER, _A.DISTANCE_USUAL),
    _made("speed", _E.PAYER, _A.SPEED),
]
