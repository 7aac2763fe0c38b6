"""A verification: one question about one person or firm to one outside channel.

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


class FirmKind(StrEnum):
    """What is asked about a firm (261号 一(五)); the last two are about who acts for it."""

    FIRM_REGISTRY = "FIRM_REGISTRY"  # 企业登记
    TAX_AUTHORITY = "TAX_AUTHORITY"  # 税务
    CORPORATE_ACCOUNT = "CORPORATE_ACCOUNT"  # 对公账户
    FIRM_BUREAU = "FIRM_BUREAU"  # 企业征信
    REPRESENTATIVE = "REPRESENTATIVE"  # 法定代表人的公民身份
    AGENT = "AGENT"  # 经办人的公民身份


# A firm with one of these is not there any more, or may have no account (261号 一(五)).
BARRED = frozenset({"DISHONEST", "REVOKED", "CANCELLED"})


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
    """What is asked besides the person or firm: a card for BANK_CARD, a capture token for FACE, a
    bank account for CORPORATE_ACCOUNT, and the last day of the document or licence."""

    card: str | None = None
    capture: str | None = None
    document_until: date | None = None
    bank_account: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """How a question ended. `source` is the firm whose records were looked at; `bank_grade` the
    class of the bank account: I, II, III or CREDIT; `firm_state` how the registry of firms has
    the firm."""

    state: State
    reason: str | None = None
    source: str | None = None
    bank_grade: str | None = None
    firm_state: str | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """A question as it stands; what was asked stays sealed. `about`: an onboarding or a firm."""

    id: str
    about: str
    kind: Kind | FirmKind
    attempts: int
    asked_at: datetime
    answered_at: datetime | None
    reply: Reply

    @property
    def counts(self) -> bool:
        """Whether it confirms in the sense of 43号 art. 11: a bank only by a class I account or a
        credit card; the registry of firms only a firm that may have an account."""
        if self.reply.state is not State.CONFIRMED:
            return False
        if self.kind is FirmKind.FIRM_REGISTRY:
            return self.reply.firm_state is not None and self.reply.firm_state not in BARRED
        return self.kind is not Kind.BANK_CARD or self.reply.bank_grade in ("I", "CREDIT")


def independent(verifications: Sequence[Verification]) -> int:
    """How many independent channels confirm: of each kind its last answer, given in the order they
    were asked; two kinds that looked at one firm's records are one channel."""
    last = {v.kind: v for v in verifications if v.answered_at is not None}
    return len({v.reply.source for v in last.values() if v.counts})
