"""A reserve check as JSON values."""

from __future__ import annotations

from typing import Any

from anfu.payments.document import rfc3339
from anfu.settlement.reserve.queries import Kept


def kept_document(kept: Kept) -> dict[str, Any]:
    """What is shown of it, and what the evidence keeps."""
    return {
        "id": kept.id, "object": "reserve_check", "day": kept.day.isoformat(),
        "currency": kept.currency, **kept.parts, "created_at": rfc3339(kept.at),
    }  # fmt: skip
