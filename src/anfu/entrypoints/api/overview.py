"""The overview: the institution's targets, and what goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from anfu.channels.reasons import reason_of
from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.overview_documents import (
    ActivityDocument,
    ActivityQuery,
    TargetsDocument,
    TargetsQuery,
)
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_day
from anfu.operations.figures.bucket import Why, minute_of
from anfu.operations.figures.queries import (
    Point,
    Span,
    channel_states,
    counted_until,
    list_points,
    top_reasons,
    width_s,
)
from anfu.operations.targets.keep import get_sheet
from anfu.operations.targets.sheet import MONTH, Drawn
from anfu.operations.targets.target import TARGETS, Measured
from anfu.payments.document import encode, rfc3339
from anfu.payments.figures.queries import channel_times
from anfu.payments.tools import Tools
from anfu.risk.cases.figures import Standing
from anfu.risk.cases.queries import get_standing
from anfu.risk.rules import reason_text
from anfu.settlement.reconciliation.queries import last_bills
from anfu.storage.idempotency import Answer

_REASONS = 10
_TIMED, _TIMED_BACK = 5_000, timedelta(hours=1)


async def get_targets(call: Call) -> Answer:
    """The targets of today and of thirty days."""
    currency = call.query.currency
    sheet = await get_sheet(call.desk.tools.database, currency, now=call.now)
    until = sheet.counted_until
    document = {
        "object": "targets",
        "currency": currency,
        "drawn_at": rfc3339(sheet.drawn_at),
        "counted_until": None if until is None else rfc3339(until),
        "today": _period(sheet.today),
        "month": _period(sheet.month),
    }
    return Answer(200, encode(document))


async def get_activity(call: Call) -> Answer:
    """What goes on."""
    query: ActivityQuery = call.query
    since = _since(query.span, call.now)
    async with call.desk.tools.database.transaction(readonly=True, snapshot=True) as tx:
        until = await counted_until(tx)
        points = await list_points(tx, query.span, since, currency=query.currency)
        reasons = await top_reasons(tx, query.span, since, most=_REASONS)
        states = await channel_states(tx, query.span, since)
        times = await channel_times(tx, call.now - _TIMED_BACK, most=_TIMED)
        bills = await last_bills(tx)
        standing = await get_standing(tx, now=call.now)
    known = {"states": states, "times": times, "bills": bills}
    channels = sorted(call.desk.tools.channels)
    document = {
        "object": "activity",
        "span": query.span,
        "width_s": width_s(query.span),
        "since": rfc3339(since),
        "counted_until": None if until is None else rfc3339(until),
        "currency": query.currency,
        "points": _points(points, query.span),
        "outcomes": _outcomes(points),
        "reasons": [_reason(call.desk.tools, *one) for one in reasons],
        "channels": [_channel(call, name, known) for name in channels],
        "cases": _cases(standing),
    }
    return Answer(200, encode(document))


def _since(span: Span, now: datetime) -> datetime:
    """The beginning of the first point."""
    if span is Span.MONTH:
        return civil_day(now).start - MONTH
    width = timedelta(seconds=width_s(span))
    count = 60 if span is Span.HOUR else 288
    minute = minute_of(now)
    last = minute - timedelta(minutes=minute.minute % (width // timedelta(minutes=1)))
    return last - (count - 1) * width


def _period(drawn: Drawn) -> dict[str, Any]:
    return {
        "since": rfc3339(drawn.since),
        "targets": [_target(one) for one in drawn.targets],
    }


def _target(measured: Measured) -> dict[str, Any]:
    target = TARGETS[measured.name]
    return {
        "name": measured.name,
        "target": {
            "operator": "le" if target.low else "ge",
            "value": target.bound,
            "unit": "s" if target.seconds else "share",
        },
        "value": measured.value,
        "numerator": measured.numerator,
        "denominator": measured.denominator,
        "met": measured.met,
        "missing": measured.missing,
        "beside": measured.beside,
        "definition": {"en": target.en, "zh": target.zh},
    }


def _points(points: Sequence[Point], span: Span) -> list[dict[str, Any]]:
    found: dict[datetime, dict[str, Any]] = {}
    for one in points:
        point = found.setdefault(
            one.at, {"at": rfc3339(one.at), "count": 0, "amount": 0, "outcomes": {}}
        )
        point["count"] += one.count
        point["outcomes"][one.state] = one.count
        if one.state == "SUCCEEDED":
            point["amount"] = one.amount
    for point in found.values():
        point["per_second"] = round(point["count"] / width_s(span), 4)
    return list(found.values())


def _outcomes(points: Sequence[Point]) -> dict[str, int]:
    outcomes: dict[str, int] = {}
    for one in points:
        outcomes[one.state] = outcomes.get(one.state, 0) + one.count
    return outcomes


def _reason(tools: Tools, kind: Why, code: str, count: int) -> dict[str, Any]:
    return {"kind": kind, "code": code, "count": count, "text": _text(tools, kind, code)}


def _text(tools: Tools, kind: Why, code: str) -> Mapping[str, str]:
    """In words; what is no more in force is told by its code."""
    if kind is Why.FAILURE:
        failure = reason_of(code)
        return {"en": failure.en, "zh": failure.zh}
    if kind is Why.REFUSAL:
        return _refusal_text(tools, code)
    try:
        return reason_text(code, tools.engine.rule_set)
    except Refused:
        return {"en": code, "zh": code}


def _refusal_text(tools: Tools, code: str) -> Mapping[str, str]:
    """Of a limit its title, of anything else what a caller is told of it."""
    titles = {rule.id: (rule.title_en, rule.title_zh) for rule in tools.rules}
    titles |= {one.code: (one.title, one.title_zh) for one in PROBLEMS.values()}
    en, zh = titles.get(code, (code, code))
    return {"en": en, "zh": zh}


def _channel(call: Call, name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    health, states = call.desk.tools.health, known["states"].get(name, {})
    succeeded, failed = states.get("SUCCEEDED", 0), states.get("FAILED", 0)
    p50, p95 = known["times"].get(name, (None, None))
    bill = known["bills"].get(name)
    return {
        "channel": name,
        "breaker": "OPEN" if health.is_open(name, now=call.now) else "CLOSED",
        "heard_share": round(health.rate(name, now=call.now), 6),
        "succeeded": succeeded,
        "failed": failed,
        "success_share": round(succeeded / (succeeded + failed), 6) if succeeded + failed else None,
        "p50_s": None if p50 is None else p50.total_seconds(),
        "p95_s": None if p95 is None else p95.total_seconds(),
        "last_bill": None if bill is None else bill.isoformat(),
    }


def _cases(standing: Standing) -> dict[str, Any]:
    return {
        "open": [{"grade": c.grade, "age_s": c.age_s, "count": c.count} for c in standing.counts],
        "late": standing.late,
        "oldest_s": standing.oldest_s,
    }


OPERATIONS = (
    Operation("get_targets", "GET", "/v1/overview/targets", "Read the institution's targets, today"
              " and for thirty days.", get_targets, scope="payments:read", query=TargetsQuery,
              answer=TargetsDocument, institution=True),
    Operation("get_activity", "GET", "/v1/overview/activity", "Read what goes on.", get_activity,
              scope="payments:read", query=ActivityQuery, answer=ActivityDocument,
              institution=True),
)  # fmt: skip
