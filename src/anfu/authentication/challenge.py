"""A challenge: one question to the customer, about one payment, answered once."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from anfu.authentication.policy import Ways, is_met
from anfu.kernel.canonical import digest

LIFETIME = timedelta(minutes=5)
ATTEMPTS = 5
# New codes for one payment: five times five guesses at a million codes.
CHALLENGES_PER_PAYMENT = 5
# New codes for one challenge: the first may be on its way still.
CODES_PER_CHALLENGE = 3


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
    """What a proof confirms; `amount` in minor units, `order` the merchant's number."""

    payment: str
    payee: str
    amount: int
    currency: str
    order: str | None = None

    def digest(self) -> bytes:
        """SHA-256 of the canonical bytes: changes with each of the five."""
        return digest(
            {
                "v": 2,
                "payment": self.payment,
                "payee": self.payee,
                "amount": self.amount,
                "currency": self.currency,
                "order": self.order,
            }
        )


def signed_bytes(challenge: str, link: bytes) -> bytes:
    """What a passkey or a device key signs, 32 bytes: the link, for that challenge only. A page
    works it out of what it shows to the payer, so that what was shown is what is signed."""
    return digest({"v": 1, "challenge": challenge, "link": link.hex()})


@dataclass(frozen=True, slots=True)
class Challenge:
    """One row. It knows a hash of the code, if one was sent, and does not show it. `ways`: sets of
    factors that meet it; `proven` those that were. `device`: the one the payment came from."""

    id: str
    customer: str
    payment: str
    ways: Ways
    proven: tuple[str, ...]
    device: str | None
    link: bytes = field(repr=False)
    code_hash: bytes | None = field(repr=False)
    codes_sent: int
    state: State
    attempts_left: int
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    def is_open(self, link: bytes, *, now: datetime) -> bool:
        """Whether an answer about what is linked is worth looking at."""
        waits = self.state is State.OPEN and self.opened_at <= now < self.expires_at
        return waits and hmac.compare_digest(self.link, link)


class Result(StrEnum):
    """CLOSED: it was met or cancelled before. LOCKED: too many wrong answers, or one for other
    data. MISMATCH: the payment is not the one the challenge was opened for. MORE: right, and
    another factor is needed."""

    MET = "MET"
    MORE = "MORE"
    WRONG = "WRONG"
    LOCKED = "LOCKED"
    EXPIRED = "EXPIRED"
    MISMATCH = "MISMATCH"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer was worth. `proven`: every factor of the challenge so far."""

    result: Result
    attempts_left: int
    proven: tuple[str, ...] = ()


def judge(
    challenge: Challenge, *, link: bytes, factor: str, right: bool, now: datetime
) -> tuple[Verdict, State]:
    """The verdict on an answer by `factor`, `right` or not, and the state of the challenge then.

    1. An ended challenge is never met. 2. Its time is `opened_at <= now < expires_at`. 3. The
    linked data are those of the opening; other data spend it. 4. The answer is right; what is
    proven then is the end of one of the ways, or another factor is needed.
    """
    left, proven = challenge.attempts_left, challenge.proven
    if challenge.state is not State.OPEN:  # 1
        return Verdict(_ENDED[challenge.state], left, proven), challenge.state
    if not challenge.opened_at <= now < challenge.expires_at:  # 2
        return Verdict(Result.EXPIRED, left, proven), State.EXPIRED
    if not hmac.compare_digest(challenge.link, link):  # 3
        return Verdict(Result.MISMATCH, 0, proven), State.FAILED
    return _judge_answer(challenge, (*proven, factor) if right else None)  # 4


def _judge_answer(challenge: Challenge, proven: tuple[str, ...] | None) -> tuple[Verdict, State]:
    """`proven`: every factor that is proven now, None after a wrong answer."""
    left = challenge.attempts_left
    if proven is None:
        if left > 1:
            return Verdict(Result.WRONG, left - 1, challenge.proven), State.OPEN
        return Verdict(Result.LOCKED, 0, challenge.proven), State.FAILED
    if is_met(challenge.ways, proven):
        return Verdict(Result.MET, left, proven), State.MET
    return Verdict(Result.MORE, left, proven), State.OPEN


_ENDED = {
    State.MET: Result.CLOSED,
    State.CANCELLED: Result.CLOSED,
    State.FAILED: Result.LOCKED,
    State.EXPIRED: Result.EXPIRED,
}
