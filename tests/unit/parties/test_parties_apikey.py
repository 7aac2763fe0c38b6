"""Proof of a key: what is told to whom."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.parties import apikey
from anfu.parties.apikey import (
    SCOPES,
    ApiKey,
    Bearer,
    Credential,
    IssuedKey,
    check_grant,
    parse_bearer,
    verify_bearer,
    verify_signed,
)
from anfu.parties.secret import new_secret, secret_hash
from anfu.parties.signature import SignedRequest, sign_request, signing_key

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECRET = new_secret("sk", entropy=SeededEntropy(1))
OTHER = new_secret("sk", entropy=SeededEntropy(2))
KEY = ApiKey(
    id=new_id("key", now=NOW, entropy=SeededEntropy(3)),
    merchant_id=None,
    label="till",
    scopes=frozenset({"payments:read", "payments:write"}),
    created_at=NOW,
    expires_at=None,
    revoked_at=None,
    rotated_at=None,
    person="key_1",
)
REQUEST = SignedRequest("POST", "/v1/payments", "one", b"{}")


def credential(key: ApiKey = KEY) -> Credential:
    return Credential(key, secret_hash(SECRET), signing_key(SECRET))


def bearer(found: Credential | None, secret: str) -> str:
    with pytest.raises(Refused) as refused:
        verify_bearer(found, secret=secret, now=NOW)
    return str(refused.value)


def signed(found: Credential | None, secret: str) -> str:
    header = sign_request(signing_key(secret), request=REQUEST, now=NOW)
    with pytest.raises(Refused) as refused:
        verify_signed(found, header=header, request=REQUEST, now=NOW)
    return str(refused.value)


def test_a_secret_holds_256_bits_and_its_hash_is_sha_256() -> None:
    assert len(SECRET) == 3 + 52
    assert SECRET != OTHER
    assert secret_hash(SECRET) == hashlib.sha256(SECRET.encode()).digest()


def test_the_bearer_form() -> None:
    parsed = parse_bearer(f"Bearer {KEY.id}.{SECRET}")
    assert (parsed.key_id, parsed.secret) == (KEY.id, SECRET)
    assert parse_bearer(f"bearer  {KEY.id}.{SECRET}").secret == SECRET


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", f"Basic {KEY.id}.{SECRET}", f"Bearer {KEY.id}", f"Bearer {KEY.id}.{SECRET}x",
     f"Bearer {KEY.id}.{SECRET}\n", f"Bearer {KEY.id}.{SECRET.upper()}", f"Bearer .{SECRET}",
     f"Bearer {KEY.id}.{SECRET[:-1]}", f"Bearer {KEY.id.replace('key', 'mer')}.{SECRET}",
     f"Bearer {KEY.id}.{SECRET}, Bearer {KEY.id}.{SECRET}"],
)  # fmt: skip
def test_any_other_form_is_malformed_and_not_repeated(header: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_bearer(header)
    assert refused.value.code == "authorization_malformed"
    assert refused.value.details == {}


def test_the_right_proof_gives_the_key() -> None:
    assert verify_bearer(credential(), secret=SECRET, now=NOW) == KEY
    header = sign_request(signing_key(SECRET), request=REQUEST, now=NOW)
    assert verify_signed(credential(), header=header, request=REQUEST, now=NOW) == KEY


def test_no_such_key_and_a_wrong_proof_are_one_answer() -> None:
    assert bearer(None, SECRET) == bearer(credential(), OTHER) == "key_unknown (Authorization)"
    assert signed(None, SECRET) == signed(credential(), OTHER)
    assert signed(None, SECRET) == "signature_invalid (Anfu-Signature)"


def test_no_such_key_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[str] = []

    def seen(name: str, real: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            work.append(name)
            return real(*args, **kwargs)  # type: ignore[operator]

        return call

    monkeypatch.setattr(apikey, "secret_hash", seen("hash", secret_hash))
    monkeypatch.setattr(apikey.hmac, "compare_digest", seen("compare", apikey.hmac.compare_digest))
    monkeypatch.setattr(apikey.hmac, "digest", seen("mac", apikey.hmac.digest))
    sign = sign_request(signing_key(OTHER), request=REQUEST, now=NOW)
    traces = []
    for found in (None, credential()):
        work.clear()
        with pytest.raises(Refused):
            verify_bearer(found, secret=OTHER, now=NOW)
        with pytest.raises(Refused):
            verify_signed(found, header=sign, request=REQUEST, now=NOW)
        traces.append(tuple(work))
    assert traces == [("hash", "compare", "mac", "compare")] * 2


def test_the_stand_in_for_no_key_signs_nothing() -> None:
    header = sign_request(bytes(32), request=REQUEST, now=NOW)
    with pytest.raises(Refused, match="signature_invalid"):
        verify_signed(None, header=header, request=REQUEST, now=NOW)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"revoked_at": NOW}, "key_revoked"),
        ({"expires_at": NOW}, "key_expired"),
        ({"expires_at": NOW, "revoked_at": NOW}, "key_revoked"),
    ],
)
def test_an_ended_key_is_told_only_to_who_holds_it(change: dict[str, datetime], told: str) -> None:
    found = credential(replace(KEY, **change))  # type: ignore[arg-type]
    assert bearer(found, SECRET) == signed(found, SECRET) == told
    assert bearer(found, OTHER) == "key_unknown (Authorization)"
    assert signed(found, OTHER) == "signature_invalid (Anfu-Signature)"


def test_a_key_lives_until_its_moment() -> None:
    found = credential(replace(KEY, expires_at=NOW + timedelta(microseconds=1)))
    assert verify_bearer(found, secret=SECRET, now=NOW).id == KEY.id


def test_a_scope_is_held_or_refused() -> None:
    caller = credential().caller
    caller.require("payments:read")
    with pytest.raises(Refused) as refused:
        caller.require("keys:write")
    assert (refused.value.code, refused.value.details) == ("scope_missing", {"scope": "keys:write"})


def test_the_known_scopes() -> None:
    assert len(SCOPES) == 59


def test_nobody_gives_away_what_he_does_not_hold() -> None:
    held = replace(KEY, merchant_id="mer_a")

    def grant(scopes: set[str], merchant_id: str | None, by: ApiKey | None) -> str | None:
        try:
            check_grant(scopes=frozenset(scopes), merchant_id=merchant_id, by=by)
        except Refused as refused:
            return refused.code
        return None

    assert grant({"payments:read"}, "mer_a", held) is None
    assert grant({"payments:read"}, "mer_b", held) == "merchant_not_found"
    assert grant({"payments:read"}, None, held) == "merchant_not_found"
    assert grant({"payments:read"}, "mer_b", KEY) is None
    assert grant({"payments:read", "keys:write"}, None, KEY) == "scope_not_held"
    assert grant(set(SCOPES), None, None) is None
    assert grant(set(), None, None) == "scopes_invalid"
    assert grant({"payments:steal"}, None, None) == "scopes_invalid"


def test_nothing_printed_holds_a_secret() -> None:
    shown = repr([IssuedKey(KEY, SECRET), credential(), Bearer(KEY.id, SECRET)])
    assert SECRET not in shown
    assert repr(secret_hash(SECRET)) not in shown
    assert repr(signing_key(SECRET)) not in shown
