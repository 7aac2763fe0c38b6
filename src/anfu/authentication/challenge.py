"""A challenge: one question to the customer, about one payment, answered once."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.canonical import digest

LIFETIME = timedelta(minutes=5)
ATTEMPTS = 5
# New codes for one payment: five times five guesses at a million codes.
CHALLENGES_PER_PAYMENT = 5


class State(StrEnum):
    OPEN = "OPEN"
    MET = "MET"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.OPEN: frozenset({State.MET, State.FAILED, State.EXPIRED, State.CANCELLED}),
        State.MET: frozenset(),
        State.FAILED: frozenset(),
        State.EXPIRED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a code confirms; `amount` in minor units."""

    payment: str
    payee: str
    amount: int
    currency: str

    def digest(self) -> bytes:
        """SHA-256 of the canonical bytes: changes with each of the four."""
        return digest(
            {
                "v": 1,
                "payment": self.payment,
                "payee": self.payee,
                "amount": self.amount,
                "currency": self.currency,
            }
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """One row. It knows a hash of the code and does not show it."""

    id: str
    customer: str
    payment: str
    factor: str
    link: bytes = field(repr=False)
    code_hash: bytes = field(repr=False)
    state: State
    attempts_left: int
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Result(StrEnum):
    """CLOSED: it was met or cancelled before. LOCKED: too many wrong answers, or one for other
    data. MISMATCH: the payment is not the one the code was sent for."""

    MET = "MET"
    WRONG = "WRONG"
    LOCKED = "LOCKED"
    EXPIRED = "EXPIRED"
    MISMATCH = "MISMATCH"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer was worth."""

    result: Result
    attempts_left: int


def judge(
    challenge: Challenge, *, link: bytes, code_hash: bytes, now: datetime
) -> tuple[Verdict, State]:
    """The verdict on an answer, and the state the challenge is in after it.

    1. An ended challenge is never met. 2. Its time is `opened_at <= now < expires_at`. 3. The
    linked data are those of the opening; other data spend it. 4. The code is right. Comparisons
    take the same time wherever they differ.
    """
    left = challenge.attempts_left
    if challenge.state is not State.OPEN:  # 1
        return Verdict(_ENDED[challenge.state], left), challenge.state
    if not challenge.opened_at <= now < challenge.expires_at:  # 2
        return Verdict(Result.EXPIRED, left), State.EXPIRED
    if not hmac.compare_digest(challenge.link, link):  # 3
        return Verdict(Result.MISMATCH, 0), State.FAILED
    if hmac.compare_digest(challenge.code_hash, code_hash):  # 4
        return Verdict(Result.MET, left), State.MET
    if left > 1:
        return Verdict(Result.WRONG, left - 1), State.OPEN
    return Verdict(Result.LOCKED, 0), State.FAILED


_ENDED = {
    State.MET: Result.CLOSED,
    State.CANCELLED: Result.CLOSED,
    State.FAILED: Result.LOCKED,
    State.EXPIRED: Result.EXPIRED,
}
