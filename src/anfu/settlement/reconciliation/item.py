"""An item (对账项): a line or a payment, or both, that did not simply agree, and what became of it.

The states are those the trade knows (Hyperswitch's with the Chinese terms). A line and a payment
that agree on the day make no item. LONG 长款: the network did it and our books do not say so.
SHORT 短款: our books say so and the network's bill does not, first in doubt until the next bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.states import Moves, final_states

PREFIX = "rci"
AUTO = "auto"
"""Who did what the policy does by itself."""


class Leg(StrEnum):
    """TRADE: payments and the trade bill; FUND: trade bill and fund bill; BANK: the fund bill's
    settlements and our bank's statement."""

    TRADE = "TRADE"
    FUND = "FUND"
    BANK = "BANK"


class State(StrEnum):
    """Where an item stands. IN_DOUBT 存疑: ours is done, the line may come with the next bill.
    POSTED 挂账: on a suspense account. CLEARED 销账: taken off it by an entry."""

    EXPECTED = "EXPECTED"
    MATCHED = "MATCHED"
    LONG = "LONG"
    SHORT = "SHORT"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    STATUS_MISMATCH = "STATUS_MISMATCH"
    FEE_MISMATCH = "FEE_MISMATCH"
    DUPLICATE = "DUPLICATE"
    IN_DOUBT = "IN_DOUBT"
    POSTED = "POSTED"
    CLEARED = "CLEARED"
    VOID = "VOID"


MISMATCHES = frozenset(
    {State.AMOUNT_MISMATCH, State.CURRENCY_MISMATCH, State.STATUS_MISMATCH, State.FEE_MISMATCH}
)
_ENDS = frozenset({State.POSTED, State.MATCHED, State.VOID})
_FOUND = MISMATCHES | {State.DUPLICATE}
MOVES: Moves[State] = MappingProxyType(
    {
        State.EXPECTED: MISMATCHES
        | {State.IN_DOUBT, State.LONG, State.DUPLICATE, State.MATCHED, State.VOID},
        State.IN_DOUBT: _ENDS | MISMATCHES | {State.SHORT},
        State.SHORT: _ENDS | MISMATCHES,
        State.LONG: _ENDS,
        **dict.fromkeys(_FOUND, _ENDS),
        State.POSTED: frozenset({State.CLEARED}),
        # The bill it was found in, or matched by, was replaced by another one.
        State.MATCHED: frozenset({State.VOID, State.IN_DOUBT}),
        State.CLEARED: frozenset(),
        State.VOID: frozenset(),
    }
)
FINAL = final_states(MOVES)
OPEN = frozenset(State) - {State.MATCHED, State.CLEARED, State.VOID}
# What a later bill may still bring the line of.
WAITING = (State.EXPECTED, State.IN_DOUBT, State.SHORT, State.POSTED)


@dataclass(frozen=True, slots=True)
class Item:
    """`cls` is the class it was found in, which a later bill may correct. Amounts in minor units,
    of refunds positive; of the legs FUND and BANK as they move our account."""

    id: str
    bill: str
    channel: str
    leg: Leg
    day: date
    cls: State
    state: State
    number: str
    refund: str
    reference: str
    row: int | None
    line_amount: int | None
    line_currency: str | None
    line_fee: int | None
    line_state: str | None
    line_at: datetime | None
    fee_due: int | None
    our_amount: int | None
    our_currency: str | None
    our_state: str | None
    our_at: datetime | None
    found_at: datetime
    updated_at: datetime
    matched_bill: str | None
    entries: tuple[str, ...]
    by: str | None
    tasked: bool

    def age_days(self, today: date) -> int:
        """Full days since the day it belongs to."""
        return (today - self.day).days


def positions(item: Item) -> Mapping[str, int]:
    """By currency, what the channel has of us beyond what our books say; negative: what it lacks.

    The fee of a FEE_MISMATCH beyond the agreed one is money it lacks. None where nothing differs
    in money.
    """
    found: dict[str, int] = {}
    sign = -1 if item.refund else 1
    if item.cls is State.FEE_MISMATCH:
        assert item.line_currency is not None
        found[item.line_currency] = (item.fee_due or 0) - (item.line_fee or 0)
    else:
        if item.line_state == "DONE" and item.line_currency is not None:
            found[item.line_currency] = sign * (item.line_amount or 0)
        ours = item.our_state == "DONE" and item.cls is not State.DUPLICATE
        if ours and item.our_currency is not None:
            before = found.get(item.our_currency, 0)
            found[item.our_currency] = before - sign * (item.our_amount or 0)
    return {currency: amount for currency, amount in sorted(found.items()) if amount}
