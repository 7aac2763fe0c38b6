"""Draw up: what the targets of a period have come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.operations.figures.bucket import HOUR, hour_of
from anfu.operations.figures.queries import Sum, sum_hours
from anfu.operations.targets.target import MATURES, Measured, Name, share_of
from anfu.payments.feedback.queries import measure_satisfaction
from anfu.payments.figures.queries import refund_times, standings
from anfu.risk.cases.queries import get_responses
from anfu.risk.labels.queries import labelled_since
from anfu.storage.transaction import Tx

_REFUNDED = timedelta(hours=24)
_FAILED = ("FAILED", "REFUSED", "EXPIRED")
_STOPPED = ("BLOCKED", "REJECTED")
_NONE = Sum()
_Told = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Targets of payments in `currency` made since `since`, the beginning of an hour."""

    since: datetime
    currency: str


async def draw_up(tx: Tx, asked: Asked, *, now: datetime) -> list[Measured]:
    """Every target of a period, in the order of `Name`."""
    until = hour_of(now) + HOUR
    sums = await sum_hours(tx, asked.since, until, currency=asked.currency)
    young_since = max(asked.since, hour_of(now - MATURES))
    young = await sum_hours(tx, young_since, until, currency=asked.currency)
    labels = await labelled_since(tx, asked.since)
    fraud = await standings(tx, labels.frauds, currency=asked.currency)
    honest = await standings(tx, labels.honest, currency=asked.currency)
    return [
        *_frauds(sums, young, fraud),
        _success(sums, fraud, honest),
        Measured(Name.OBLIGATIONS, None, missing="no_catalogue"),
        await _satisfaction(tx, asked, until),
        await _response(tx, asked, now),
        await _refunds(tx, asked, now),
    ]


def _frauds(sums: Mapping[str, Sum], young: Mapping[str, Sum], fraud: _Told) -> list[Measured]:
    paid, fresh = sums.get("SUCCEEDED", _NONE), young.get("SUCCEEDED", _NONE)
    count, amount = fraud.get("SUCCEEDED", (0, 0))
    return [
        share_of(Name.FRAUD_VALUE, amount, paid.amount, not_matured=fresh.amount,
                 not_matured_share=_part(fresh.amount, paid.amount)),
        share_of(Name.FRAUD_COUNT, count, paid.count, not_matured=fresh.count,
                 not_matured_share=_part(fresh.count, paid.count)),
    ]  # fmt: skip


def _success(sums: Mapping[str, Sum], fraud: _Told, honest: _Told) -> Measured:
    """Stopped ones are in it only as far as they are labelled honest."""
    done = _left(sums, "SUCCEEDED", fraud)
    failed = sum(_left(sums, state, fraud) for state in _FAILED)
    wronged = sum(honest.get(state, (0, 0))[0] for state in _STOPPED)
    stopped = sum(sums.get(state, _NONE).count for state in _STOPPED)
    return share_of(
        Name.SUCCESS, done, done + failed + wronged, stopped_left_out=stopped - wronged,
        retried=sum(one.retried for one in sums.values()),
    )  # fmt: skip


def _left(sums: Mapping[str, Sum], state: str, fraud: _Told) -> int:
    """Payments in a state that nobody tried again and that are not labelled fraud."""
    one = sums.get(state, _NONE)
    return max(0, one.count - one.retried - fraud.get(state, (0, 0))[0])


async def _satisfaction(tx: Tx, asked: Asked, until: datetime) -> Measured:
    """Of payers of every currency: a score is not one of money."""
    found = await measure_satisfaction(tx, since=asked.since, until=until, merchant=None)
    if found.share is None:
        return Measured(Name.SATISFACTION, None, missing="no_feedback")
    return share_of(Name.SATISFACTION, found.satisfied, found.count)


async def _response(tx: Tx, asked: Asked, now: datetime) -> Measured:
    answers = await get_responses(tx, start=asked.since, end=now, now=now)
    missing = "nothing_counted" if answers.p95_s is None else None
    return Measured(
        Name.RESPONSE, answers.p95_s, answers.in_target, answers.due, missing,
        {"p50_s": answers.p50_s, "cases": answers.cases},
    )  # fmt: skip


async def _refunds(tx: Tx, asked: Asked, now: datetime) -> Measured:
    times = await refund_times(tx, asked.since, within=_REFUNDED, now=now)
    p95_s = None if times.p95 is None else times.p95.total_seconds()
    return share_of(Name.REFUNDS, times.in_time, times.due, p95_s=p95_s)


def _part(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
