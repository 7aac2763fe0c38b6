"""A settlement as JSON values."""

from __future__ import annotations

from typing import Any

from anfu.payments.document import rfc3339
from anfu.settlement.cycles.settlement import Settlement

AMOUNTS = ("carried_in", "payments", "refunds", "returned", "other", "fees", "retained",
           "released", "paid", "carried_out")  # fmt: skip


def settlement_document(made: Settlement) -> dict[str, Any]:
    """What is shown of it."""
    span = made.span
    return {
        "id": made.id, "object": "settlement", "merchant": made.merchant,
        "currency": made.currency, "day": span.day.isoformat(), "since": rfc3339(span.since),
        "until": rfc3339(span.until), "cycle": span.cycle,
        "payable_on": span.payable_on.isoformat(), "terms": made.terms,
        **{name: getattr(made, name) for name in AMOUNTS}, "withheld": made.withheld,
        "negative_since": made.negative_since and made.negative_since.isoformat(),
        "created_at": rfc3339(made.at),
    }  # fmt: skip


def settlement_leaf(made: Settlement) -> dict[str, Any]:
    """What the evidence keeps of it: all of it."""
    return settlement_document(made)
