"""The documents others read of a customer's factors: answers, events. No secret is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anfu.authentication.enrolled.enrolled import Enrolled
from anfu.authentication.factor import FACTORS
from anfu.authentication.otp import provisioning_uri, seed_of
from anfu.authentication.passkey import creation_options
from anfu.parties.devices.proof import base64url
from anfu.payments.document import rfc3339
from anfu.payments.tools import Tools


def factor_document(factor: Enrolled) -> dict[str, Any]:
    """A factor as JSON values."""
    return {
        "id": factor.id,
        "object": "factor",
        "customer": factor.customer,
        "kind": factor.kind,
        "class": FACTORS[factor.kind],
        "label": factor.label,
        "state": factor.state,
        "usable_from": None if factor.usable_from is None else rfc3339(factor.usable_from),
        "locked_until": None if factor.locked_until is None else rfc3339(factor.locked_until),
        "created_at": rfc3339(factor.created_at),
        "ended_at": None if factor.ended_at is None else rfc3339(factor.ended_at),
    }


def factor_kept(factor: Enrolled) -> dict[str, Any]:
    """A factor as events and remembered answers keep it, which nobody erases: without the label,
    where customers write what they like."""
    return {name: value for name, value in factor_document(factor).items() if name != "label"}


def factor_leaf(factor: Enrolled) -> dict[str, Any]:
    """What the evidence keeps of a factor."""
    usable = None if factor.usable_from is None else rfc3339(factor.usable_from)
    return {"customer": factor.customer, "kind": factor.kind, "state": factor.state,
            "usable_from": usable}  # fmt: skip


def setup_document(tools: Tools, factor: Enrolled, taken: Sequence[str]) -> dict[str, Any]:
    """What the customer's side needs to set the factor up: an address for an app, options for
    `navigator.credentials.create`, or the bytes that a device key signs or a face is
    shown for. `taken`: handles of the passkeys the customer has."""
    uri = options = sign = None
    if factor.kind in ("totp", "hotp"):
        seed = seed_of(tools.challenge_key, factor.id)
        issuer = tools.policy.party.name
        uri = provisioning_uri(factor.kind, seed, issuer=issuer, account=factor.label)
    elif factor.kind == "passkey":
        options = creation_options(
            tools.policy.party, challenge=factor.setup_bytes, user=factor.customer,
            label=factor.label, taken=list(taken),
        )  # fmt: skip
    elif factor.kind in ("device_key", "face"):
        sign = base64url(factor.setup_bytes)
    return {"object": "factor_setup", "factor": factor.id, "kind": factor.kind, "uri": uri,
            "options": options, "sign": sign}  # fmt: skip
