"""API keys: what a caller may do, and how it proves who it is.

Two proofs: a signature over the request (`signature.py`), and for reads the secret itself,
`Authorization: Bearer key_….sk_…`. A key that does not exist is refused exactly like a key that
was not proven, after the same hashing and comparing; that a key is revoked or expired is told only
to a caller who has proven it.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from anfu.kernel.errors import Refused
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
    cases:read cases:write backtests:write proposals:read proposals:write
    consents:write personal:reveal personal:export personal:erase
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_BEARER = re.compile(rf"(?i:bearer) +(key_[0-9a-hj-km-np-tv-z]{{26}})\.(sk_{FORM})")
# Compared with when there is no such key, so that its absence costs the same.
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`merchant_id` None is the institution. `rotated_at`: since when a newer key replaces it."""

    id: str
    merchant_id: str | None
    label: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None

    def require(self, scope: str) -> None:
        """Raises Refused `scope_missing`."""
        if scope not in self.scopes:
            raise Refused("scope_missing", scope=scope)


@dataclass(frozen=True, slots=True)
class NewKey:
    """An order to make a key."""

    label: str
    scopes: frozenset[str]
    merchant_id: str | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is shown this once."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Credential:
    """A key with what proves it."""

    key: ApiKey
    secret_hash: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Bearer:
    """A parsed `Authorization` header."""

    key_id: str
    secret: str = field(repr=False)


def check_grant(*, scopes: frozenset[str], merchant_id: str | None, by: ApiKey | None) -> None:
    """Nobody gives away what he does not hold; `by` None is the institution's own staff.

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
    stored = _NOBODY if credential is None else credential.secret_hash
    same = hmac.compare_digest(stored, secret_hash(secret))
    if credential is None or not same:
        raise Refused("key_unknown", field="Authorization")
    check_usable(credential.key, now=now)
    return credential.key


def verify_signed(
    credential: Credential | None, *, header: str, request: SignedRequest, now: datetime
) -> ApiKey:
    """The key, when it signed `request`; `credential` None when there is no such key.

    Raises Refused as `verify_request` (`signature_invalid` for no such key), then as
    `check_usable`.
    """
    key = _NOBODY if credential is None else credential.signing_key
    verify_request(header, key=key, request=request, now=now)
    if credential is None:
        raise Refused("signature_invalid", field=HEADER)
    check_usable(credential.key, now=now)
    return credential.key
