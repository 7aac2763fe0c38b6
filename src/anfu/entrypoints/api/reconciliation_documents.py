"""The forms of bills, items and treatments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, Request, Text
from anfu.settlement.reconciliation.bill import Version
from anfu.settlement.reconciliation.item import Leg, State
from anfu.settlement.reconciliation.treatment import Act
from anfu.settlement.reconciliation.treatment import State as TreatmentState


class BillQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of one channel, of one day."""

    limit: Limit = 20
    after: Id | None = None
    channel: Id | None = None
    day: date | None = None


class ItemQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """`tasked`: those a person must look at."""

    limit: Limit = 20
    after: Id | None = None
    channel: Id | None = None
    day: date | None = None
    state: State | None = None
    tasked: bool | None = None


class SumDocument(Struct, frozen=True, rename={"cls": "class"}):
    """Of one class and currency: lines of the bill with their fees, payments of ours; refunds are
    negative. LATE: lines that earlier days waited for."""

    cls: str
    currency: str
    lines: int
    line_sum: int
    fee_sum: int
    payments: int
    payment_sum: int


class BillDocument(Struct, frozen=True):
    """A bill of a channel's day; `size` 0: the channel said that there is none."""

    id: str
    object: Literal["bill"]
    channel: str
    kind: Literal["TRADE", "FUND", "BANK"]
    day: date
    state: Version
    name: str
    sha256: str
    size: int
    created_at: datetime
    by: str
    decided_by: str | None
    decided_at: datetime | None
    sums: list[SumDocument]


class BillList(Struct, frozen=True):
    """A page of bills, without their sums."""

    object: Literal["list"]
    data: list[BillDocument]
    more: bool


class LineDocument(Struct, frozen=True):
    """What the bill says; `fee_due`: the fee as agreed."""

    row: int
    amount: int | None
    currency: str | None
    fee: int | None
    fee_due: int | None
    state: str | None
    at: datetime | None


class OursDocument(Struct, frozen=True):
    """What our books say."""

    amount: int
    currency: str
    state: str | None
    at: datetime | None


class TreatmentForm(Request, frozen=True):
    """`target` of a CLEAR: `channel` (it has put it right), `result` (gain or loss), or the party
    whose balance takes it. `reason` is kept in the evidence by its digest."""

    act: Act
    reason: Text
    target: Id | None = None


class TreatmentDocument(Struct, frozen=True):
    """What one person proposed about an item, and what another made of it."""

    id: str
    object: Literal["treatment"]
    item: str
    act: Act
    target: str | None
    reason: str
    state: TreatmentState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class ItemDocument(Struct, frozen=True, rename={"cls": "class"}):
    """A line or a payment, or both, that did not simply agree. `positions`: by currency, what the
    channel has of us beyond our books; negative: what it lacks. `acts`: what may be proposed."""

    id: str
    object: Literal["reconciliation_item"]
    bill: str
    channel: str
    leg: Leg
    day: date
    cls: State
    state: State
    age_days: int
    number: str | None
    refund: str | None
    reference: str | None
    line: LineDocument | None
    ours: OursDocument | None
    positions: dict[str, int]
    matched_bill: str | None
    entries: list[str]
    by: str | None
    tasked: bool
    acts: list[Act]
    found_at: datetime
    updated_at: datetime
    treatments: list[TreatmentDocument]


class ItemList(Struct, frozen=True):
    """A page of items, without their treatments."""

    object: Literal["list"]
    data: list[ItemDocument]
    more: bool
