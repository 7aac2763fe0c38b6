"""The states of a hold. It is resolved once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.states import Moves


class HoldState(StrEnum):
    HELD = "HELD"
    POSTED = "POSTED"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"


MOVES: Moves[HoldState] = MappingProxyType(
    {
        HoldState.HELD: frozenset({HoldState.POSTED, HoldState.VOIDED, HoldState.EXPIRED}),
        HoldState.POSTED: frozenset(),
        HoldState.VOIDED: frozenset(),
        HoldState.EXPIRED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A promise. `posted` is the part that was moved, None unless POSTED."""

    id: str
    debit: str
    credit: str
    asset: str
    amount: int
    state: HoldState
    at: datetime
    expires_at: datetime
    resolved_at: datetime | None
    posted: int | None
