"""API keys: what a caller may do, and how it proves who it is.

Three proofs: a signature over the request (`signature.py`), one with a nonce (`nonce.py`), and for
reads the secret itself, `Authorization: Bearer key_….sk_…`. A key that does not exist is refused
exactly like a key that was not proven, after the same hashing and comparing; that a key is revoked
or expired is told only to a caller who has proven it.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.caller import Caller
from anfu.parties.network import Network, within
from anfu.parties.nonce import Proofs, verify_nonced
from anfu.parties.secret import FORM, secret_hash
from anfu.parties.signature import HEADER, SignedRequest, verify_request

PREFIX = "key"
SECRET_PREFIX = "sk"  # noqa: S105 - the first letters of a secret, not one
SCOPES = frozenset(
    """
    payments:read payments:write refunds:write customers:read customers:write merchants:read
    merchants:write deposits:write balances:read decisions:read decisions:write reviews:write
    evidence:read webhooks:read webhooks:write events:read keys:write history:write labels:write
    behaviour:write rules:read rules:write lists:read lists:write models:read models:write
    factors:read factors:write mandates:read mandates:write devices:read devices:write graph:read
    cases:read cases:write backtests:write proposals:read proposals:write staff:read staff:write
    access:read limits:write stop_orders:write owners:write applications:read applications:write
    consents:write personal:reveal personal:export personal:erase
    tasks:read tasks:write reconciliation:read reconciliation:write
    settlements:read settlements:write payouts:write requests:read
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_BEARER = re.compile(rf"(?i:bearer) +(key_[0-9a-hj-km-np-tv-z]{{26}})\.(sk_{FORM})")
# Compared with when there is no such key, so that its absence costs the same.
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`merchant_id` None is the institution. `rotated_at`: since when a newer key replaces it.
    `person` stands behind the key where two people are needed; `staff_id` is the account it belongs
    to and ends with, if there is one: then that is the person."""

    id: str
    merchant_id: str | None
    label: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    person: str
    staff_id: str | None = None
    networks: tuple[str, ...] = ()
    public_key: bytes | None = None
    nonces: bool = False


@dataclass(frozen=True, slots=True)
class NewKey:
    """An order to make a key. `networks`: from where it may be used, in CIDR form; none is from
    everywhere. `public_key`: Ed25519, base64url; then we never hold what signs. `nonces`: each
    request must be signed with one."""

    label: str
    scopes: frozenset[str]
    merchant_id: str | None
    expires_at: datetime | None = None
    staff_id: str | None = None
    networks: tuple[str, ...] = ()
    public_key: str | None = None
    nonces: bool = False


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is shown this once; empty when its owner brought a public
    key."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Credential:
    """A key with what proves it: hash and signing key of its secret, or its public key. `held`:
    what the account it belongs to may do now, None when it belongs to none."""

    key: ApiKey
    secret_hash: bytes | None = field(repr=False)
    signing_key: bytes | None = field(repr=False)
    held: frozenset[str] | None = None
    networks: tuple[Network, ...] = ()

    @property
    def caller(self) -> Caller:
        """Who asks with it. A key of staff never does more than its account."""
        key, held = self.key, self.held
        scopes = key.scopes if held is None else key.scopes & held
        return Caller(key.id, key.person, key.merchant_id, scopes, key.staff_id)


@dataclass(frozen=True, slots=True, eq=False)
class Bearer:
    """A parsed `Authorization` header."""

    key_id: str
    secret: str = field(repr=False)


def check_grant(*, scopes: frozenset[str], merchant_id: str | None, by: Caller | None) -> None:
    """Nobody gives away what he does not hold; `by` None is the command line.

    Raises Refused `scopes_invalid` (none, or unknown ones), `scope_not_held`, and
    `merchant_not_found` when a merchant's key reaches for another merchant.
    """
    unknown = sorted(scopes - SCOPES)
    if not scopes or unknown:
        raise Refused("scopes_invalid", field="scopes", unknown=unknown)
    if by is None:
        return
    if by.merchant_id is not None and merchant_id != by.merchant_id:
        raise Refused("merchant_not_found", field="merchant_id")
    if not scopes <= by.scopes:
        raise Refused("scope_not_held", field="scopes", not_held=sorted(scopes - by.scopes))


def check_usable(key: ApiKey, *, now: datetime) -> None:
    """Raises Refused `key_revoked` or `key_expired`."""
    if key.revoked_at is not None:
        raise Refused("key_revoked")
    if key.expires_at is not None and key.expires_at <= now:
        raise Refused("key_expired", expired_at=key.expires_at.isoformat())


def check_origin(credential: Credential, address: str) -> None:
    """Raises Refused `address_not_allowed` when the key may not be used from `address`."""
    if credential.networks and not within(address, credential.networks):
        raise Refused("address_not_allowed", address=address)


def parse_bearer(header: str) -> Bearer:
    """Raises Refused `authorization_malformed`."""
    form = _BEARER.fullmatch(header)
    if form is None:
        raise Refused("authorization_malformed", field="Authorization")
    return Bearer(form[1], form[2])


def verify_bearer(credential: Credential | None, *, secret: str, now: datetime) -> ApiKey:
    """The key, when `secret` is its secret; `credential` None when there is no such key.

    Raises Refused `key_unknown` for no such key or another secret, then as `check_usable`.
    """
    kept = None if credential is None else credential.secret_hash
    same = hmac.compare_digest(_NOBODY if kept is None else kept, secret_hash(secret))
    if credential is None or kept is None or not same:
        raise Refused("key_unknown", field="Authorization")
    check_usable(credential.key, now=now)
    _check_nonces(credential.key)
    return credential.key


def verify_signed(
    credential: Credential | None, *, header: str, request: SignedRequest, now: datetime
) -> ApiKey:
    """The key, when it signed `request`; `credential` None when there is no such key.

    Raises Refused as `verify_request` (`signature_invalid` for no such key), then as
    `check_usable`, then `nonce_required`.
    """
    kept = None if credential is None else credential.signing_key
    verify_request(header, key=_NOBODY if kept is None else kept, request=request, now=now)
    if credential is None or kept is None:
        raise Refused("signature_invalid", field=HEADER)
    check_usable(credential.key, now=now)
    _check_nonces(credential.key)
    return credential.key


def verify_once(
    credential: Credential | None, *, header: str, request: SignedRequest, now: datetime
) -> str:
    """The nonce, when the key signed `request` with one. Raises Refused as `verify_nonced`
    (`signature_invalid` for no such key), then as `check_usable`."""
    proofs = Proofs()
    if credential is not None:
        proofs = Proofs(credential.signing_key, credential.key.public_key)
    nonce = verify_nonced(header, proofs=proofs, request=request, now=now)
    if credential is None:
        raise Refused("signature_invalid", field=HEADER)
    check_usable(credential.key, now=now)
    return nonce


def parse_public_key(text: str) -> bytes:
    """The 32 bytes of an Ed25519 public key (RFC 8032 section 5.1.5) in base64url without padding.
    Raises Refused `public_key_invalid`."""
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        key = b""
    if len(key) != 32 or base64.urlsafe_b64encode(key).rstrip(b"=").decode() != text:
        raise Refused("public_key_invalid", field="public_key")
    return key


def _check_nonces(key: ApiKey) -> None:
    if key.nonces:
        raise Refused("nonce_required", field=HEADER)
