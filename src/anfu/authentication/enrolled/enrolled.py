"""An enrolled factor: its life from set-up to loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.canonical import digest
from anfu.kernel.states import Moves

PREFIX = "fac"
# A factor set up beside or after another one may be a thief's: the customer has this time to
# answer the notice.
COOLING_OFF = timedelta(hours=24)
# A set-up that is not confirmed by then is none.
CONFIRM_WITHIN = timedelta(minutes=15)
# Wrong answers in a row, over however many challenges, and for how long it is then out of use.
FAILURES, LOCK = 10, timedelta(hours=1)
# Wrong confirmations of one set-up.
CONFIRMATIONS = 5
FACTORS_MOST = 16
KINDS = ("password", "totp", "hotp", "passkey", "device_key", "face")


class State(StrEnum):
    """PENDING: not confirmed yet. LOST: reported by the customer."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    LOST = "LOST"
    REMOVED = "REMOVED"


MOVES: Moves[State] = MappingProxyType(
    {
        State.PENDING: frozenset({State.ACTIVE, State.REMOVED}),
        State.ACTIVE: frozenset({State.LOST, State.REMOVED}),
        State.LOST: frozenset(),
        State.REMOVED: frozenset(),
    }
)
ENDS: Mapping[str, State] = MappingProxyType({"lost": State.LOST, "removed": State.REMOVED})


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One row. `handle`: the id of a passkey. `verifier`: a public key, an Argon2id hash, or what
    a firm of face checks knows the face as."""

    id: str
    customer: str
    kind: str
    label: str
    state: State
    created_at: datetime
    handle: str | None = None
    verifier: bytes = field(default=b"", repr=False)
    counter: int = -1
    failures: int = 0
    locked_until: datetime | None = None
    usable_from: datetime | None = None
    ended_at: datetime | None = None

    def usable(self, *, now: datetime) -> bool:
        """Whether it can prove anything now."""
        begun = self.usable_from is not None and self.usable_from <= now
        locked = self.locked_until is not None and now < self.locked_until
        return self.state is State.ACTIVE and begun and not locked

    @property
    def setup_bytes(self) -> bytes:
        """What the new key signs when it is set up, 32 bytes."""
        return digest({"v": 1, "factor": self.id, "customer": self.customer})


def usable_from(others: bool, *, now: datetime) -> datetime:
    """When a factor confirmed now may be used. `others`: the customer has, or has had, one."""
    return now + COOLING_OFF if others else now
