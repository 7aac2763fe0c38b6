"""A statement: the settlements of a period and their lines, as they stand in the books."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from anfu.kernel.errors import Refused
from anfu.settlement.cycles.line import Line
from anfu.settlement.cycles.settlement import Settlement

_MONTH, _DAY = re.compile(r"[0-9]{4}-[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Item(NamedTuple):
    """One row: minor units with their sign. The `net` of all rows of a settlement but the last add
    up to the net of the last."""

    settlement: str
    day: date
    at: str
    kind: str
    entry: str
    payment: str
    amount: int
    fee: int
    net: int


@dataclass(frozen=True, slots=True)
class Statement:
    """`lines` are by settlement, in order of time."""

    merchant: str
    name: str
    currency: str
    first: date
    last: date
    settlements: Sequence[Settlement]
    lines: dict[str, Sequence[Line]]


def parse_period(text: str) -> tuple[date, date]:
    """First and last day of `2026-02` or `2026-02-17`. Raises Refused `period_invalid`."""
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return day, day
        if _MONTH.fullmatch(text):
            first = date.fromisoformat(f"{text}-01")
            return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    except (ValueError, OverflowError):
        pass
    raise Refused("period_invalid", field="period")


def items_of(statement: Statement) -> Iterator[Item]:
    """Every row, settlement by settlement: what was carried in, the lines, what was kept back,
    given and paid, what is carried out."""
    for made in statement.settlements:
        yield _sum(made, "CARRIED_IN", made.carried_in)
        for line in statement.lines.get(made.id, ()):
            yield Item(
                made.id, made.span.day, line.at.isoformat(), line.kind, line.entry,
                line.payment or "", line.amount, -line.fee, line.amount - line.fee,
            )  # fmt: skip
        yield _sum(made, "RELEASED", made.released)
        yield _sum(made, "RETAINED", -made.retained)
        yield _sum(made, "PAID", -made.paid)
        yield _sum(made, "CARRIED_OUT", made.carried_out)


def totals_of(statement: Statement) -> dict[str, int]:
    """The sums of the period, with their sign: from `carried_in` they add up to `carried_out`."""
    made = statement.settlements
    return {
        "carried_in": made[0].carried_in if made else 0,
        "payments": sum(one.payments for one in made),
        "refunds": -sum(one.refunds for one in made),
        "returned": sum(one.returned for one in made),
        "other": sum(one.other for one in made),
        "fees": -sum(one.fees for one in made),
        "released": sum(one.released for one in made),
        "retained": -sum(one.retained for one in made),
        "paid": -sum(one.paid for one in made),
        "carried_out": made[-1].carried_out if made else 0,
    }


def _sum(made: Settlement, kind: str, amount: int) -> Item:
    return Item(made.id, made.span.day, "", kind, "", "", amount, 0, amount)
