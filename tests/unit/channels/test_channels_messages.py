"""Signed messages: every check of `verify`, one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.channels.sandbox.messages import Identity, Place, nonce_of, sign, time_of, verify
from anfu.channels.sandbox.statements import Statement, read_statement, write_statement
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Outcome, Refused
from anfu.kernel.ids import SeededEntropy

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PLACE = Place("POST", "/v1/payments", answers="0" * 32, status=200)
BODY = b'{"payment":"pay_1"}'
_ours = Ed25519PrivateKey.from_private_bytes(bytes(32))
_theirs = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MEMBER = Identity("anfu", _ours, "sandbox", _theirs.public_key())
PEER = Identity("sandbox", _theirs, "anfu", _ours.public_key())
PAID = Statement("pay_1", None, "PAID", "sbx_1", None, 1234, "CNY")


def signed() -> dict[str, str]:
    return sign(PEER, PLACE, BODY, now=NOW, entropy=SeededEntropy(1))


def refusal(headers: dict[str, str], place: Place = PLACE, body: bytes = BODY) -> str:
    with pytest.raises(Refused) as caught:
        verify(MEMBER, place, headers, body, now=NOW)
    return caught.value.code


def test_a_good_message_passes_with_its_nonce_and_time() -> None:
    headers = signed()
    assert verify(MEMBER, PLACE, headers, BODY, now=NOW) == nonce_of(headers)
    assert len(nonce_of(headers)) == 32
    assert time_of(headers) == NOW


@pytest.mark.parametrize("name", sorted(signed()))
def test_1_every_header_is_needed_and_well_formed(name: str) -> None:
    headers = signed()
    assert refusal({k: v for k, v in headers.items() if k != name}) == "message_malformed"
    assert refusal({**headers, name: headers[name] + ", x"}) == "message_malformed"
    assert refusal({**headers, name: ""}) == "message_malformed"


def test_2_from_the_peer_to_us() -> None:
    assert refusal({**signed(), "sandbox-receiver": "other"}) == "message_misdirected"
    assert refusal({**signed(), "sandbox-sender": "other"}) == "message_misdirected"
    other = sign(replace(PEER, peer="other"), PLACE, BODY, now=NOW, entropy=SeededEntropy(1))
    assert refusal({**other, "sandbox-receiver": "anfu"}) == "message_forged"


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, method="GET"),
        replace(PLACE, path="/v1/refunds"),
        replace(PLACE, answers="1" * 32),
        replace(PLACE, status=201),
    ],
)
def test_3_about_what_we_asked(place: Place) -> None:
    assert refusal(signed(), place) == "message_forged"


def test_4_signed_by_the_peer_over_everything() -> None:
    assert refusal(signed(), body=BODY + b" ") == "message_forged"
    assert refusal({**signed(), "sandbox-nonce": "f" * 32}) == "message_forged"
    assert refusal({**signed(), "sandbox-timestamp": "1795406401"}) == "message_forged"
    ours = sign(replace(PEER, key=_ours), PLACE, BODY, now=NOW, entropy=SeededEntropy(1))
    assert refusal(ours) == "message_forged"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_5_within_the_window(seconds: int) -> None:
    then = NOW + timedelta(seconds=seconds)
    headers = sign(PEER, PLACE, BODY, now=then, entropy=SeededEntropy(1))
    assert refusal(headers) == "message_stale"
    nearly = then - timedelta(seconds=seconds // 301)
    headers = sign(PEER, PLACE, BODY, now=nearly, entropy=SeededEntropy(1))
    verify(MEMBER, PLACE, headers, BODY, now=NOW)


def test_a_statement_survives_the_wire() -> None:
    assert read_statement(canonical_bytes(write_statement(PAID))) == PAID
    assert PAID.outcome is Outcome.DONE


@pytest.mark.parametrize(
    "change",
    [
        {"state": "WON"},
        {"state": None},
        {"state": ["PAID"]},
        {"amount": "1234"},
        {"amount": 1.0},
        {"amount": True},
        {"amount": -1},
        {"amount": 1 << 53},
        {"amount": None},
        {"currency": None},
        {"payment": 1},
        {"more": 1},
    ],
)
def test_a_statement_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Refused, match="message_malformed"):
        read_statement(json.dumps({**write_statement(PAID), **change}).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_statement_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="message_malformed"):
        read_statement(body)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("PAID", Outcome.DONE),
        ("REFUNDED", Outcome.DONE),
        ("DECLINED", Outcome.NOT_DONE),
        ("CLOSED", Outcome.NOT_DONE),
        ("PROCESSING", Outcome.UNKNOWN),
        ("NOT_FOUND", Outcome.UNKNOWN),
        ("CONFLICT", Outcome.UNKNOWN),
    ],
)
def test_only_a_decline_or_a_close_is_not_done(state: str, outcome: Outcome) -> None:
    assert replace(PAID, state=state).outcome is outcome
