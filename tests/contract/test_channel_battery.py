"""What any `Channel` must do, run against the sandbox network over real HTTP on loopback.

A new channel joins by giving a `Rig` of its own simulator.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from anfu.channels.operations import record_notices
from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.channels.sandbox.network import Network, NetworkSettings, server_config
from anfu.channels.sandbox.notices import Notice, read_notice
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import BrokenInvariant, Outcome, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ORDER = ChannelOrder("pay_1", 1234, "CNY", "tok_good", NOW)
REFUND = ChannelRefund("rfd_1", "pay_1", 1000, "CNY")
DONE, NOT_DONE, UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN

_network_key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_member_key = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
MEMBER = Identity("anfu", _member_key, NETWORK, _network_key.public_key())
PEER = Identity(NETWORK, _network_key, "anfu", _member_key.public_key())


@contextmanager
def listening(app: ASGIApp, bound: socket.socket) -> Iterator[None]:
    """The application served by a thread of its own until the block ends."""
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    while not server.started:
        time.sleep(0.002)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class Inbox:
    """Receives notices as the application's door would: it keeps headers and body."""

    def __init__(self) -> None:
        self.mail: list[tuple[dict[str, str], bytes]] = []

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.mail.append((dict(request.headers), await request.body()))
        await Response(status_code=204)(scope, receive, send)

    async def wait(self, count: int) -> list[Notice]:
        for _ in range(1000):
            if len(self.mail) >= count:
                return [self.read(i) for i in range(len(self.mail))]
            await asyncio.sleep(0.005)
        raise TimeoutError

    def read(self, place: int, now: datetime = NOW) -> Notice:
        return read_notice(MEMBER, "/notices/sandbox", *self.mail[place], now=now)


@dataclass
class Rig:
    channel: SandboxChannel
    network: Network
    clock: ManualClock
    inbox: Inbox
    url: str

    def fail(self, *faults: Fault, **more: Any) -> None:
        """From now on every request meets these faults; none without any."""
        self.network.faults = Faults(rates=dict.fromkeys(faults, 1.0), **more)

    def other(self, transport: httpx.AsyncBaseTransport, timeout_s: float = 5) -> SandboxChannel:
        link = Link(self.url, timeout_s)
        entropy = SeededEntropy(9)
        return SandboxChannel(link, MEMBER, clock=self.clock, entropy=entropy, transport=transport)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock, inbox = ManualClock(NOW), Inbox()
    with socket.create_server(("127.0.0.1", 0)) as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        settings = NetworkSettings(PEER, f"{url}/notices/sandbox")
        network = Network(settings, clock=ManualClock(NOW), entropy=SeededEntropy(1))

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            notice = scope.get("path") == "/notices/sandbox"
            await (inbox.take if notice else network.app)(scope, receive, send)

        with listening(app, bound):
            link = Link(url, timeout_s=0.3)
            channel = SandboxChannel(link, MEMBER, clock=clock, entropy=SeededEntropy(2))
            yield Rig(channel, network, clock, inbox, url)
            await channel.aclose()


def said(answer: ChannelAnswer) -> tuple[Outcome, str | None]:
    return answer.outcome, answer.reason


async def test_pay_is_done_with_a_reference_and_the_amount(rig: Rig) -> None:
    answer = await rig.channel.pay(ORDER)
    assert answer.reference is not None and answer.reference.startswith("sbx_")
    assert answer == ChannelAnswer(DONE, answer.reference, None, 1234, "CNY")
    assert await rig.channel.query("pay_1") == answer


async def test_the_same_payment_again_is_answered_as_before(rig: Rig) -> None:
    answers = [await rig.channel.pay(ORDER) for _ in range(3)]
    assert answers[0].outcome is DONE
    assert len(set(answers)) == 1
    assert len(await rig.inbox.wait(1)) == 1


async def test_parallel_sendings_of_one_payment_pay_once(rig: Rig) -> None:
    answers = await asyncio.gather(*[rig.channel.pay(ORDER) for _ in range(8)])
    assert len(set(answers)) == 1
    assert len(await rig.inbox.wait(1)) == 1


async def test_the_same_id_with_another_content_is_refused(rig: Rig) -> None:
    first = await rig.channel.pay(ORDER)
    for other in (
        replace(ORDER, amount=1235),
        replace(ORDER, currency="USD"),
        replace(ORDER, card="tok_other"),
    ):
        assert said(await rig.channel.pay(other)) == (UNKNOWN, "content_conflict")
    assert await rig.channel.query("pay_1") == first


@pytest.mark.parametrize("reason", ["insufficient_funds", "stolen_card", "expired_card"])
async def test_a_decline_is_not_done_with_its_reason_and_stays_so(rig: Rig, reason: str) -> None:
    order = replace(ORDER, card=f"tok_{reason}")
    assert said(await rig.channel.pay(order)) == (NOT_DONE, reason)
    assert said(await rig.channel.pay(order)) == (NOT_DONE, reason)
    assert said(await rig.channel.query("pay_1")) == (NOT_DONE, reason)
    assert said(await rig.channel.close("pay_1")) == (NOT_DONE, reason)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_lost_answer_is_unknown_and_then_found_done(rig: Rig, seed: int) -> None:
    rig.fail(Fault.LOSE_ANSWER, seed=seed)
    answer = await rig.channel.pay(replace(ORDER, first=True))
    assert answer.outcome is UNKNOWN
    assert answer.reason in ("timed_out", "connection_lost")
    rig.fail()
    found = await rig.channel.query("pay_1")
    assert (found.outcome, found.amount, found.currency) == (DONE, 1234, "CNY")
    assert await rig.channel.pay(ORDER) == found


async def test_a_lost_request_is_unknown_and_not_found_proves_nothing(rig: Rig) -> None:
    rig.fail(Fault.LOSE_REQUEST)
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.query("pay_1")) == (UNKNOWN, "not_found")
    assert said(await rig.channel.close("pay_1")) == (NOT_DONE, "closed")
    assert said(await rig.channel.pay(ORDER)) == (NOT_DONE, "closed")
    assert said(await rig.channel.query("pay_1")) == (NOT_DONE, "closed")
    assert rig.inbox.mail == []


async def test_a_request_that_arrives_after_the_close_is_refused(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=400)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.close("pay_1")) == (NOT_DONE, "closed")
    await asyncio.sleep(0.3)
    assert said(await rig.channel.query("pay_1")) == (NOT_DONE, "closed")
    assert rig.inbox.mail == []


async def test_a_request_that_arrives_late_is_paid_after_the_time_out(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=400)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.query("pay_1")) == (UNKNOWN, "not_found")
    [notice] = await rig.inbox.wait(1)
    assert (notice.payment, notice.outcome, notice.amount) == ("pay_1", DONE, 1234)
    assert said(await rig.channel.query("pay_1")) == (DONE, None)


async def test_closing_what_is_paid_says_that_it_is_paid(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    assert await rig.channel.close("pay_1") == paid
    assert await rig.channel.query("pay_1") == paid


async def test_processing_is_unknown_until_the_truth(rig: Rig) -> None:
    rig.fail(Fault.PROCESSING)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "processing")
    assert said(await rig.channel.query("pay_1")) == (UNKNOWN, "processing")
    assert said(await rig.channel.query("pay_1")) == (DONE, None)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_server_error_is_unknown_whether_or_not_it_worked(rig: Rig, seed: int) -> None:
    rig.fail(Fault.SERVER_ERROR, seed=seed)
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "http_503")
    rig.fail()
    assert said(await rig.channel.pay(ORDER)) == (DONE, None)


async def test_a_refused_connection_is_not_done_only_at_the_first_sending(rig: Rig) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        link = Link(f"http://127.0.0.1:{closed.getsockname()[1]}", timeout_s=1)
        channel = SandboxChannel(link, MEMBER, clock=rig.clock, entropy=SeededEntropy(3))
        assert said(await channel.pay(replace(ORDER, first=True))) == (NOT_DONE, "not_sent")
        assert said(await channel.pay(ORDER)) == (UNKNOWN, "not_sent")
        assert said(await channel.refund(replace(REFUND, first=True))) == (NOT_DONE, "not_sent")
        assert said(await channel.refund(REFUND)) == (UNKNOWN, "not_sent")
        assert said(await channel.query("pay_1")) == (UNKNOWN, "not_sent")
        assert said(await channel.close("pay_1")) == (UNKNOWN, "not_sent")
        await channel.aclose()


async def test_refunds_in_part_up_to_the_whole_and_never_over(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    done = await rig.channel.refund(REFUND)
    assert (done.outcome, done.amount, done.currency) == (DONE, 1000, "CNY")
    assert await rig.channel.refund(REFUND) == done
    assert await rig.channel.query_refund("rfd_1") == done
    over = ChannelRefund("rfd_2", "pay_1", 235, "CNY")
    assert said(await rig.channel.refund(over)) == (NOT_DONE, "refund_exceeds_payment")
    assert said(await rig.channel.query_refund("rfd_2")) == (NOT_DONE, "refund_exceeds_payment")
    rest = ChannelRefund("rfd_3", "pay_1", 234, "CNY")
    assert said(await rig.channel.refund(rest)) == (DONE, None)
    more = ChannelRefund("rfd_4", "pay_1", 1, "CNY")
    assert said(await rig.channel.refund(more)) == (NOT_DONE, "refund_exceeds_payment")


async def test_refunds_that_do_not_fit_their_payment_are_declined(rig: Rig) -> None:
    assert said(await rig.channel.refund(REFUND)) == (NOT_DONE, "payment_not_paid")
    await rig.channel.pay(ORDER)
    assert said(await rig.channel.refund(REFUND)) == (NOT_DONE, "payment_not_paid")
    dollars = ChannelRefund("rfd_2", "pay_1", 1, "USD")
    assert said(await rig.channel.refund(dollars)) == (NOT_DONE, "currency_mismatch")
    await rig.channel.refund(ChannelRefund("rfd_3", "pay_1", 1, "CNY"))
    other = ChannelRefund("rfd_3", "pay_1", 2, "CNY")
    assert said(await rig.channel.refund(other)) == (UNKNOWN, "content_conflict")


async def test_a_lost_refund_is_unknown_and_sending_it_again_settles_it(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    rig.fail(Fault.LOSE_REQUEST)
    assert said(await rig.channel.refund(REFUND)) == (UNKNOWN, "timed_out")
    rig.fail(Fault.LOSE_ANSWER)
    assert (await rig.channel.refund(REFUND)).outcome is UNKNOWN
    rig.fail()
    found = await rig.channel.query_refund("rfd_1")
    assert found.outcome is DONE
    assert await rig.channel.refund(REFUND) == found
    assert said(await rig.channel.query_refund("rfd_9")) == (UNKNOWN, "not_found")


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
    assert said(await rig.channel.query("pay_1")) == (DONE, None)


async def test_an_old_answer_is_not_taken_for_a_new_one(rig: Rig) -> None:
    channel = rig.other(Tampering("replay"))
    assert said(await channel.query("pay_1")) == (UNKNOWN, "not_found")
    assert said(await channel.pay(ORDER)) == (UNKNOWN, "message_forged")
    assert said(await channel.query("pay_1")) == (UNKNOWN, "message_forged")
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
        read_notice(MEMBER, path, headers, body.replace(b"1234", b"9999"), now=NOW)
    with pytest.raises(Refused, match="message_forged"):
        read_notice(MEMBER, "/notices/other", headers, body, now=NOW)
    with pytest.raises(Refused, match="message_misdirected"):
        read_notice(replace(MEMBER, name="other"), path, headers, body, now=NOW)
    with pytest.raises(Refused, match="message_stale"):
        rig.inbox.read(0, NOW + timedelta(seconds=301))
    assert rig.inbox.read(0, NOW + timedelta(seconds=300)).amount == 1234


async def test_no_call_goes_out_under_an_open_transaction(rig: Rig, database: Database) -> None:
    async with database.transaction():
        for call in (
            rig.channel.pay(ORDER),
            rig.channel.query("pay_1"),
            rig.channel.close("pay_1"),
            rig.channel.refund(REFUND),
            rig.channel.query_refund("rfd_1"),
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
            answers.append(await channel.close("pay_2"))
            await channel.aclose()
        with journal.open("ab") as file:
            file.write(b'{"payment":"pay_3","st')
    assert [a.outcome for a in answers[:3]] == [DONE, DONE, NOT_DONE]
    assert answers[:3] == answers[3:]
    assert len(journal.read_bytes().split(b"\n")) == 4
