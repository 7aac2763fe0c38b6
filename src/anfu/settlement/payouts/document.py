"""Payouts and batches as JSON values."""

from __future__ import annotations

from typing import Any

from anfu.payments.document import rfc3339
from anfu.settlement.payouts.batch import Batch
from anfu.settlement.payouts.payout import Payout


def payout_document(payout: Payout) -> dict[str, Any]:
    """What is shown of it, and what the evidence keeps."""
    return {
        "id": payout.id, "object": "payout", "state": payout.state,
        "settlement": payout.settlement, "merchant": payout.merchant,
        "currency": payout.currency, "amount": payout.amount,
        "payable_on": payout.payable_on.isoformat(), "terms": payout.terms,
        "batch": payout.batch, "reference": payout.reference, "reason": payout.reason,
        "created_at": rfc3339(payout.made_at), "updated_at": rfc3339(payout.moved_at),
    }  # fmt: skip


def batch_document(batch: Batch) -> dict[str, Any]:
    """What is shown of it, and what the evidence keeps."""
    return {
        "id": batch.id, "object": "payout_batch", "currency": batch.currency,
        "payable_on": batch.payable_on.isoformat(), "count": batch.count, "total": batch.total,
        "people": batch.people, "first_by": batch.first_by, "second_by": batch.second_by,
        "released_at": batch.released_at and rfc3339(batch.released_at),
        "sent_at": batch.sent_at and rfc3339(batch.sent_at), "digest": batch.digest,
        "created_at": rfc3339(batch.made_at),
    }  # fmt: skip
