"""The made-up network's own records: payments, refunds and reversals by orderId."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from anfu.channels.unionpay.messages import Fields
from anfu.channels.unionpay.scenes import PAY, REVERSAL
from anfu.kernel.periods import civil_date

_CHANGING = frozenset({"certId", "signature"})


@dataclass(frozen=True, slots=True)
class Record:
    """`fields` as asked; `code` how it stands (origRespCode), None while the payer is awaited;
    `query_id` and `done_at` once it is done; `tn` what the payer's link ends with."""

    fields: Fields
    tn: str
    code: str | None = None
    query_id: str = ""
    done_at: datetime | None = None

    @property
    def amount(self) -> int:
        return int(self.fields["txnAmt"])

    @property
    def kind(self) -> str:
        return self.fields["txnType"]

    def same_as(self, fields: Fields) -> bool:
        mine, others = (
            {name: value for name, value in each.items() if name not in _CHANGING}
            for each in (self.fields, fields)
        )
        return mine == others


class Orders:
    """One event loop at a time."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}

    def find(self, order_id: str) -> Record | None:
        return self._records.get(order_id)

    def find_link(self, tn: str) -> Record | None:
        return next((r for r in self._records.values() if r.tn == tn), None)

    def put(self, record: Record) -> Record:
        self._records[record.fields["orderId"]] = record
        return record

    def finish(self, record: Record, code: str, query_id: str, at: datetime) -> Record:
        """Done (00) or declined, once and for all."""
        done = code == "00"
        ended = replace(
            record, code=code, query_id=query_id if done else "", done_at=at if done else None
        )
        return self.put(ended)

    def back_code(self, fields: Fields) -> str:
        """The code of a refund or reversal that is asked for: 00, or why not."""
        paid = next((r for r in self._done() if r.query_id == fields.get("origQryId")), None)
        if paid is None or paid.kind != PAY:
            return "35"
        back = [r for r in self._done() if r.fields.get("origQryId") == paid.query_id]
        left = paid.amount - sum(r.amount for r in back)
        amount = int(fields["txnAmt"])
        if left == 0:
            return "45"
        whole = fields["txnType"] != REVERSAL or amount == paid.amount
        return "00" if amount <= left and whole else "36"

    def settled(self, day: date) -> list[Record]:
        """What was done for a settlement date, in the order it was done."""
        done = [r for r in self._done() if settle_date(r.done_at) == day]
        return sorted(done, key=lambda r: r.query_id)

    def original(self, record: Record) -> Record | None:
        wanted = record.fields.get("origQryId")
        return next((r for r in self._done() if wanted and r.query_id == wanted), None)

    def _done(self) -> list[Record]:
        return [r for r in self._records.values() if r.done_at is not None]


def settle_date(moment: datetime | None) -> date:
    """The settlement date of a moment: it changes at 23:00, Beijing time."""
    assert moment is not None
    return civil_date(moment + timedelta(hours=1))
