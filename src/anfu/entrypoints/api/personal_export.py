"""Everything held about a person as one document."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from anfu.compliance.privacy.export import WITHHELD, Application, Equipment, FirmFile, Holding
from anfu.entrypoints.api import agreed_limits, consents, reveals
from anfu.entrypoints.api.documents import PersonalFacts
from anfu.entrypoints.api.firm_export import describe_file, person_in_clear
from anfu.parties.devices.device import Place, Session
from anfu.parties.privacy.erasure import Erasure
from anfu.payments.device_document import tie_document
from anfu.payments.document import payment_document, refund_document, rfc3339
from anfu.payments.factor_document import factor_document
from anfu.payments.mandate_document import mandate_document
from anfu.payments.payment import Deposit, Payment

# What risk saw behind a decision is not told (反洗钱法 art. 35).
_INTERNAL = ("decision", "reasons")


class ExportDocument(Struct, frozen=True):
    """Everything, in clear. `withheld` says what is left out and by which law; of a firm, `firm`
    stands for `person`, `account` and `onboarding`."""

    object: Literal["export"]
    customer: str
    created_at: str
    person: PersonalFacts | None
    account: dict[str, Any] | None
    onboarding: dict[str, Any] | None
    firm: PersonalFacts | None
    consents: list[dict[str, Any]]
    reveals: list[dict[str, Any]]
    erasures: list[dict[str, Any]]
    balances: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    deposits: list[dict[str, Any]]
    devices: list[dict[str, Any]]
    device_sessions: list[dict[str, Any]]
    factors: list[dict[str, Any]]
    mandates: list[dict[str, Any]]
    agreed_limits: list[dict[str, Any]]
    withheld: list[dict[str, Any]]


def describe_holding(holding: Holding) -> dict[str, Any]:
    """The document as JSON values."""
    return {
        "object": "export",
        "customer": holding.reveal.customer,
        "created_at": rfc3339(holding.reveal.at),
        **_who(holding),
        "consents": [consents.describe(consent) for consent in holding.consents],
        "reveals": [reveals.describe(made) for made in holding.reveals],
        "erasures": [_erasure(erasure) for erasure in holding.erasures],
        "balances": [
            {"currency": b.account.asset, "posted": b.posted, "available": b.available}
            for b in holding.balances
        ],
        "payments": [_payment(payment, holding) for payment in holding.payments],
        "refunds": [refund_document(refund) for refund in holding.refunds],
        "deposits": [_deposit(deposit) for deposit in holding.deposits],
        **_equipment(holding.equipment),
        "mandates": [mandate_document(mandate) for mandate in holding.mandates],
        "agreed_limits": [agreed_limits.describe(limit) for limit in holding.agreed_limits],
        "withheld": [
            {"what": what, "law": law, "title": {"en": en, "zh": zh}}
            for what, law, en, zh in WITHHELD
        ],
    }


def _who(holding: Holding) -> dict[str, Any]:
    held, application = holding.held, holding.application
    if isinstance(held, FirmFile):
        return {"person": None, "account": None, "onboarding": None, "firm": describe_file(held)}
    return {
        "person": person_in_clear(held.person),
        "account": {
            "account_class": held.account_class,
            "status": held.status,
            "opened_by": held.opened_by,
            "reference": held.reference,
            "created_at": rfc3339(held.created_at),
        },
        "onboarding": None if application is None else _application(application),
        "firm": None,
    }


def _application(application: Application) -> dict[str, Any]:
    onboarding = application.onboarding
    return {
        "id": onboarding.id,
        "state": onboarding.state,
        "document_until": onboarding.document_until.isoformat(),
        "created_at": rfc3339(onboarding.created_at),
        "verifications": [
            {
                "kind": verification.kind,
                "state": verification.reply.state,
                "source": verification.reply.source,
                "card": given.card,
                "capture": given.capture,
                "asked_at": rfc3339(verification.asked_at),
            }
            for verification, given in application.asked
        ],
    }


def _equipment(equipment: Equipment) -> dict[str, Any]:
    return {
        "devices": [
            {**tie_document(tie), "traits": dict(device.traits), "place": _place(device.place)}
            for tie, device in equipment.devices
        ],
        "device_sessions": [_visit(visit) for visit in equipment.visits],
        "factors": [factor_document(factor) for factor in equipment.factors],
    }


def _visit(visit: Session) -> dict[str, Any]:
    return {
        "id": visit.id,
        "state": visit.state,
        "device": visit.device,
        "address": visit.address,
        "place": _place(visit.place),
        "created_at": rfc3339(visit.created_at),
        "profiled_at": None if visit.profiled_at is None else rfc3339(visit.profiled_at),
    }


def _place(place: Place | None) -> dict[str, float] | None:
    return None if place is None else {"latitude": place.latitude, "longitude": place.longitude}


def _erasure(erasure: Erasure) -> dict[str, Any]:
    return {
        "id": erasure.id,
        "state": erasure.state,
        "reason": erasure.reason,
        "answer": erasure.answer,
        "created_at": rfc3339(erasure.requested_at),
    }


def _payment(payment: Payment, holding: Holding) -> dict[str, Any]:
    document = payment_document(payment)
    told = {name: value for name, value in document.items() if name not in _INTERNAL}
    return told | {"network_payer": holding.network_payers.get(payment.id)}


def _deposit(deposit: Deposit) -> dict[str, Any]:
    return {
        "id": deposit.id,
        "amount": deposit.amount,
        "currency": deposit.currency,
        "created_at": rfc3339(deposit.created_at),
    }
