"""A device, its keys, its sessions and its ties to payers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from anfu.kernel.states import Moves

# A page is loaded and its profile sent within this time, and then paid from within that.
NONCE = timedelta(minutes=5)
SESSION = timedelta(minutes=30)
NONCE_BYTES = 32


class Trust(StrEnum):
    """What a key is worth: FOUNDING came with the device, ALIKE was put beside it because the
    traits agreed, CONFIRMED was that and then bound by the institution."""

    FOUNDING = "FOUNDING"
    ALIKE = "ALIKE"
    CONFIRMED = "CONFIRMED"


class Standing(StrEnum):
    """How a device stands after its profile: PROVEN by a key known before, ALIKE by its traits
    only, NEW never seen, REJECTED because the profile was not its own or not of this session."""

    PROVEN = "PROVEN"
    ALIKE = "ALIKE"
    NEW = "NEW"
    REJECTED = "REJECTED"


class SessionState(StrEnum):
    """OPEN waits for its profile."""

    OPEN = "OPEN"
    PROFILED = "PROFILED"
    REJECTED = "REJECTED"


# A profile that comes twice spoils the session it came for.
SESSION_MOVES: Moves[SessionState] = {
    SessionState.OPEN: frozenset({SessionState.PROFILED, SessionState.REJECTED}),
    SessionState.PROFILED: frozenset({SessionState.REJECTED}),
    SessionState.REJECTED: frozenset(),
}


class TieState(StrEnum):
    """SEEN: the payer was named in a session of the device. BOUND: the institution has verified
    that both belong together. REVOKED: no longer."""

    SEEN = "SEEN"
    BOUND = "BOUND"
    REVOKED = "REVOKED"


TIE_MOVES: Moves[TieState] = {
    TieState.SEEN: frozenset({TieState.BOUND, TieState.REVOKED}),
    TieState.BOUND: frozenset({TieState.REVOKED}),
    TieState.REVOKED: frozenset({TieState.BOUND}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Device:
    """`traits` are digests by name; `place` where its address was when it was last seen."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    traits: Mapping[str, str]
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A public key by its thumbprint: SHA-256 of the uncompressed point, in hex."""

    thumbprint: str
    device: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class Session:
    """One visit. `payer` None: not known when it began. `signals` are codes of what was odd;
    `bound`: the device was BOUND to the payer when this was read."""

    id: str
    nonce: bytes
    merchant_id: str | None
    payer: str | None
    state: SessionState
    created_at: datetime
    profiled_at: datetime | None = None
    address: str | None = None
    device: str | None = None
    thumbprint: str | None = None
    standing: Standing | None = None
    signals: tuple[str, ...] = ()
    place: Place | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """A device and a payer; `first_at` to `last_at` they were seen together."""

    device: str
    payer: str
    state: TieState
    first_at: datetime
    last_at: datetime
    moved_at: datetime


def is_stale(session: Session, *, now: datetime) -> bool:
    """Whether its nonce was given out too long ago to be answered."""
    return now - session.created_at >= NONCE


def is_over(session: Session, *, now: datetime) -> bool:
    """Whether it is too long since its profile for a payment to be made from it."""
    return session.profiled_at is None or now - session.profiled_at >= SESSION
