"""A case (案件): what a person must look at, the decisions it is about, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR
from anfu.kernel.states import Moves
from anfu.risk.rules import Grade

PREFIX, VOICE, NOTE = "cas", "voi", "nte"
BLOCKED = "BLOCKED"
"""The fate of a payment that never waited and is looked at for quality."""


class State(StrEnum):
    """Where a case stands."""

    OPEN = "OPEN"  # waits for somebody to take it
    CLAIMED = "CLAIMED"  # somebody works on it
    CONFIRMING = "CONFIRMING"  # one person has said, a second one must
    CLOSED = "CLOSED"  # there is a verdict on everything in it


MOVES: Moves[State] = MappingProxyType(
    {
        State.OPEN: frozenset({State.CLAIMED, State.CLOSED}),
        State.CLAIMED: frozenset({State.OPEN, State.CONFIRMING, State.CLOSED}),
        State.CONFIRMING: frozenset({State.CLAIMED, State.OPEN, State.CLOSED}),
        State.CLOSED: frozenset({State.OPEN}),
    }
)


class Verdict(StrEnum):
    """What a person says of a decision: let it go on, or end it."""

    RELEASE = "RELEASE"
    REJECT = "REJECT"


class VoiceState(StrEnum):
    """SAID waits for a second person."""

    SAID = "SAID"
    FINAL = "FINAL"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands. Amounts in minor units of `currency`: `amount` of everything that was
    held or asked about, `at_stake` of what still waits for a verdict and would move money. `policy`
    is the version it was opened by, `holder` and every other person the id of an API key.

    `due_at`: until when the first response is in time. `waiting_at`: since when nobody works on it;
    `level` and `next_at`: how often that was escalated, and when it will be again. `revision` grows
    with every change of what it is about or of what was said of it.
    """

    id: str
    opened_at: datetime
    policy: str
    currency: str
    state: State
    grade: Grade
    score: int
    amount: int
    at_stake: int
    count: int
    revision: int
    queue: str
    holder: str | None
    due_at: datetime
    waiting_at: datetime
    responded_at: datetime | None
    level: int
    next_at: datetime | None
    closed_at: datetime | None
    reopened: int

    def late(self, *, now: datetime) -> bool:
        """Whether its first response came, or is still to come, after its time."""
        return (self.responded_at or now) > self.due_at

    def require_holder(self, key: str) -> None:
        """Raises Refused: case_closed, case_not_claimed, case_not_yours."""
        if self.state is State.CLOSED:
            raise Refused("case_closed", field="case")
        if self.holder is None:
            raise Refused("case_not_claimed", field="case")
        if self.holder != key:
            raise Refused("case_not_yours", field="case", holder=self.holder)


@dataclass(frozen=True, slots=True)
class Item:
    """A decision a case is about; `event` is the id of our payment, or the caller's id of what its
    own switch will do. `held`: a payment of ours waits for the verdict. `fate`: the state in which
    the payment waited no more."""

    decision: str
    case_id: str
    event: str
    at: datetime
    amount: int
    grade: Grade
    score: int
    held: bool
    fate: str | None = None
    verdict: Verdict | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def at_stake(self) -> int:
        """What its verdict would move."""
        return self.amount if self.verdict is None and self.fate is None else 0

    @property
    def counted(self) -> int:
        """Its part in the case's amount."""
        return 0 if self.fate == BLOCKED else self.amount


@dataclass(frozen=True, slots=True)
class Voice:
    """A verdict on `decisions`, with its reason code. `two`: it takes a `second` person, who
    confirmed or declined it."""

    id: str
    case_id: str
    at: datetime
    by: str
    verdict: Verdict
    reason: str
    decisions: tuple[str, ...]
    two: bool
    state: VoiceState
    second: str | None = None
    second_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Free text, sealed for its id; `digest` is what the evidence keeps of it."""

    id: str
    case_id: str
    at: datetime
    by: str
    sealed: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Act:
    """Something done with a case; `by` None is Anfu itself."""

    case_id: str
    at: datetime
    kind: str
    by: str | None
    detail: str


def undecided(items: Sequence[Item]) -> list[Item]:
    """Those nobody has said anything of."""
    return [item for item in items if item.verdict is None]


def _capped(amount: int) -> int:
    """A sum of amounts stops at the largest number that documents and the evidence can say."""
    return min(amount, MAX_MINOR)


def joined(case: Case, items: Sequence[Item]) -> Case:
    """The case with `items` more in it."""
    return replace(
        case,
        grade=max([case.grade, *(i.grade for i in items)], key=list(Grade).index),
        score=max([case.score, *(i.score for i in items)]),
        amount=_capped(case.amount + sum(i.counted for i in items)),
        at_stake=_capped(case.at_stake + sum(i.at_stake for i in items)),
        count=case.count + len(items),
        revision=case.revision + 1,
    )


def weighed(case: Case, items: Sequence[Item]) -> Case:
    """The case as its items, all of them, now stand."""
    at_stake = _capped(sum(i.at_stake for i in items))
    return replace(case, at_stake=at_stake, revision=case.revision + 1)


def waiting(case: Case, *, next_at: datetime | None, now: datetime) -> Case:
    """The case for anybody to take, its escalation begun anew."""
    return replace(case, state=State.OPEN, holder=None, waiting_at=now, level=0, next_at=next_at)


def closed(case: Case, *, now: datetime) -> Case:
    """The case with a verdict on everything in it."""
    return replace(
        case, state=State.CLOSED, holder=None, next_at=None, closed_at=now,
        responded_at=case.responded_at or now,
    )  # fmt: skip
