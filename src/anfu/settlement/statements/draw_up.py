"""Draw up: a merchant's statement, read from the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anfu.parties import queries as parties
from anfu.settlement.cycles.line import Line
from anfu.settlement.cycles.queries import list_lines, list_of_days
from anfu.settlement.statements.statement import Statement, parse_period
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose statement of which period; `scope` is the caller's merchant, None the institution."""

    merchant: str
    currency: str
    period: str
    scope: str | None


async def draw_up(tx: Tx, wish: Wish) -> Statement:
    """Raises Refused: merchant_not_found, period_invalid."""
    first, last = parse_period(wish.period)
    found = await parties.get_merchant(tx, wish.merchant, merchant=wish.scope)
    made = await list_of_days(tx, found.id, wish.currency, first, last)
    lines: dict[str, Sequence[Line]] = {
        one.id: await list_lines(tx, [one.id]) for one in made
    }  # fmt: skip
    return Statement(found.id, found.name, wish.currency, first, last, made, lines)
