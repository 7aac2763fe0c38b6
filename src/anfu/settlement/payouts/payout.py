"""A payout and its states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.states import Moves

PREFIX = "pyo"
# Behind the payout's id: its further entries in the ledger.
PAID, RETURN = ".paid", ".return"


class State(StrEnum):
    """PREPARED: in transit in the ledger, the bank knows nothing of it. SENT: the bank has it, or
    may have it. UNKNOWN: it has not answered; it is asked again. PAID: the bank has paid. RETURNED:
    it would not, or the money came back; it stands on the merchant's balance again."""

    PREPARED = "PREPARED"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    PAID = "PAID"
    RETURNED = "RETURNED"


MOVES: Moves[State] = MappingProxyType(
    {
        State.PREPARED: frozenset({State.SENT}),
        State.SENT: frozenset({State.UNKNOWN, State.PAID, State.RETURNED}),
        State.UNKNOWN: frozenset({State.SENT, State.PAID, State.RETURNED}),
        State.PAID: frozenset({State.RETURNED}),
        State.RETURNED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Payout:
    """`amount` minor units to the account of `terms`. `reference` is the bank's, `reason` why it
    came back."""

    id: str
    settlement: str
    merchant: str
    currency: str
    amount: int
    payable_on: date
    terms: str
    made_at: datetime
    moved_at: datetime
    state: State = State.PREPARED
    batch: str | None = None
    reference: str | None = None
    reason: str | None = None
