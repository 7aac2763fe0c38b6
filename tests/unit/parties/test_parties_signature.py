"""The signature of a request, and the ways to get around it that were tried."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.parties.signature import (
    SignedRequest,
    sign_request,
    signed_text,
    signing_key,
    verify_request,
)

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
T = 1795406400
KEY = signing_key("sk_" + "a" * 52)
REQUEST = SignedRequest("POST", "/v1/payments?a=1", "order-1", b'{"amount":100}')
HEADER = sign_request(KEY, request=REQUEST, now=NOW)
MAC = HEADER.partition("v1=")[2]


def code(header: str, request: SignedRequest = REQUEST, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as refused:
        verify_request(header, key=KEY, request=request, now=now)
    assert refused.value.field == "Anfu-Signature"
    return refused.value.code


def test_the_signed_text_is_as_documented() -> None:
    text = b'anfu-request-v1 1795406400 4 16 7 14.POST/v1/payments?a=1order-1{"amount":100}'
    assert signed_text(REQUEST, T) == text
    assert f"t={T},v1={hmac.new(KEY, text, hashlib.sha256).hexdigest()}" == HEADER
    bare = SignedRequest("GET", "/", None, b"")
    assert signed_text(bare, 1) == b"anfu-request-v1 1 3 1 - 0.GET/"
    assert signed_text(replace(bare, idempotency_key=""), 1) != signed_text(bare, 1)


def test_the_signing_key_is_hkdf_of_the_secret() -> None:
    """RFC 5869 by hand: extract without salt, expand by one block."""
    extracted = hmac.digest(bytes(32), b"sk_" + b"a" * 52, "sha256")
    assert hmac.digest(extracted, b"anfu request signing v1\x01", "sha256") == KEY


def test_a_right_signature_passes_to_the_edge_of_the_window() -> None:
    for shift in (-300, 0, 300):
        verify_request(HEADER, key=KEY, request=REQUEST, now=NOW + timedelta(seconds=shift))


@pytest.mark.parametrize(
    "shift",
    [timedelta(seconds=301), timedelta(seconds=-301), timedelta(seconds=300, milliseconds=1),
     timedelta(days=9000), timedelta(days=-9000)],
)  # fmt: skip
def test_a_clock_too_far_ahead_or_behind_is_refused(shift: timedelta) -> None:
    now = NOW + shift
    with pytest.raises(Refused) as refused:
        verify_request(HEADER, key=KEY, request=REQUEST, now=now)
    assert refused.value.code == "signature_expired"
    assert refused.value.details == {"window_s": 300, "server_time": int(now.timestamp())}


@pytest.mark.parametrize(
    "changed",
    [
        replace(REQUEST, idempotency_key="order-2"),
        replace(REQUEST, idempotency_key=None),
        replace(REQUEST, idempotency_key=""),
        replace(REQUEST, method="PUT"),
        replace(REQUEST, method="post"),
        replace(REQUEST, target="/v1/payments?a=2"),
        replace(REQUEST, target="/v1/payments"),
        replace(REQUEST, body=b'{"amount":900}'),
        replace(REQUEST, body=b""),
        SignedRequest("POST", "/v1/payments?a=1order-1", None, REQUEST.body),
        SignedRequest("POST", "/v1/payments?a=", "1order-1", REQUEST.body),
        SignedRequest("POST", "/v1/payments?a=1", "order-", b"1" + REQUEST.body),
        SignedRequest("POST/", "v1/payments?a=1", "order-1", REQUEST.body),
        SignedRequest("POST", "/v1/payments?a=1", "", b"order-1" + REQUEST.body),
    ],
)
def test_a_changed_part_or_a_moved_boundary_is_refused(changed: SignedRequest) -> None:
    assert code(HEADER, changed) == "signature_invalid"


def test_another_time_key_or_digit_is_refused() -> None:
    assert code(f"t={T + 1},v1={MAC}") == "signature_invalid"
    flipped = MAC[:-1] + ("0" if MAC[-1] != "0" else "1")
    assert code(f"t={T},v1={flipped}") == "signature_invalid"
    other = sign_request(bytes(32), request=REQUEST, now=NOW)
    assert code(other) == "signature_invalid"


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"t={T}",
        f"v1={MAC}",
        f"v1={MAC},t={T}",
        f"t={T},v1={MAC[:-1]}",
        f"t={T},v1={MAC[:32]}",
        f"t={T},v1={MAC}0",
        f"t={T},v1={MAC.upper()}",
        f"t={T},t={T},v1={MAC}",
        f"t={T},v1={MAC},t={T}",
        f"t={T}, v1={MAC}",
        f"t={T},v1={MAC}\n",
        f" t={T},v1={MAC}",
        f"t=0{T},v1={MAC}",
        f"t=+{T},v1={MAC}",
        f"t=-{T},v1={MAC}",
        f"t={T}.0,v1={MAC}",
        f"t=1_795406400,v1={MAC}",
        f"t=1e9,v1={MAC}",
        f"t=１７９５４０６４００,v1={MAC}",
        f"t=١٧٩٥٤٠٦٤٠٠,v1={MAC}",
        f"t={T},v1={'٠' * 64}",
        f"t={'9' * 13},v1={MAC}",
        f"t={T},v0={MAC}",
        f"t={T},v1=",
        f"t={T}" + f",v1={MAC}" * 5,
        f"T={T},V1={MAC}",
    ],
)
def test_any_other_spelling_is_malformed(header: str) -> None:
    assert code(header) == "signature_malformed"


def test_one_right_signature_among_four_is_enough_wherever_it_stands() -> None:
    for place in range(4):
        macs = ["0" * 64] * 4
        macs[place] = MAC
        header = f"t={T}," + ",".join(f"v1={mac}" for mac in macs)
        verify_request(header, key=KEY, request=REQUEST, now=NOW)
    assert code(f"t={T},v1={'0' * 64},v1={'1' * 64}") == "signature_invalid"


def test_odd_text_is_refused_not_crashed_on() -> None:
    assert code(HEADER, replace(REQUEST, target="/\ud800")) == "signature_invalid"
    assert code(HEADER, replace(REQUEST, idempotency_key="键")) == "signature_invalid"
