"""What others read of a mandate: the document, what a proof is linked to, the event, the leaf."""

from __future__ import annotations

from typing import Any

from anfu.authentication.challenge import Linked
from anfu.parties.mandates.mandate import Mandate
from anfu.payments.document import encode, rfc3339
from anfu.payments.record import Record
from anfu.storage.idempotency import Answer


def linked_of(mandate: Mandate) -> Linked:
    """What a proof confirms of a mandate: payee, amount of one payment, and all terms by digest."""
    terms = mandate.terms
    return Linked(mandate.id, terms.merchant, terms.per_payment, terms.currency, terms.digest())


def mandate_document(mandate: Mandate) -> dict[str, Any]:
    """A mandate as JSON values."""
    terms = mandate.terms
    moments = {name: getattr(mandate, name) for name in ("agreed_at", "ended_at", "quiet_until")}
    return {
        "id": mandate.id,
        "object": "mandate",
        "state": mandate.state,
        "customer": terms.customer,
        "merchant": terms.merchant,
        "currency": terms.currency,
        "per_payment": terms.per_payment,
        "per_day": terms.per_day,
        "per_month": terms.per_month,
        "purpose": terms.purpose,
        "device": terms.device,
        "ends_at": rfc3339(terms.ends_at),
        "created_at": rfc3339(mandate.created_at),
        **{name: at and rfc3339(at) for name, at in moments.items()},
    }


def note_mandate(record: Record, mandate: Mandate, status: int, **more: Any) -> Answer:
    """The answer of a mandate as it stands now. The record tells of it in an event, and in the
    evidence log with `more`."""
    document = mandate_document(mandate)
    record.notice(f"mandate.{mandate.state.lower()}", mandate.id, encode(document))
    kept = {k: v for k, v in document.items() if k not in ("purpose", "object")}
    record.leaf("mandate", mandate.id, {**kept, "terms": mandate.terms.digest(), **more})
    return Answer(status, encode(document))
