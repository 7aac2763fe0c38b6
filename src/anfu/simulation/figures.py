"""The figures of a run, each with what it means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from anfu.simulation.plan import INVENTED, FraudKind
from anfu.simulation.tally import (
    BLOCKED,
    CHALLENGED,
    FAILED,
    IN_REVIEW,
    REFUSED,
    REJECTED,
    SENDING,
    SUCCEEDED,
    UNKNOWN,
    Tally,
    Trace,
)

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "payments": "orders that became payments, whatever became of them",
        "succeeded": "payments that ended SUCCEEDED",
        "blocked": "payments that ended BLOCKED: by risk, or after too many wrong codes",
        "challenged": "payments whose payer was asked for a code",
        "reviewed": "payments a reviewer looked at",
        "refused": "payments refused by a limit or for want of balance",
        "unknown_seen": "payments whose outcome the network left open at first",
        "payments_per_s": "payments / seconds in which orders were placed",
        "p50_ms": "median time to the first answer to an order, in milliseconds",
        "p99_ms": "99 of 100 first answers came within this time",
        "success_rate": "honest payments that succeeded / honest payments attempted, after answers"
        " to challenges",
        "fraud_value_rate": "value of frauds that succeeded / value of all succeeded payments",
        "refunds": "refunds that succeeded",
    }
)


def figures(tally: Tally, seconds: float) -> dict[str, Any]:
    """Counts, rates between 0 and 1, values in fen."""
    made = [trace for trace in tally.traces if trace.payment is not None]
    states = Counter(trace.state for trace in made)
    times = _times(tally.traces)
    succeeded = [trace for trace in made if trace.state == SUCCEEDED]
    return {
        "payments": len(made),
        "succeeded": len(succeeded),
        "blocked": states[BLOCKED],
        "challenged": _first(made, CHALLENGED),
        "reviewed": _first(made, IN_REVIEW),
        "refused": states[REFUSED],
        "failed": states[FAILED],
        "states": dict(sorted(states.items())),
        "unknown_seen": _first(made, SENDING, UNKNOWN),
        "turned_away": dict(Counter(t.problem for t in tally.traces if t.payment is None)),
        "payments_per_s": round(len(made) / seconds, 1) if seconds else 0.0,
        "seconds": round(seconds, 2),
        "p50_ms": quantile_ms(times, 0.50),
        "p99_ms": quantile_ms(times, 0.99),
        "latency_ms": {
            "balance": _latency(trace for trace in made if trace.plan.card is None),
            "sandbox": _latency(trace for trace in made if trace.plan.card is not None),
        },
        "fraud_value_rate": _ratio(_value(t for t in succeeded if not t.plan.honest),
                                   _value(succeeded)),
        "success_rate": honest_figures(made)["success_rate"],
        "refunds": tally.refunds[SUCCEEDED],
        "refunded": tally.refunded,
        "labels": tally.labels,
        "behaviour": tally.deeds,
        "days": _days(tally),
        "honest": honest_figures(made),
        "frauds": {kind: _fraud_figures([t for t in made if t.plan.fraud is kind])
                   for kind in FraudKind if kind not in INVENTED},
        "limits": _limits(made),
    }  # fmt: skip


def honest_figures(made: Iterable[Trace]) -> dict[str, Any]:
    """What honest payers met."""
    honest = [trace for trace in made if trace.plan.honest]
    blocked = [t for t in honest if t.state == BLOCKED]
    refused = [t.refusal or {} for t in honest if t.state == REFUSED]
    short = sum(refusal.get("code") == "insufficient_funds" for refusal in refused)
    return {
        "attempted": len(honest),
        "succeeded": _last(honest, SUCCEEDED),
        "success_rate": _ratio(_last(honest, SUCCEEDED), len(honest)),
        "challenged": _first(honest, CHALLENGED),
        "challenged_rate": _ratio(_first(honest, CHALLENGED), len(honest)),
        "reviewed": _first(honest, IN_REVIEW),
        "reviewed_rate": _ratio(_first(honest, IN_REVIEW), len(honest)),
        "rejected": _last(honest, REJECTED),
        "blocked": len(blocked),
        "blocked_rate": _ratio(len(blocked), len(honest)),
        "refused_by_limit": len(refused) - short,
        "refused_for_balance": short,
        "declined_by_network": _last(honest, FAILED),
        "stopped_by": dict(
            Counter(r for t in honest if t.first in _STOPPED for r in t.reasons).most_common()
        ),
    }


def _fraud_figures(tried: Sequence[Trace]) -> dict[str, Any]:
    through = [trace for trace in tried if trace.state == SUCCEEDED]
    return {
        "attempted": len(tried),
        "let_through": len(through),
        "value": _value(tried),
        "value_let_through": _value(through),
        "blocked": _first(tried, BLOCKED),
        "challenged": _first(tried, CHALLENGED),
        "reviewed": _first(tried, IN_REVIEW),
        "refused": _first(tried, REFUSED),
        "declined_by_network": _last(tried, FAILED),
    }


def _limits(made: Iterable[Trace]) -> list[dict[str, Any]]:
    """Which limits refused how many payments, honest ones among them, each with its article."""
    met: dict[str, dict[str, Any]] = {}
    for trace in made:
        refusal = trace.refusal or {}
        if "rule" in refusal:
            row = met.setdefault(
                refusal["rule"],
                {name: refusal[name] for name in ("rule", "law", "article", "title", "limit")}
                | {"refused": 0, "honest": 0},
            )
            row["refused"] += 1
            row["honest"] += trace.plan.honest
    return sorted(met.values(), key=lambda row: -row["refused"])


def _times(traces: Iterable[Trace]) -> list[float]:
    return sorted(trace.seconds for trace in traces if trace.seconds)


def _latency(traces: Iterable[Trace]) -> dict[str, float]:
    times = _times(traces)
    return {"p50": quantile_ms(times, 0.50), "p99": quantile_ms(times, 0.99)}


def quantile_ms(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of times in seconds, given in rising order; 0 of none."""
    if not ordered:
        return 0.0
    rank = max(1, -(-len(ordered) * round(share * 1000) // 1000))
    return round(ordered[rank - 1] * 1000, 2)


def _days(tally: Tally) -> float:
    """How much simulated time went by."""
    if not tally.traces or tally.today is None:
        return 0.0
    first = min(trace.plan.at for trace in tally.traces)
    return round((tally.today - first).total_seconds() / 86_400, 2)


def _first(traces: Iterable[Trace], *states: str) -> int:
    return sum(trace.first in states for trace in traces)


def _last(traces: Iterable[Trace], *states: str) -> int:
    return sum(trace.state in states for trace in traces)


def _value(traces: Iterable[Trace]) -> int:
    return sum(trace.amount for trace in traces)


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0


_STOPPED = (BLOCKED, CHALLENGED, IN_REVIEW)
