"""Passkeys (通行密钥): WebAuthn level 3 with user verification, so that finger or face or PIN
unlocked the key. Checked by py_webauthn; what is allowed is decided here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from anfu.kernel.errors import Refused

_ALGORITHMS = [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA]
_TIMEOUT_MS = 120_000
# A public key (COSE, P-256, the curve's generator) whose private key, 1, signs nothing of ours: it
# is tried where there is no passkey, so that its absence costs the same.
DECOY = bytes.fromhex(
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: `id` is the domain passkeys are made for, `origins` the pages that may use them."""

    id: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential: its id, its COSE public key, and the count of its last signature."""

    handle: str
    public: bytes
    count: int


def creation_options(
    party: RelyingParty, *, challenge: bytes, user: str, label: str, taken: list[str],
    resident: str = "preferred",
) -> dict[str, Any]:  # fmt: skip
    """`PublicKeyCredentialCreationOptionsJSON` (WebAuthn level 3, section 5.1.9). `taken`: handles
    the customer has already; `user` is a name that says nothing of the person. `resident` is
    `required` where the page will not know whose keys to ask for."""
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {"id": bytes_to_base64url(user.encode()), "name": label, "displayName": label},
        "challenge": bytes_to_base64url(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": int(a)} for a in _ALGORITHMS],
        "timeout": _TIMEOUT_MS,
        "excludeCredentials": [{"type": "public-key", "id": handle} for handle in taken],
        "authenticatorSelection": {"residentKey": resident, "userVerification": "required"},
        "attestation": "none",
    }


def request_options(party: RelyingParty, *, challenge: bytes, handles: list[str]) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON` (section 5.1.10)."""
    return {
        "rpId": party.id,
        "challenge": bytes_to_base64url(challenge),
        "timeout": _TIMEOUT_MS,
        "allowCredentials": [{"type": "public-key", "id": handle} for handle in handles],
        "userVerification": "required",
    }


def read_registration(
    party: RelyingParty, attestation: Mapping[str, Any], *, challenge: bytes
) -> Passkey:
    """The new credential (section 7.1). Raises Refused(passkey_invalid) for another challenge,
    origin or relying party, an algorithm not asked for, or a user who was not verified."""
    try:
        made = verify_registration_response(
            credential=dict(attestation),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except _FAULTS:
        raise Refused("passkey_invalid", field="attestation") from None
    return Passkey(
        bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count
    )


def new_count(
    party: RelyingParty, passkey: Passkey, assertion: str, *, challenge: bytes
) -> int | None:
    """The count of an assertion (JSON) that holds (section 7.2): by this key, over this challenge,
    from one of the origins, the user verified, the count not gone back. None if it does not."""
    try:
        given = json.loads(assertion)
        proven = verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=passkey.public,
            credential_current_sign_count=passkey.count,
            require_user_verification=True,
        )
    except _FAULTS:
        return None
    if bytes_to_base64url(proven.credential_id) != passkey.handle:
        return None
    return int(proven.new_sign_count)


# The library reads what anybody sends: whatever it stumbles over there is a wrong answer.
_FAULTS = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)
