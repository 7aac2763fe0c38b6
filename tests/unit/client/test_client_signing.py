"""What the client signs the server verifies, and the other way round."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from anfu.channels.webhooks import sign_webhook
from anfu.client.signing import (
    Request,
    WebhookInvalid,
    sign,
    sign_once,
    signing_key,
    verify_webhook,
)
from anfu.parties import nonce, signature

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(secret=st.text(max_size=40), target=ASCII, key=ASCII, body=st.binary(max_size=200))
def test_a_request_signed_by_the_client_is_what_the_server_signs(
    secret: str, target: str, key: str, body: bytes
) -> None:
    made = sign(signing_key(secret), method="POST", target=target, idempotency_key=key,
                body=body, seconds=SECONDS)  # fmt: skip
    request = signature.SignedRequest("POST", target, key, body)
    ours = signature.signing_key(secret)
    assert made == signature.sign_request(ours, request=request, now=NOW)
    signature.verify_request(made, key=ours, request=request, now=NOW)


NONCES = st.text("abcXYZ019-_", min_size=16, max_size=64)


@given(
    secret=st.text(max_size=40), target=ASCII, key=st.none() | ASCII, body=st.binary(max_size=200),
    once=NONCES,
)  # fmt: skip
def test_a_request_that_is_good_once_is_what_the_server_signs(
    secret: str, target: str, key: str | None, body: bytes, once: str
) -> None:
    method = "GET" if key is None else "POST"
    ours = signature.signing_key(secret)
    pair = Ed25519PrivateKey.from_private_bytes(sha256(secret.encode()).digest())
    request = signature.SignedRequest(method, target, key, body)
    asked = Request(method, target, key, body)
    for mac, right, proofs in (
        (lambda text: hmac.digest(signing_key(secret), text, "sha256"), ours, nonce.Proofs(ours)),
        (pair.sign, pair, nonce.Proofs(None, pair.public_key().public_bytes_raw())),
    ):
        made = sign_once(mac, asked, seconds=SECONDS, nonce=once)
        assert made == nonce.sign_nonced(right, request=request, nonce=once, now=NOW)
        assert nonce.verify_nonced(made, proofs=proofs, request=request, now=NOW) == once


@given(body=st.binary(max_size=200), secret=st.binary(min_size=1, max_size=64))
def test_a_webhook_of_the_server_is_taken_and_a_changed_one_is_not(
    body: bytes, secret: bytes
) -> None:
    header = sign_webhook([b"old", secret], body, now=NOW)
    verify_webhook(secret, header, body, seconds=SECONDS + 300)
    for wrong in (
        (secret, header, body + b" ", SECONDS),
        (secret + b"x", header, body, SECONDS),
        (secret, header, body, SECONDS + 301),
        (secret, header, body, SECONDS - 301),
        (secret, header.replace("t=", "t=0", 1), body, SECONDS),
    ):
        with pytest.raises(WebhookInvalid):
            verify_webhook(*wrong[:3], seconds=wrong[3])


@pytest.mark.parametrize(
    "header",
    ["", "t=1", f"v1={'0' * 64}", f"t=1,t=1,v1={'0' * 64}", f"t=x,v1={'0' * 64}", "t=1,v1=00",
     "t=1" + f",v1={'0' * 64}" * 9, f"t={'9' * 12},v1={'0' * 64}"],
)  # fmt: skip
def test_a_malformed_signature_is_no_signature(header: str) -> None:
    with pytest.raises(WebhookInvalid):
        verify_webhook(b"s", header, b"", seconds=1)
