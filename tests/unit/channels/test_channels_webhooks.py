"""Webhooks: the signature, and posts to a real server on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from anfu.channels.webhooks import (
    Webhook,
    WebhookAnswer,
    WebhookSender,
    check_url,
    sign_webhook,
    verify_webhook,
)
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.storage.transaction import _open

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BODY = b'{"id":"evt_1"}'
# printf '1795406400.{"id":"evt_1"}' | openssl dgst -sha256 -hmac old
OLD = "143291714a472f37e6dcb212eaa484c876f09bd91f6a481cca46347123503c02"


def test_the_signature_is_hmac_of_time_and_body() -> None:
    assert sign_webhook([b"old"], BODY, now=NOW) == f"t=1795406400,v1={OLD}"


def test_each_secret_of_a_roll_verifies() -> None:
    header = sign_webhook([b"old", b"new"], BODY, now=NOW)
    verify_webhook(b"old", header, BODY, now=NOW)
    verify_webhook(b"new", header, BODY, now=NOW)
    with pytest.raises(Refused, match="signature_wrong"):
        verify_webhook(b"other", header, BODY, now=NOW)


def test_a_signature_without_a_secret_is_not_made() -> None:
    with pytest.raises(ValueError, match="one to eight"):
        sign_webhook([], BODY, now=NOW)


def test_another_body_or_time_is_wrong() -> None:
    header = sign_webhook([b"old"], BODY, now=NOW)
    with pytest.raises(Refused, match="signature_wrong"):
        verify_webhook(b"old", header, BODY + b" ", now=NOW)
    with pytest.raises(Refused, match="signature_wrong"):
        verify_webhook(b"old", header.replace("t=1795406400", "t=1795406401"), BODY, now=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_signature_is_refused(seconds: int) -> None:
    header = sign_webhook([b"old"], BODY, now=NOW)
    with pytest.raises(Refused, match="signature_stale"):
        verify_webhook(b"old", header, BODY, now=NOW + timedelta(seconds=seconds))
    verify_webhook(b"old", header, BODY, now=NOW + timedelta(seconds=seconds), tolerance_s=301)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1795406400",
        f"v1={OLD}",
        f"t=1795406400,t=1,v1={OLD}",
        f"t=-1,v1={OLD}",
        f"t=1e9,v1={OLD}",
        f"t=١٧٩٥٤٠٦٤٠٠,v1={OLD}",
        f"t=1795406400,v1={OLD.upper()}",
        "t=1795406400,v1=00",
        "t=1795406400" + f",v1={OLD}" * 9,
    ],
)
def test_a_malformed_signature_is_refused(header: str) -> None:
    with pytest.raises(Refused, match="signature_malformed"):
        verify_webhook(b"old", header, BODY, now=NOW)


def test_an_unknown_scheme_beside_ours_is_ignored() -> None:
    verify_webhook(b"old", f"t=1795406400, v0=zz, v1={OLD}", BODY, now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/",
        "//shop.example/",
        "https://",
        "https://user@shop.example/",
        "https://shop.example@169.254.169.254/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example/\r\nX: y",
        "https://shop.example/ a",
        "https://商店.example/",
        "https://[::1/",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_a_url_that_cannot_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="webhook_url_invalid"):
        check_url(url)


def test_a_good_url_passes_without_its_fragment() -> None:
    assert check_url("https://shop.example:8443/h?a=1#b").geturl() == (
        "https://shop.example:8443/h?a=1"
    )


@dataclass
class Shop:
    """A merchant's server: what it was sent, and what it will answer next."""

    url: str = ""
    answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"
    heads: tuple[bytes, ...] = ()
    bodies: tuple[bytes, ...] = ()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads += (head,)
            self.bodies += (await reader.readexactly(len(BODY)),)
            if self.answer is None:
                await reader.read()
            else:
                writer.write(self.answer)
        finally:
            writer.close()

    def header(self, name: str) -> str:
        lines = self.heads[-1].decode().split("\r\n")
        [value] = [line.split(": ", 1)[1] for line in lines if line.startswith(f"{name}: ")]
        return value


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    shop.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield shop
    server.close()


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    sender = WebhookSender(allow_loopback=True, timeout_s=0.3)
    yield sender
    await sender.aclose()


def webhook(url: str) -> Webhook:
    return Webhook(url, (b"old", b"new"), "evt_1", "payment.succeeded", BODY)


async def test_a_webhook_arrives_signed_with_its_headers(shop: Shop, sender: WebhookSender) -> None:
    assert await sender.send(webhook(shop.url), now=NOW) == WebhookAnswer(True, 204, None)
    assert shop.bodies == (BODY,)
    assert shop.heads[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert shop.header("Anfu-Event-Id") == "evt_1"
    assert shop.header("Anfu-Event-Kind") == "payment.succeeded"
    for secret in (b"old", b"new"):
        verify_webhook(secret, shop.header("Anfu-Signature"), BODY, now=NOW)


@pytest.mark.parametrize("status", [199, 300, 400, 410, 500])
async def test_anything_but_2xx_is_not_delivered(
    shop: Shop, sender: WebhookSender, status: int
) -> None:
    secret = b"a secret of the shop"
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(secret)}\r\n\r\n".encode()
    shop.answer = head + secret
    answer = await sender.send(webhook(shop.url), now=NOW)
    if status == 199:  # an interim answer: the final one never comes
        assert answer == WebhookAnswer(False, None, answer.error)
    else:
        assert answer == WebhookAnswer(False, status, f"answered {status}")
    assert "secret" not in str(answer)


async def test_a_redirect_is_not_followed(shop: Shop, sender: WebhookSender) -> None:
    where = shop.url.replace("/hook", "/other").encode()
    shop.answer = b"HTTP/1.1 307 X\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n"
    answer = await sender.send(webhook(shop.url), now=NOW)
    assert answer == WebhookAnswer(False, 307, "answered 307")
    assert len(shop.heads) == 1


async def test_a_silent_shop_is_a_time_out(shop: Shop, sender: WebhookSender) -> None:
    shop.answer = None
    answer = await sender.send(webhook(shop.url), now=NOW)
    assert answer == WebhookAnswer(False, None, "no answer within 0.3 s")


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200"])
async def test_a_broken_answer_is_not_delivered(
    shop: Shop, sender: WebhookSender, answer: bytes
) -> None:
    shop.answer = answer
    said = await sender.send(webhook(shop.url), now=NOW)
    assert (said.delivered, said.answered) == (False, None)
    assert said.error is not None and said.error.startswith("connection failed: ")
    assert len(said.error) <= 200


async def test_a_refused_connection_is_not_delivered(shop: Shop, sender: WebhookSender) -> None:
    said = await sender.send(webhook("http://127.0.0.1:1/"), now=NOW)
    assert said == WebhookAnswer(False, None, "connection failed: All connection attempts failed")


async def test_loopback_is_refused_outside_development(shop: Shop) -> None:
    sender = WebhookSender()
    url = shop.url.replace("http://", "https://")
    assert await sender.send(webhook(url), now=NOW) == WebhookAnswer(
        False, None, "the address is not allowed"
    )
    assert await sender.send(webhook(shop.url), now=NOW) == WebhookAnswer(
        False, None, "webhook_url_invalid"
    )
    await sender.aclose()
    assert shop.heads == ()


async def test_a_name_is_resolved_once_and_a_rebinding_gains_nothing(shop: Shop) -> None:
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    sender = WebhookSender(allow_loopback=True, timeout_s=1, resolve=rebinding)
    url = shop.url.replace("127.0.0.1", "shop.example")
    assert (await sender.send(webhook(url), now=NOW)).delivered
    assert asked == ["shop.example"]
    assert shop.header("Host").startswith("shop.example:")
    again = await sender.send(webhook(url), now=NOW)
    assert again == WebhookAnswer(False, None, "the address is not allowed")
    assert len(shop.heads) == 1
    await sender.aclose()


async def test_one_bad_address_among_good_ones_is_enough(shop: Shop) -> None:
    async def mixed(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1", "10.0.0.1"]

    sender = WebhookSender(allow_loopback=True, resolve=mixed)
    answer = await sender.send(webhook(shop.url), now=NOW)
    assert answer == WebhookAnswer(False, None, "the address is not allowed")
    assert shop.heads == ()
    await sender.aclose()


async def test_a_name_that_does_not_resolve_is_not_delivered() -> None:
    async def nothing(_host: str, _port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    sender = WebhookSender(resolve=nothing)
    answer = await sender.send(webhook("https://shop.example/"), now=NOW)
    assert answer == WebhookAnswer(False, None, "connection failed: the name does not resolve")
    await sender.aclose()


async def test_nothing_is_sent_under_an_open_transaction(shop: Shop, sender: WebhookSender) -> None:
    token = _open.set(True)
    try:
        with pytest.raises(BrokenInvariant):
            await sender.send(webhook(shop.url), now=NOW)
    finally:
        _open.reset(token)
    assert shop.heads == ()


async def test_a_header_cannot_be_smuggled_in(shop: Shop, sender: WebhookSender) -> None:
    bad = replace(webhook(shop.url), kind="x\r\nAnfu-Signature: t=1,v1=0")
    answer = await sender.send(bad, now=NOW)
    assert not answer.delivered
    assert shop.heads == ()


def certificate(name: str) -> bytes:
    """A self-signed certificate for `name` and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(pem)


@pytest.mark.parametrize(
    ("name", "trusted", "delivered"),
    [
        ("shop.example", True, True),
        ("shop.example", False, False),
        ("other.example", True, False),
    ],
)
async def test_tls_verifies_the_name_although_the_address_is_fixed(
    tmp_path: Path, name: str, trusted: bool, delivered: bool
) -> None:
    pem = tmp_path / "pem"
    pem.write_bytes(certificate(name))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    shop = Shop()
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0, ssl=context)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    tls = ssl.create_default_context(cadata=pem.read_text()) if trusted else None
    sender = WebhookSender(allow_loopback=True, resolve=resolve, tls=tls)
    url = f"https://shop.example:{server.sockets[0].getsockname()[1]}/hook"
    answer = await sender.send(webhook(url), now=NOW)
    await sender.aclose()
    server.close()
    assert answer.delivered is delivered
    assert shop.bodies == ((BODY,) if delivered else ())
    assert delivered or "CERTIFICATE_VERIFY_FAILED" in str(answer.error)


def test_secrets_are_not_shown() -> None:
    assert repr(webhook("https://shop.example/?token=x")) == (
        "Webhook(event_id='evt_1', kind='payment.succeeded')"
    )
