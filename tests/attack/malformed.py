"""Oversized and malformed input, and connections that never end: refused, and nobody else waits."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
from tests.attack.caller import encode
from tests.attack.makers import make_all
from tests.attack.place import Place
from tests.attack.tally import Tally

from anfu.simulation.processes import API, HOST

_BIG = 10 * 1024 * 1024
_GROWN_MB = 256
_SLOW, _LOOKS, _WAIT_S = 200, 20, 1.0
_DEEP = 50_000
_MARK = "here-it-is-spoiled"


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    return [
        await _malformed(place),
        await _oversized(place),
        await _lines(place),
        await _slow(place),
    ]


def _spoiled(body: dict[str, Any]) -> dict[str, bytes]:
    """A body in ways no reader must take."""
    good = encode(body)
    inner = good[1:-1]
    name = next(iter(body), "x")
    twice = b"{" + inner + b"," + encode({name: body.get(name)})[1:-1] + b"}" if inner else b""
    return {
        "empty": b"", "truncated": good[:-1], "a list": b"[" + good + b"]", "null": b"null",
        "a name twice": twice, "invalid UTF-8": good[:-1] + b',"x":"\xff\xfe"}',
        "NUL": good[:-1] + b',"x":"\\u0000"}', "half a surrogate": good[:-1] + b',"x":"\\ud800"}',
        "UTF-16": good.decode().encode("utf-16"), "deep": b'{"x":' + b"[" * _DEEP,
        "deep objects": b'{"x":' * _DEEP, "digits": b'{"' + name.encode() + b'":' + b"9" * 9_000,
        "not a number": good[:-1] + b',"x":NaN}', "two of them": good + good,
        "a form": b"payer=a&amount=1", "XML": b"<?xml version='1.0'?><a/>",
        **_spoiled_texts(body),
    }  # fmt: skip


def _spoiled_texts(body: dict[str, Any]) -> dict[str, bytes]:
    """Each declared text with what no text may have: elsewhere a field that nobody knows would be
    refused for being there."""
    wrong = {"NUL": b"\\u0000", "half a surrogate": b"\\ud800", "invalid UTF-8": b"\xff\xfe"}
    return {
        f"{what} in {name}": encode(body | {name: _MARK}).replace(_MARK.encode(), b"a" + sent)
        for name, value in body.items() if isinstance(value, str)
        for what, sent in wrong.items()
    }  # fmt: skip


async def _malformed(place: Place) -> Tally:
    names = await make_all(place)
    tally = Tally("malformed bodies", "one strict reader before anything is written")
    for one in place.asked:
        if one.body is None:
            continue
        before = await place.digest()
        for what, body in _spoiled(dict(one.body)).items():
            answer = await place.office.ask(one.method, one.target(names), body)
            refused = 400 <= answer.status_code < 500
            tally.judge(f"{one.name}, {what}: {answer.text[:80]}", refused)
        tally.judge(f"{one.name} changed the database", await place.digest() == before)
    return tally


async def _oversized(place: Place) -> Tally:
    """Ten megabytes, told beforehand or not; memory must not grow with what is thrown away."""
    names = await make_all(place)
    tally = Tally("oversized bodies and headers", "bounded reading; 413 before the body is read")
    before, memory = await place.digest(), _memory_mb(place)
    big = b'{"x":"' + b"a" * _BIG + b'"}'
    for one in place.asked:
        if one.method == "POST":
            target = one.target(names)
            tally.judge(f"{one.name}: 10 MB", await _refuses(place, target, big))
            tally.judge(f"{one.name}: 10 MB, untold", await _refuses(place, target, _pieces()))
    for what, headers in {
        "a header of 8 MB": {"X-Big": "a" * 8 * 1024 * 1024},
        "a key of 1 MB": {"Idempotency-Key": "a" * 1024 * 1024},
        "10,000 headers": {f"X-{n}": "a" * 100 for n in range(10_000)},
    }.items():
        tally.judge(what, await _refuses(place, "/v1/payments", b"{}", headers))
    tally.judge("a path of 1 MB", await _refuses(place, "/v1/payments/" + "a" * 60_000, b"{}"))
    grown = _memory_mb(place) - memory
    tally.figures = {"grown_mb": round(grown)}
    tally.judge(f"memory grew by {grown:.0f} MB", grown < _GROWN_MB)
    tally.judge("the database changed", await place.digest() == before)
    return tally


async def _pieces() -> Any:
    for _ in range(160):
        yield b"a" * 65_536


async def _refuses(
    place: Place, target: str, body: Any, headers: dict[str, str] | None = None
) -> bool:
    """Whether it is refused, by an answer or by hanging up."""
    try:
        answer = await place.http.post(target, content=body, headers=headers)
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return True
    return 400 <= answer.status_code < 500


def _memory_mb(place: Place) -> float:
    status = Path(f"/proc/{place.stack.pid(API)}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def _lines(place: Place) -> Tally:
    """Bytes that no client sends: what one reader takes for the end, another may not."""
    tally = Tally("malformed requests, request smuggling", "a strict HTTP parser")
    before = await place.digest()
    start, host = b"POST /v1/payments HTTP/1.1\r\n", b"Host: a\r\n"
    chunk = b'5\r\n{"a":\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n'
    for what, sent in {
        "two lengths": start + host + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
        "length and chunks": start + host
        + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "a length below zero": start + host + b"Content-Length: -1\r\n\r\n{}",
        "a length that is no number": start + host + b"Content-Length: 1e3\r\n\r\n{}",
        "a chunk that is no number": start + host + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "NUL in a header": start + host + b"X-A: a\x00b\r\n\r\n",
        "space before the colon": start + host + b"Content-Length : 2\r\n\r\n{}",
        "no protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 8,
        "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "a method nobody knows": b"JUMP /v1/payments HTTP/1.1\r\n" + host + b"\r\n",
    }.items():  # fmt: skip
        said = await _raw(place, sent)
        status = said[9:12]
        refused = said == b"" or status[:1] == b"4"
        tally.judge(f"{what}: {said[:60]!r}", refused and b"# HELP" not in said)
    tally.judge("the database changed", await place.digest() == before)
    return tally


async def _raw(place: Place, sent: bytes) -> bytes:
    """What comes back until the server hangs up, or for two seconds."""
    reader, writer = await asyncio.open_connection(HOST, place.stack.ports[API])
    said = b""
    try:
        writer.write(sent)
        async with asyncio.timeout(2):
            while more := await reader.read(65_536):
                said += more
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return said


async def _slow(place: Place) -> Tally:
    """Connections that send a byte now and then (slowloris), in the head or in the body."""
    tally = Tally("slow connections", "every connection waits for itself alone")
    head = b"POST /v1/payments HTTP/1.1\r\nHost: a\r\n"
    starts = (head, head + b"Content-Length: 60000\r\n\r\n{")
    lines = [await asyncio.open_connection(HOST, place.stack.ports[API]) for _ in range(_SLOW)]
    try:
        longest = 0.0
        for number, (_, writer) in enumerate(lines):
            writer.write(starts[number % 2])
        for _ in range(_LOOKS):
            for _, writer in lines:
                writer.write(b"a")
                assert not writer.is_closing()
            started = time.perf_counter()
            answer = await place.own.ask("GET", "/v1/payments")
            taken = time.perf_counter() - started
            longest = max(longest, taken)
            tally.judge(f"another waits {taken:.1f} s", answer.is_success and taken < _WAIT_S)
        tally.figures = {"connections": _SLOW, "longest_s": round(longest, 3)}
    finally:
        for _, writer in lines:
            writer.close()
    return tally
