"""ID tokens of an OpenID provider (OpenID Connect Core 1.0 section 3.1.3.7), checked by PyJWT; what
is allowed is decided here, and the time is ours.

1. Signed by a key of the provider that the header names, with an algorithm of public keys, the one
   the key is for: `none`, and the provider's public key taken for a secret, are refused.
2. Issued by this provider, for us and nobody else.
3. Of now: not expired, not older than ten minutes, not of the future.
4. In answer to our own question: the nonce.
5. After two factors at the provider: `amr` has `mfa` (RFC 8176), or `acr` is what was agreed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from anfu.kernel.errors import Refused

_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_LEEWAY_S, _AGE_S = 60, 600
_MFA = "mfa"


@dataclass(frozen=True, slots=True)
class Expected:
    """Who issues, for whom, to which question; `acr` None asks for `amr` to hold `mfa`."""

    issuer: str
    audience: str
    nonce: str
    acr: str | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in at the provider, and the groups it says he is in."""

    subject: str
    groups: frozenset[str]


def key_id(token: str) -> str | None:
    """The id of the key a token says it is signed by. Raises Refused `id_token_invalid`."""
    try:
        found = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        raise Refused("id_token_invalid", field="code", reason="form") from None
    return found if isinstance(found, str) else None


def read_id_token(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, *, now: datetime
) -> Identity:
    """Raises Refused `id_token_invalid` with a `reason`: form, key, signature, issuer, audience,
    time, nonce, factors."""
    claims = _signed(token, keys)  # 1
    if claims.get("iss") != expected.issuer:  # 2
        raise _invalid("issuer")
    audience = claims.get("aud")
    if audience not in (expected.audience, [expected.audience]):
        raise _invalid("audience")
    if claims.get("azp", expected.audience) != expected.audience:
        raise _invalid("audience")
    _check_time(claims, now)  # 3
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise _invalid("nonce")  # 4
    _check_factors(claims, expected.acr)  # 5
    subject, groups = claims.get("sub"), claims.get("groups", [])
    if not isinstance(subject, str) or not subject or not isinstance(groups, list):
        raise _invalid("form")
    return Identity(subject, frozenset(g for g in groups if isinstance(g, str)))


def _signed(token: str, keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    kid = key_id(token)
    found = [key for key in keys if key.get("kid") == kid and key.get("use", "sig") == "sig"]
    if len(found) != 1:
        raise _invalid("key")
    try:
        key = jwt.PyJWK.from_dict(dict(found[0]))
        allowed = [a for a in _ALGORITHMS if a == key.algorithm_name]
        claims: Mapping[str, Any] = jwt.decode(
            token, key, algorithms=allowed,
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False,
                     "verify_aud": False, "verify_iss": False},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise _invalid("signature") from None
    return claims


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    present = now.timestamp()
    issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
    if _time(claims.get("nbf", issued)) > present + _LEEWAY_S:
        raise _invalid("time")
    young = present - _AGE_S - _LEEWAY_S <= issued <= present + _LEEWAY_S
    if not young or expires <= present - _LEEWAY_S:
        raise _invalid("time")


def _time(value: Any) -> float:
    if type(value) not in (int, float):
        raise _invalid("time")
    return float(value)


def _check_factors(claims: Mapping[str, Any], acr: str | None) -> None:
    amr = claims.get("amr", [])
    strong = isinstance(amr, list) and _MFA in amr if acr is None else claims.get("acr") == acr
    if not strong:
        raise _invalid("factors")


def _invalid(reason: str) -> Refused:
    return Refused("id_token_invalid", field="code", reason=reason)
