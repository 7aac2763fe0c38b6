"""The envelope of a feed: nothing is believed before its signature, and each check is its own."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.channels.feeds.client import FeedClient
from anfu.channels.feeds.envelope import TITLE, Expected, Issue, open_issue, seal_issue
from anfu.kernel.errors import BrokenInvariant, OutsideFailure, Refused
from anfu.storage.transaction import _open

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
PUBLIC = KEY.public_key().public_bytes_raw().hex()
ISSUE = Issue("cards", 17, NOW, 1, "value\ntok_1\n")
FORGED = r"feed_malformed|feed_signature_wrong"
EXPECTED = Expected("cards", PUBLIC, 3_600, 17)


def sealed_head(head: bytes) -> bytes:
    rest = head + b"\nvalue\n"
    return TITLE + base64.b64encode(KEY.sign(TITLE + rest)) + b"\n" + rest


def test_an_issue_comes_out_as_it_went_in() -> None:
    assert open_issue(seal_issue(ISSUE, KEY), EXPECTED, now=NOW) == ISSUE


def test_the_form_is_what_the_paper_says() -> None:
    title, mark, head, *rows = seal_issue(ISSUE, KEY).decode().split("\n")
    assert title == "anfu-feed-v1"
    assert len(base64.b64decode(mark)) == 64
    assert head == '{"issued_at":"2026-11-23T04:00:00Z","list":"cards","rows":1,"serial":17}'
    assert rows == ["value", "tok_1", ""]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (replace(ISSUE, list="phones"), "feed_misplaced"),
        (replace(ISSUE, issued_at=NOW - timedelta(seconds=3_601)), "feed_stale"),
        (replace(ISSUE, issued_at=NOW + timedelta(seconds=301)), "feed_stale"),
        (replace(ISSUE, serial=16), "feed_replayed"),
    ],
)
def test_a_true_issue_of_the_wrong_list_or_time_is_refused(changed: Issue, code: str) -> None:
    with pytest.raises(Refused, match=code):
        open_issue(seal_issue(changed, KEY), EXPECTED, now=NOW)


def test_every_changed_byte_is_refused() -> None:
    body = seal_issue(ISSUE, KEY)
    for place in range(len(body)):
        forged = bytearray(body)
        forged[place] ^= 1
        with pytest.raises(Refused, match=FORGED):
            open_issue(bytes(forged), EXPECTED, now=NOW)
    for end in range(len(body)):
        with pytest.raises(Refused, match=FORGED):
            open_issue(body[:end], EXPECTED, now=NOW)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"{" * 100_000,
        b'{"issued_at":"2026-11-23T04:00:00Z","list":"cards","rows":1}',
        b'{"issued_at":"2026-11-23T04:00:00Z","list":"cards","rows":1,"serial":true}',
        b'{"issued_at":"2026-11-23T04:00:00Z","list":"cards","rows":-1,"serial":17}',
        b'{"issued_at":"2026-11-23T04:00:00","list":"cards","rows":1,"serial":17}',
        b'{"issued_at":"yesterday","list":"cards","rows":1,"serial":17}',
        b'{"issued_at":"2026-11-23T04:00:00Z","list":"cards","list":"phones","rows":1,"serial":17}',
        b'{"issued_at":"2026-11-23T04:00:00Z", "list":"cards","rows":1,"serial":17}',
    ],
)
def test_a_signed_head_of_another_form_is_refused(head: bytes) -> None:
    with pytest.raises(Refused, match="feed_malformed"):
        open_issue(sealed_head(head), EXPECTED, now=NOW)


def test_another_key_and_another_purpose_of_the_same_key_are_refused() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(Refused, match="feed_signature_wrong"):
        open_issue(seal_issue(ISSUE, other), EXPECTED, now=NOW)
    rest = seal_issue(ISSUE, KEY).split(b"\n", 2)[2]
    bare = TITLE + base64.b64encode(KEY.sign(rest)) + b"\n" + rest
    with pytest.raises(Refused, match="feed_signature_wrong"):
        open_issue(bare, EXPECTED, now=NOW)


def test_openssl_agrees_with_the_signature(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    body = seal_issue(ISSUE, KEY)
    _, mark, rest = body.split(b"\n", 2)
    files = {"key": KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "mark": base64.b64decode(mark), "text": TITLE + rest}  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin", "-in", "text",
               "-sigfile", "mark"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


async def test_the_client_leads_nowhere_inside(tmp_path: Path) -> None:
    client = FeedClient(tmp_path)
    for url in ("http://example.org/", "https://127.0.0.1/", "https://169.254.169.254/",
                "https://[::1]/", "https://10.0.0.1/", "ftp://example.org/"):  # fmt: skip
        with pytest.raises(OutsideFailure, match="address"):
            await client.fetch(url, etag=None, most_bytes=10)
    (tmp_path.parent / "secret").write_text("x")
    with pytest.raises(OutsideFailure, match="cannot be read"):
        await client.fetch("../secret", etag=None, most_bytes=10)
    await client.aclose()


async def test_no_feed_is_fetched_while_a_transaction_is_open(tmp_path: Path) -> None:
    client = FeedClient(tmp_path)
    token = _open.set(True)
    with pytest.raises(BrokenInvariant):
        await client.fetch("file", etag=None, most_bytes=10)
    _open.reset(token)
    await client.aclose()


async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(11))
    client = FeedClient(tmp_path)
    with pytest.raises(Refused, match="feed_too_large"):
        await client.fetch("file", etag=None, most_bytes=10)
    first = await client.fetch("file", etag=None, most_bytes=11)
    assert first.body == bytes(11)
    assert (await client.fetch("file", etag=first.etag, most_bytes=11)).body is None
    await client.aclose()
