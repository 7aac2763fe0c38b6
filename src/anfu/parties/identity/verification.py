"""A verification: one question about one person to one outside channel.

UNKNOWN is not a failure: the same question is asked again under the same id until it is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.states import Moves

PREFIX = "ver"


class Kind(StrEnum):
    """The outside channels of 43号 art. 11."""

    CITIZEN_REGISTRY = "CITIZEN_REGISTRY"  # 公民身份
    BANK_CARD = "BANK_CARD"  # 银行卡四要素
    MOBILE_OPERATOR = "MOBILE_OPERATOR"  # 运营商
    CREDIT_BUREAU = "CREDIT_BUREAU"  # 征信
    FACE = "FACE"  # 人脸


class State(StrEnum):
    """ASKED: on its way. UNKNOWN: no answer that can be trusted yet."""

    ASKED = "ASKED"
    UNKNOWN = "UNKNOWN"
    CONFIRMED = "CONFIRMED"
    CONTRADICTED = "CONTRADICTED"


MOVES: Moves[State] = {
    State.ASKED: frozenset({State.ASKED, State.UNKNOWN, State.CONFIRMED, State.CONTRADICTED}),
    State.UNKNOWN: frozenset({State.ASKED}),
    State.CONFIRMED: frozenset(),
    State.CONTRADICTED: frozenset(),
}


@dataclass(frozen=True, slots=True, repr=False)
class Particulars:
    """What is asked besides the person: a card for BANK_CARD, a capture token for FACE, and for
    CITIZEN_REGISTRY the document's last day."""

    card: str | None = None
    capture: str | None = None
    document_until: date | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a question ended. `source` is the firm whose records were looked at; `bank_grade` the
    class of the bank account: I, II, III or CREDIT."""

    state: State
    reason: str | None = None
    source: str | None = None
    bank_grade: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """A question as it stands; what was asked stays sealed."""

    id: str
    onboarding: str
    kind: Kind
    attempts: int
    asked_at: datetime
    answered_at: datetime | None
    reply: Reply

    @property
    def counts(self) -> bool:
        """Whether it confirms in the sense of 43号 art. 11: a bank only by a class I account or a
        credit card."""
        if self.reply.state is not State.CONFIRMED:
            return False
        return self.kind is not Kind.BANK_CARD or self.reply.bank_grade in ("I", "CREDIT")


def independent(verifications: Sequence[Verification]) -> int:
    """How many independent channels confirm: of each kind its last answer, given in the order they
    were asked; two kinds that looked at one firm's records are one channel."""
    last = {v.kind: v for v in verifications if v.answered_at is not None}
    return len({v.reply.source for v in last.values() if v.counts})
