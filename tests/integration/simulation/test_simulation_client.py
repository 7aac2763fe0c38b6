"""The client against a server that answers as it is told, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from anfu.kernel.clock import SystemClock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.parties.signature import SignedRequest, signing_key, verify_request
from anfu.simulation.client import BALANCE, Client, Credentials, Patience, Pay, Place
from anfu.simulation.processes import free_port

SECRET = "sk_test"
CUT, SILENT, CLOSE = "cut", "silent", "close"
OK = (201, '{"id":"pay_1","state":"SUCCEEDED"}')
BUSY = (503, '{"code":"unavailable"}')
IN_FLIGHT = (409, '{"code":"idempotency_in_flight"}')
CONFLICT = (409, '{"code":"payment_not_waiting"}')
ORDER = Pay("cus_1", "mer_1", 1250, "CNY", BALANCE, Place("phone", "10.0.0.1", 30.0, 120.0))


@dataclass
class Server:
    """Gives `answers` one after another; `requests` is what it got: method, target, headers,
    body."""

    answers: list[object]
    port: int = 0
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._request(reader)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if answer == SILENT:
                    await self.over.wait()
                    break
                if answer == CUT:
                    writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{")
                    await writer.drain()
                    break
                status, body = OK if answer == CLOSE else answer  # type: ignore[misc]
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                await writer.drain()
                if answer == CLOSE:
                    break
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        method, target, _ = first.split(" ")
        self.requests.append((method, target, headers, body))


@asynccontextmanager
async def serving(answers: Sequence[object], **patience: float) -> AsyncIterator[tuple]:
    server = Server(list(answers))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    client = Client(
        f"http://127.0.0.1:{server.port}",
        Credentials("key_1", SECRET),
        clock=SystemClock(),
        patience=Patience(**patience),  # type: ignore[arg-type]
    )
    try:
        yield client, server
    finally:
        client.close()
        server.over.set()
        listening.close()
        await asyncio.gather(*server.tasks)


async def test_a_write_is_signed_over_what_is_sent() -> None:
    async with serving([OK]) as (client, server):
        reply = await client.pay(ORDER, key="order-1")
    assert (reply.status, reply.body["state"], reply.attempts) == (201, "SUCCEEDED", 1)
    method, target, headers, body = server.requests[0]
    verify_request(
        headers["anfu-signature"],
        key=signing_key(SECRET),
        request=SignedRequest(method, target, "order-1", body),
        now=SystemClock().now(),
    )
    assert headers["anfu-key"] == "key_1"
    assert headers["idempotency-key"] == "order-1"
    assert "authorization" not in headers
    assert body == (
        b'{"payer":"cus_1","payee":"mer_1","amount":1250,"currency":"CNY",'
        b'"method":{"type":"balance"},"environment":{"device":"phone","address":"10.0.0.1",'
        b'"latitude":30.0,"longitude":120.0}}'
    )


async def test_a_read_carries_the_secret_and_no_key() -> None:
    async with serving([(200, "{}")]) as (client, server):
        await client.payments(state="UNKNOWN")
    method, target, headers, _ = server.requests[0]
    assert (method, target) == ("GET", "/v1/payments?state=UNKNOWN&limit=100")
    assert headers["authorization"] == f"Bearer key_1.{SECRET}"
    assert "idempotency-key" not in headers


@pytest.mark.parametrize("trouble", [BUSY, IN_FLIGHT, CUT])
async def test_trouble_is_answered_by_the_same_request_under_the_same_key(trouble: object) -> None:
    async with serving([trouble, trouble, OK]) as (client, server):
        reply = await client.pay(ORDER, key="order-1")
        assert client.repeats == 2
    assert (reply.status, reply.attempts) == (201, 3)
    assert {h["idempotency-key"] for _, _, h, _ in server.requests} == {"order-1"}
    assert len({body for *_, body in server.requests}) == 1


async def test_a_no_is_not_asked_again() -> None:
    async with serving([CONFLICT]) as (client, server):
        reply = await client.cancel("pay_1", key="k")
    assert (reply.status, reply.code, reply.good) == (409, "payment_not_waiting", False)
    assert len(server.requests) == 1


async def test_a_server_that_says_nothing_is_asked_again_until_patience_ends() -> None:
    async with serving([SILENT], answer_s=0.1, whole_s=0.4) as (client, server):
        with pytest.raises(OutsideFailure, match="timed out") as failure:
            await client.pay(ORDER, key="order-1")
    assert failure.value.outcome is Outcome.UNKNOWN
    assert len(server.requests) >= 2


async def test_patience_with_a_busy_server_ends_with_its_answer() -> None:
    async with serving([BUSY], whole_s=0.2) as (client, _):
        reply = await client.pay(ORDER, key="order-1")
    assert reply.status == 503


async def test_nobody_there_is_unknown_too() -> None:
    client = Client(
        f"http://127.0.0.1:{free_port()}",
        Credentials("key_1", SECRET),
        clock=SystemClock(),
        patience=Patience(whole_s=0.1),
    )
    with pytest.raises(OutsideFailure, match="connect: ConnectionRefusedError"):
        await client.get("/health")


async def test_a_connection_is_used_again_and_a_closed_one_is_not() -> None:
    async with serving([OK, OK, CLOSE, OK]) as (client, server):
        for n in range(4):
            assert (await client.pay(ORDER, key=f"order-{n}")).attempts == 1
            await asyncio.sleep(0.05)
    assert server.connections == 2


async def test_no_more_connections_than_allowed() -> None:
    async with serving([OK], connections=2) as (client, server):
        replies = await asyncio.gather(*(client.pay(ORDER, key=f"order-{n}") for n in range(20)))
    assert [reply.status for reply in replies] == [201] * 20
    assert server.connections <= 2


async def test_credentials_do_not_show_themselves() -> None:
    assert SECRET not in repr(Credentials("key_1", SECRET))
