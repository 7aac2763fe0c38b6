"""Erasure (删除): a person's wish to be forgotten, and what the law keeps in spite of it.

Retention wins (个人信息保护法 art. 47(2), 反洗钱法 art. 34): what a law asks for is then only
stored. The longest period holds for all that stands together (令〔2025〕11号 art. 44).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anfu.kernel.periods import civil_date
from anfu.kernel.states import Moves

PREFIX = "ers"


class State(StrEnum):
    """REQUESTED: waits for a second person. STORED: kept by law and read by no operation. ERASED:
    nothing of the person is left."""

    REQUESTED = "REQUESTED"
    DECLINED = "DECLINED"
    STORED = "STORED"
    ERASED = "ERASED"


MOVES: Moves[State] = {
    State.REQUESTED: frozenset({State.DECLINED, State.STORED}),
    State.DECLINED: frozenset(),
    State.STORED: frozenset({State.ERASED}),
    State.ERASED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """`answer` is why it was declined (art. 50); `last_used_at` when money last moved;
    `keep_until` the last day something is kept."""

    id: str
    customer: str
    state: State
    reason: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    answer: str | None = None
    last_used_at: datetime | None = None
    keep_until: date | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """Years a kind of data is kept from the end of what it is about, and the law that says so."""

    what: str
    years: int
    law: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of data and its last day."""

    retention: Retention
    until: date


IDENTITY = Retention(
    "identity", 10, "反洗钱法 34; 令〔2025〕11号 44",
    "name, telephone number, document and how they were verified", "姓名、电话、证件及其核验记录",
)  # fmt: skip
TRANSACTIONS = Retention(
    "transactions", 10, "反洗钱法 34; 令〔2025〕11号 44",
    "payments, refunds, deposits, mandates, decisions about them and the books",
    "支付、退款、充值、免密支付协议、相关决策与账务记录",
)  # fmt: skip
OPERATIONS = Retention(
    "operations", 5, "公告〔2015〕43号 16",
    "records of operations on the account: devices, agreed limits, stop orders",
    "账户操作记录：设备、约定限额、止付指令",
)  # fmt: skip
CONSENTS = Retention(
    "consents", 3, "令〔2020〕5号 18; 国令790 12",
    "consents, and who saw the data in clear", "同意记录与明文查看记录",
)  # fmt: skip
# What no law keeps goes at once.
ERASED_AT_ONCE = ("face_capture", "reference", "factors")


def keep(*, ended_at: datetime, last_used_at: datetime | None) -> Sequence[Kept]:
    """What is kept of a customer whose account ended then, and until which day."""
    ends = {IDENTITY: ended_at, OPERATIONS: ended_at, CONSENTS: ended_at}
    if last_used_at is not None:
        ends[TRANSACTIONS] = last_used_at
    return [Kept(what, _years_on(civil_date(at), what.years)) for what, at in ends.items()]


def _years_on(day: date, years: int) -> date:
    """The same day later; after 29 February the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
