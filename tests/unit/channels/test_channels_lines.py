"""Lines over real sockets: what certainly was not sent, and what may have been."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from anfu.channels.lines import Lines, Reply
from anfu.channels.wires import Request, Sockets
from anfu.kernel.errors import Outcome, OutsideFailure

NOT_DONE, UNKNOWN = Outcome.NOT_DONE, Outcome.UNKNOWN
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nX-Sign: one\r\nx-sign: two\r\nContent-Length: 2\r\n\r\nhi"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    """A peer that speaks as `talk` does with each connection; its address."""

    async def held(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(held, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def says(*answers: bytes, silent: bool = False) -> Talk:
    """Each request on one connection gets the next of `answers`; then it ends, or is `silent`."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        await reader.readuntil(b"\r\n\r\n")
        if silent:
            await reader.read()

    return talk


@asynccontextmanager
async def lines(timeout_s: float = 2.0) -> AsyncIterator[Lines]:
    made = Lines(timeout_s=timeout_s)
    yield made
    await made.aclose()


async def ending(line: Lines, url: str, method: str = "POST") -> tuple[Outcome, str]:
    with pytest.raises(OutsideFailure) as failure:
        await line.exchange(Request(method, url, {}), most_bytes=1_000)
    return failure.value.outcome, failure.value.reason


async def test_an_answer_comes_whole_and_the_request_goes_out_as_it_was_signed() -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(4))
        writer.write(OK)

    async with serving(talk) as peer, lines() as line:
        url = f"http://{peer}/a%2fb?t=2026+11&u=%7e&v=%E5%AE%89"
        reply = await line.exchange(Request("POST", url, {"x-nonce": "n"}, b"body"))
    assert reply == Reply(200, {"x-sign": "one, two", "content-length": "2"}, b"hi")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    first, *others = head.decode().split("\r\n")
    assert first == "POST /a%2fb?t=2026+11&u=%7e&v=%E5%AE%89 HTTP/1.1"
    sent = dict(other.lower().split(": ", 1) for other in others)
    sent.pop("accept")
    assert sent == {
        "host": peer, "user-agent": "anfu", "accept-encoding": "identity", "x-nonce": "n",
        "content-length": "4",
    }  # fmt: skip
    assert body == b"body"


async def test_a_refused_connection_was_not_sent() -> None:
    async with serving(says()) as peer:
        pass
    async with lines() as line:
        assert await ending(line, f"http://{peer}/") == (NOT_DONE, "not_sent")


async def test_a_handshake_that_never_ends_was_not_sent() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(talk) as peer, lines(timeout_s=0.3) as line:
        assert await ending(line, f"https://{peer}/") == (NOT_DONE, "not_sent")


async def test_a_peer_that_is_not_tls_or_not_known_was_not_sent() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(OK)

    async with serving(talk) as peer, lines() as line:
        assert await ending(line, f"https://{peer}/") == (NOT_DONE, "not_sent")


async def test_without_a_free_connection_in_time_it_was_not_sent() -> None:
    wire = Sockets(connections=1)
    async with serving(says(HALF, silent=True)) as peer:
        first, second = (Request("POST", f"http://{peer}/{n}", {}) for n in (1, 2))
        async with wire.carry(first):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), wire.carry(second):
                    pass
        assert (first.sent, second.sent) == (True, False)
        await wire.aclose()


async def test_a_used_connection_that_ends_may_have_been_sent() -> None:
    async with serving(says(OK)) as peer, lines() as line:
        await line.exchange(Request("POST", f"http://{peer}/1", {}))
        assert await ending(line, f"http://{peer}/2") == (UNKNOWN, "connection_lost")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "connection_lost"),
        (HALF, "connection_lost"),
        (b"nonsense\r\n\r\n", "connection_lost"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n", "connection_lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"a" * 1_001, "answer_too_large"),
    ],
    ids=["none", "half", "nonsense", "long header", "long body"],
)
async def test_what_comes_of_a_request_that_left_is_unknown(answer: bytes, reason: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with serving(talk) as peer, lines() as line:
        assert await ending(line, f"http://{peer}/") == (UNKNOWN, reason)


async def test_a_peer_that_drips_is_bounded_by_the_whole() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(talk) as peer, lines(timeout_s=0.3) as line:
        assert await ending(line, f"http://{peer}/") == (UNKNOWN, "timed_out")


async def test_nothing_is_redirected_kept_or_sent_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[bytes] = []
    away = (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\n"
        b"Content-Length: 0\r\n\r\n"
    )

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(away)

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with serving(talk) as peer, lines() as line:
        for _ in range(2):
            reply = await line.exchange(Request("GET", f"http://{peer}/here", {}))
            assert (reply.status, reply.body) == (302, b"")
    assert [head.split()[1] for head in heard] == [b"/here", b"/here"]
    assert b"cookie" not in b"".join(heard).lower()


async def test_the_log_tells_where_and_how_and_nothing_that_was_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(says(OK)) as peer, lines() as line:
        url = f"http://{peer}/pay"
        await line.exchange(Request("POST", f"{url}?sign=s3cret", {"a": "s3cret"}, b"s3cret"))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("anfu")]
    assert ours == [f"POST {url}: (200, 2)"]
    assert "s3cret" not in caplog.text and "s3cret" not in repr(Request("GET", url, {}, b"s3cret"))
