"""Terms as canonical JSON, and back: what is kept, what is sealed, what the evidence keeps."""

from __future__ import annotations

import json
from typing import Any

from anfu.kernel.canonical import canonical_bytes, digest
from anfu.settlement.terms.cycle import Cycle, Kind
from anfu.settlement.terms.fee import Fee, Tier
from anfu.settlement.terms.terms import Agreed, BankAccount, Retention, Terms


def agreed_document(agreed: Agreed) -> dict[str, Any]:
    """What is agreed, as JSON values."""
    cycle, fee, retention = agreed.cycle, agreed.fee, agreed.retention
    return {
        "cycle": {"kind": cycle.kind, "weekday": cycle.weekday, "credit_days": cycle.credit_days},
        "minimum": agreed.minimum,
        "fee": {
            "tiers": [{"volume": tier.volume, "rate_bp": tier.rate_bp} for tier in fee.tiers],
            "least": fee.least, "most": fee.most, "returned": fee.returned,
        },
        "retention": {"rate_bp": retention.rate_bp, "days": retention.days},
    }  # fmt: skip


def agreed_of(text: str) -> Agreed:
    """What canonical JSON of `agreed_document` says."""
    parts = json.loads(text)
    cycle, fee = parts["cycle"], parts["fee"]
    return Agreed(
        Cycle(Kind(cycle["kind"]), cycle["weekday"], cycle["credit_days"]),
        Fee([Tier(**tier) for tier in fee["tiers"]], fee["least"], fee["most"], fee["returned"]),
        parts["minimum"],
        Retention(**parts["retention"]),
    )


def account_bytes(account: BankAccount) -> bytes:
    """Canonical bytes, to be sealed."""
    return canonical_bytes(
        {"v": 1, "holder": account.holder, "number": account.number, "bank": account.bank,
         "bank_code": account.bank_code}
    )  # fmt: skip


def account_of(plain: bytes) -> BankAccount:
    """What `account_bytes` wrote."""
    parts = json.loads(plain)
    return BankAccount(parts["holder"], parts["number"], parts["bank"], parts["bank_code"])


def terms_leaf(terms: Terms) -> dict[str, Any]:
    """What the evidence keeps: not the account; the reason by its digest."""
    return {
        "merchant": terms.merchant, "currency": terms.currency,
        "from_day": terms.from_day.isoformat(), **agreed_document(terms.agreed),
        "proposed_by": terms.proposed_by, "approved_by": terms.approved_by,
        "reason": digest([terms.reason]).hex(),
    }  # fmt: skip
