"""The documents others read of bills, items and treatments, and the leaves of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from anfu.kernel.canonical import digest
from anfu.payments.document import encode, rfc3339
from anfu.settlement.reconciliation.bill import KeptBill, Sum
from anfu.settlement.reconciliation.item import Item, positions
from anfu.settlement.reconciliation.treatment import Treatment, acts_of


def bill_document(bill: KeptBill, sums: Sequence[Sum]) -> dict[str, Any]:
    """A bill as JSON values."""
    return {
        "id": bill.id,
        "object": "bill",
        "channel": bill.channel,
        "kind": bill.kind,
        "day": bill.day.isoformat(),
        "state": bill.state,
        "name": bill.name,
        "sha256": bill.digest.hex(),
        "size": bill.size,
        "created_at": rfc3339(bill.at),
        "by": bill.by,
        "decided_by": bill.decided_by,
        "decided_at": bill.decided_at and rfc3339(bill.decided_at),
        "sums": [_sum(row) for row in sums],
    }


def bill_leaf(bill: KeptBill, sums: Sequence[Sum]) -> dict[str, Any]:
    """What the evidence keeps: the file by its hash, and all it came to."""
    document = bill_document(bill, sums)
    return {name: value for name, value in document.items() if name not in ("id", "object", "name")}


def encode_bill(bill: KeptBill, sums: Sequence[Sum]) -> bytes:
    """The document as bytes."""
    return encode(bill_document(bill, sums))


def _sum(row: Sum) -> dict[str, Any]:
    return {
        "class": row.cls,
        "currency": row.currency,
        "lines": row.lines,
        "line_sum": row.line_sum,
        "fee_sum": row.fee_sum,
        "payments": row.ours,
        "payment_sum": row.our_sum,
    }


def item_document(
    item: Item, treatments: Sequence[Treatment] = (), *, today: date
) -> dict[str, Any]:
    """An item as JSON values; `line` is what the bill says, `ours` what our books say."""
    return {
        "id": item.id,
        "object": "reconciliation_item",
        "bill": item.bill,
        "channel": item.channel,
        "leg": item.leg,
        "day": item.day.isoformat(),
        "class": item.cls,
        "state": item.state,
        "age_days": item.age_days(today),
        "number": item.number or None,
        "refund": item.refund or None,
        "reference": item.reference or None,
        "line": _line(item),
        "ours": _ours(item),
        "positions": dict(positions(item)),
        "matched_bill": item.matched_bill,
        "entries": list(item.entries),
        "by": item.by,
        "tasked": item.tasked,
        "acts": acts_of(item),
        "found_at": rfc3339(item.found_at),
        "updated_at": rfc3339(item.updated_at),
        "treatments": [treatment_document(treatment) for treatment in treatments],
    }


def _line(item: Item) -> dict[str, Any] | None:
    if item.row is None:
        return None
    return {
        "row": item.row,
        "amount": item.line_amount,
        "currency": item.line_currency,
        "fee": item.line_fee,
        "fee_due": item.fee_due,
        "state": item.line_state,
        "at": item.line_at and rfc3339(item.line_at),
    }


def _ours(item: Item) -> dict[str, Any] | None:
    if item.our_amount is None:
        return None
    return {
        "amount": item.our_amount,
        "currency": item.our_currency,
        "state": item.our_state,
        "at": item.our_at and rfc3339(item.our_at),
    }


def item_leaf(item: Item, **more: Any) -> dict[str, Any]:
    """What the evidence keeps of an item that has moved."""
    return {
        "bill": item.bill,
        "class": item.cls,
        "state": item.state,
        "number": item.number,
        "refund": item.refund,
        "positions": dict(positions(item)),
        "entries": list(item.entries),
        "by": item.by,
        **more,
    }


def treatment_document(treatment: Treatment) -> dict[str, Any]:
    """A treatment as JSON values."""
    return {
        "id": treatment.id,
        "object": "treatment",
        "item": treatment.item,
        "act": treatment.act,
        "target": treatment.target,
        "reason": treatment.reason,
        "state": treatment.state,
        "proposed_by": treatment.proposed_by,
        "proposed_at": rfc3339(treatment.proposed_at),
        "decided_by": treatment.decided_by,
        "decided_at": treatment.decided_at and rfc3339(treatment.decided_at),
    }


def treatment_leaf(treatment: Treatment) -> dict[str, Any]:
    """What the evidence keeps: the reason by its digest."""
    document = treatment_document(treatment)
    kept = {name: value for name, value in document.items() if name not in ("id", "object")}
    return {**kept, "reason": digest([treatment.reason]).hex()}
