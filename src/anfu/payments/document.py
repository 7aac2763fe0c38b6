"""The documents others read of payments and refunds: answers, events. Stable names, no secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from anfu.channels.reasons import reason_of
from anfu.kernel.canonical import digest
from anfu.payments.payment import Payment, Refund


def payment_document(payment: Payment) -> dict[str, Any]:
    """A payment as JSON values."""
    return {
        "id": payment.id,
        "object": "payment",
        "state": payment.state,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount": payment.amount,
        "refunded": payment.refunded,
        "currency": payment.currency,
        "method": {
            "type": payment.method,
            "card": payment.card,
            "code": payment.code,
            "debit": payment.debit,
            "verified_by": payment.verified_by,
            "scene": payment.scene,
        },
        "order": payment.order,
        "description": payment.description,
        "factors": payment.factors,
        "liability": "institution" if payment.liable else None,
        "decision": payment.decision,
        "outcome": payment.outcome,
        "reasons": payment.reasons,
        "refusal": payment.refusal,
        "failure": payment.failure,
        "remedy": None if payment.failure is None else _remedy(payment.failure),
        "channel": payment.channel,
        "channel_reference": payment.channel_reference,
        "attempt": payment.attempt,
        "route": payment.route,
        "handover": payment.handover,
        "order_expires_at": None
        if payment.order_expires_at is None
        else rfc3339(payment.order_expires_at),
        "challenge": payment.challenge,
        "mandate": payment.mandate,
        "created_at": rfc3339(payment.created_at),
        "occurred_at": rfc3339(payment.occurred_at),
        "updated_at": rfc3339(payment.updated_at),
    }


def _remedy(code: str) -> dict[str, Any]:
    reason = reason_of(code)
    return {
        "fault": reason.fault,
        "retry": reason.retry,
        "what": {"en": reason.en, "zh": reason.zh},
        "next": {"en": reason.next_en, "zh": reason.next_zh},
    }


def refund_document(refund: Refund) -> dict[str, Any]:
    """A refund as JSON values."""
    return {
        "id": refund.id,
        "object": "refund",
        "state": refund.state,
        "payment": refund.payment,
        "payer": refund.payer,
        "payee": refund.payee,
        "amount": refund.amount,
        "currency": refund.currency,
        "method": refund.method,
        "reason": refund.reason,
        "failure": refund.failure,
        "remedy": None if refund.failure is None else _remedy(refund.failure),
        "channel_reference": refund.channel_reference,
        "created_at": rfc3339(refund.created_at),
        "updated_at": rfc3339(refund.updated_at),
    }


def event_document(event: str, kind: str, at: datetime, document: bytes) -> bytes:
    """What happened, with the encoded object as it was then."""
    data = msgspec.Raw(document)
    return encode(
        {"id": event, "object": "event", "kind": kind, "created_at": rfc3339(at), "data": data}
    )


def payment_leaf(payment: Payment) -> dict[str, Any]:
    """What the evidence keeps of a payment: enough to know a changed row by it.

    Free text may be personal data, so only its digest goes into a log that is never erased.
    """
    return {
        "state": payment.state,
        "payer": payment.payer,
        "payee": payment.payee,
        "amount": payment.amount,
        "refunded": payment.refunded,
        "currency": payment.currency,
        "method": payment.method,
        "reference": payment.channel_reference,
        "decision": payment.decision,
        "liable": payment.liable,
        "refusal": None if payment.refusal is None else payment.refusal["code"],
        **_how(payment),
        "text": None if payment.order is payment.description is None
        else digest([payment.order, payment.description]).hex(),
    }  # fmt: skip


def _how(payment: Payment) -> dict[str, Any]:
    """What decided which limits held, where the caller told it."""
    told = (("code", payment.code), ("debit", payment.debit), ("verified_by", payment.verified_by),
            ("mandate", payment.mandate), ("scene", payment.scene),
            ("channel", None if payment.channel == payment.method else payment.channel),
            ("attempt", None if payment.attempt == 1 else payment.attempt))  # fmt: skip
    return {name: value for name, value in told if value is not None}


def refund_leaf(refund: Refund) -> dict[str, Any]:
    """What the evidence keeps of a refund."""
    return {
        "state": refund.state,
        "payment": refund.payment,
        "amount": refund.amount,
        "currency": refund.currency,
        "reference": refund.channel_reference,
    }


@lru_cache(maxsize=1024)
def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds: `2026-11-23T04:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


encode = msgspec.json.Encoder().encode
