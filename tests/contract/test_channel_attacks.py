"""Someone on the line, a stranger, a notice too many: what a channel must not believe."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.contract.conftest import (
    DONE,
    MEMBER,
    NOT_DONE,
    NOW,
    ORDER,
    PEER,
    REFUND,
    UNKNOWN,
    Rig,
    listening,
    said,
)

from anfu.channels.operations import record_notices
from anfu.channels.port import ChannelAnswer
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault
from anfu.channels.sandbox.network import Network, NetworkSettings
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.storage.database import Database


class Tampering(httpx.AsyncBaseTransport):
    """Someone on the line, who changes answers."""

    def __init__(self, kind: str) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._kind = kind
        self._kept: tuple[httpx.Headers, bytes] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        headers, body = response.headers, await response.aread()
        if self._kind == "amount":
            body = body.replace(b"1234", b"1")
        elif self._kind == "outcome":
            body = body.replace(b"PAID", b"DECLINED")
        elif self._kind == "unsigned":
            del headers["sandbox-signature"]
        elif self._kind == "signature":
            headers["sandbox-signature"] = "A" * 86 + "=="
        elif self._kind == "replay":
            self._kept = headers, body = self._kept or (headers, body)
        stream = httpx.ByteStream(body)
        return httpx.Response(response.status_code, headers=headers, stream=stream)

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("amount", "message_forged"),
        ("outcome", "message_forged"),
        ("signature", "message_forged"),
        ("unsigned", "message_malformed"),
    ],
)
async def test_a_tampered_answer_is_unknown(rig: Rig, kind: str, reason: str) -> None:
    channel = rig.other(Tampering(kind))
    assert await channel.pay(ORDER) == ChannelAnswer(UNKNOWN, None, reason)
    await channel.aclose()
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


async def test_an_old_answer_is_not_taken_for_a_new_one(rig: Rig) -> None:
    channel = rig.other(Tampering("replay"))
    assert said(await channel.query(ORDER)) == (UNKNOWN, "not_found")
    assert said(await channel.pay(ORDER)) == (UNKNOWN, "message_forged")
    assert said(await channel.query(ORDER)) == (UNKNOWN, "message_forged")
    await channel.aclose()


@pytest.mark.parametrize("seconds", [301, 3600])
async def test_a_request_out_of_time_is_refused_without_any_work(rig: Rig, seconds: int) -> None:
    rig.clock.advance(timedelta(seconds=seconds))
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "http_401")
    assert rig.network.book.payment("pay_1").state == "NOT_FOUND"


class Repeating(httpx.AsyncBaseTransport):
    """Someone on the line, who sends every request twice and hands on the second answer."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await (await self._inner.handle_async_request(request)).aread()
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def test_a_replayed_request_is_refused(rig: Rig) -> None:
    channel = rig.other(Repeating())
    assert said(await channel.pay(ORDER)) == (UNKNOWN, "http_401")
    await channel.aclose()
    assert len(await rig.inbox.wait(1)) == 1


async def test_a_stranger_is_refused_without_any_work(rig: Rig) -> None:
    stranger = replace(MEMBER, key=Ed25519PrivateKey.from_private_bytes(bytes(32)))
    channel = SandboxChannel(Link(rig.url), stranger, clock=rig.clock, entropy=SeededEntropy(3))
    assert said(await channel.pay(ORDER)) == (UNKNOWN, "http_401")
    await channel.aclose()
    assert rig.network.book.payment("pay_1").state == "NOT_FOUND"


async def test_a_notice_tells_the_payment_and_the_refund(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    [first] = await rig.inbox.wait(1)
    refunded = await rig.channel.refund(REFUND)
    second = (await rig.inbox.wait(2))[1]
    assert (first.payment, first.refund, first.outcome) == ("pay_1", None, DONE)
    assert (first.reference, first.amount, first.currency) == (paid.reference, 1234, "CNY")
    assert (second.payment, second.refund, second.outcome) == ("pay_1", "rfd_1", DONE)
    assert (second.reference, second.amount) == (refunded.reference, 1000)


async def test_a_repeated_notice_counts_once(rig: Rig, database: Database) -> None:
    rig.fail(Fault.REPEAT_NOTICE)
    await rig.channel.pay(ORDER)
    notices = await rig.inbox.wait(2)
    assert notices[0] == notices[1]
    fresh = []
    for notice in notices:
        async with database.transaction() as tx:
            fresh.append(
                await record_notices(tx, channel="sandbox", nonces=[notice.nonce], now=NOW)
            )
    assert fresh == [{notices[0].nonce}, frozenset()]


async def test_a_notice_with_a_wrong_amount_shows_it(rig: Rig) -> None:
    rig.fail(Fault.WRONG_AMOUNT)
    await rig.channel.pay(ORDER)
    notices = await rig.inbox.wait(2)
    assert [(n.outcome, n.amount) for n in notices] == [(DONE, 1235), (DONE, 1234)]


async def test_a_notice_held_back_is_overtaken(rig: Rig) -> None:
    rig.fail(Fault.REORDER_NOTICE, reorder_ms=100)
    await rig.channel.pay(ORDER)
    rig.fail()
    await rig.channel.refund(REFUND)
    notices = await rig.inbox.wait(2)
    assert [n.refund for n in notices] == ["rfd_1", None]


async def test_a_forged_misdirected_or_stale_notice_is_refused(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    await rig.inbox.wait(1)
    headers, body = rig.inbox.mail[0]
    path = "/notices/sandbox"
    with pytest.raises(Refused, match="message_forged"):
        SandboxNotices(MEMBER).read(path, headers, body.replace(b"1234", b"9999"), now=NOW)
    with pytest.raises(Refused, match="message_forged"):
        SandboxNotices(MEMBER).read("/notices/other", headers, body, now=NOW)
    with pytest.raises(Refused, match="message_misdirected"):
        SandboxNotices(replace(MEMBER, name="other")).read(path, headers, body, now=NOW)
    with pytest.raises(Refused, match="message_stale"):
        rig.inbox.read(0, NOW + timedelta(seconds=301))
    assert rig.inbox.read(0, NOW + timedelta(seconds=300)).amount == 1234


async def test_no_call_goes_out_under_an_open_transaction(rig: Rig, database: Database) -> None:
    async with database.transaction():
        for call in (
            rig.channel.pay(ORDER),
            rig.channel.query(ORDER),
            rig.channel.close(ORDER),
            rig.channel.refund(REFUND),
            rig.channel.query_refund(REFUND),
        ):
            with pytest.raises(BrokenInvariant):
                await call
    assert rig.network.book.payment("pay_1").state == "NOT_FOUND"


@pytest.mark.parametrize(
    ("card", "reason"),
    [("tok_lose_request", "timed_out"), ("tok_processing", "processing")],
)
async def test_a_faulty_card_fails_at_the_first_sending_only(
    rig: Rig, card: str, reason: str
) -> None:
    order = replace(ORDER, card=card)
    assert said(await rig.channel.pay(order)) == (UNKNOWN, reason)
    assert said(await rig.channel.pay(order)) == (DONE, None)


async def test_a_journal_outlives_the_process_and_a_torn_line(tmp_path: Path) -> None:
    journal = tmp_path / "network.journal"
    answers: list[ChannelAnswer] = []
    for _ in range(2):
        settings = NetworkSettings(PEER, journal=journal)
        network = Network(settings, clock=ManualClock(NOW), entropy=SeededEntropy(1))
        with socket.create_server(("127.0.0.1", 0)) as bound, listening(network.app, bound):
            link = Link(f"http://127.0.0.1:{bound.getsockname()[1]}")
            channel = SandboxChannel(
                link, MEMBER, clock=ManualClock(NOW), entropy=SeededEntropy(4 + len(answers))
            )
            answers.append(await channel.pay(ORDER))
            answers.append(await channel.refund(REFUND))
            answers.append(await channel.close(replace(ORDER, payment="pay_2")))
            await channel.aclose()
        with journal.open("ab") as file:
            file.write(b'{"payment":"pay_3","st')
    assert [a.outcome for a in answers[:3]] == [DONE, DONE, NOT_DONE]
    assert answers[:3] == answers[3:]
    assert len(journal.read_bytes().split(b"\n")) == 4
