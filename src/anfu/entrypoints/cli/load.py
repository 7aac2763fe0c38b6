"""The load of `anfu bench`: signed payments, or payments to be decided on, over raw keep-alive
connections, in a process of its own, so that what it costs is not taken for the cost of an answer.

    python -m anfu.entrypoints.cli.load < plan.json

It says `measuring` and `measured` on standard output as each window begins and ends; the `Result`
goes into the file the plan names, since a pipe may take a part of so much.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import Counter
from pathlib import Path
from typing import cast

import msgspec
import uvloop
from msgspec import Struct

from anfu.entrypoints.cli.load_orders import Plan, orders
from anfu.kernel.clock import SystemClock
from anfu.parties.signature import SignedRequest, sign_request, signing_key

MEASURING, MEASURED = "measuring", "measured"
PAYMENTS, DECISIONS = "/v1/payments", "/v1/decisions/batch"
_DRAIN_S = 30.0
_HEAD = (
    b"POST %b HTTP/1.1\r\nhost: anfu\r\ncontent-type: application/json\r\n"
    b"anfu-key: %b\r\nidempotency-key: %b\r\nanfu-signature: %b\r\ncontent-length: %d\r\n\r\n"
)


class Answered(Struct, frozen=True, array_like=True):
    """A payment as its answer told it."""

    id: str
    state: str
    amount: int


class Window(Struct):
    """What was answered within a window: how much of it `succeeded` (payments, or decisions made),
    and how long each answer took."""

    kind: str
    seconds: float = 0.0
    succeeded: int = 0
    latencies_ms: list[float] = msgspec.field(default_factory=list)


class Result(Struct, frozen=True):
    """`statuses` and `states` count every answer, whether in a window or not, as `answered` names
    every payment."""

    windows: list[Window]
    statuses: dict[int, int]
    states: dict[str, int]
    sent: int
    answered: list[Answered]


class _Document(Struct, frozen=True):
    id: str
    state: str
    amount: int


class _Decisions(Struct, frozen=True):
    data: list[msgspec.Raw]


class _Load:
    """What all connections share: the next request, and what became of the ones before."""

    def __init__(self, plan: Plan) -> None:
        self._orders = {kind: orders(plan, kind) for kind in plan.kinds}
        self.kind = plan.kinds[0]
        self.window: Window | None = None
        self._flying: Counter[str] = Counter()
        self._alone = asyncio.Event()
        self._target = PAYMENTS if plan.batch is None else DECISIONS
        self._key = plan.key.encode()
        self._signing = signing_key(plan.secret)
        self._clock = SystemClock()
        self._deciding = plan.batch is not None
        self.stopping = False
        self.open = 0
        self.sent = 0
        self.statuses: Counter[int] = Counter()
        self.states: Counter[str] = Counter()
        self.answered: list[Answered] = []
        self.idle = asyncio.Event()

    def request(self) -> bytes:
        """The next request, signed now."""
        key, body = next(self._orders[self.kind])
        self.sent += 1
        self._flying[self.kind] += 1
        signed = SignedRequest("POST", self._target, key.decode(), body)
        signature = sign_request(self._signing, request=signed, now=self._clock.now())
        target = self._target.encode()
        return _HEAD % (target, self._key, key, signature.encode(), len(body)) + body

    async def turn(self, kind: str) -> None:
        """Send what is of `kind` from now on; until nothing else waits for its answer."""
        self.kind = kind
        self._alone.clear()
        self._look_about()
        await self._alone.wait()

    def landed(self, kind: str) -> None:
        """A request of this kind has its answer, or will never have one."""
        self._flying[kind] -= 1
        self._look_about()

    def _look_about(self) -> None:
        if self._flying.total() == self._flying[self.kind]:
            self._alone.set()

    def take(self, status: int, body: bytes, seconds: float) -> None:
        """Note an answer."""
        self.statuses[status] += 1
        if status != 201:
            return
        done = _decided(body) if self._deciding else self._paid(body)
        if self.window is not None:
            self.window.latencies_ms.append(seconds * 1000)
            self.window.succeeded += done

    def _paid(self, body: bytes) -> int:
        said = _document(body)
        self.states[said.state] += 1
        self.answered.append(Answered(said.id, said.state, said.amount))
        return said.state == "SUCCEEDED"


_document = msgspec.json.Decoder(_Document).decode
_decisions = msgspec.json.Decoder(_Decisions).decode


def _decided(body: bytes) -> int:
    return len(_decisions(body).data)


class _Line(asyncio.Protocol):
    """One connection with one request in flight."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._buffer = b""
        self._started = 0.0
        self._kind = load.kind
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._load.open += 1
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        answer = split_answer(self._buffer)
        if answer is None:
            return
        self._buffer = b""
        self._load.landed(self._kind)
        self._load.take(*answer, time.perf_counter() - self._started)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        load = self._load
        load.open -= 1
        if not load.stopping:
            load.landed(self._kind)
            load.statuses[0] += 1  # an answer that never came
        if load.open == 0:
            load.idle.set()

    def _send(self) -> None:
        assert self._transport is not None
        if self._load.stopping:
            self._transport.close()
            return
        request = self._load.request()
        self._kind = self._load.kind
        self._started = time.perf_counter()
        self._transport.write(request)


def split_answer(data: bytes) -> tuple[int, bytes] | None:
    """Status and body of a whole HTTP answer; None while some of it is missing.

    Raises ValueError for an answer without a length.
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        return None
    _, named, rest = head.lower().partition(b"\r\ncontent-length:")
    if not named:
        raise ValueError("an answer without content-length")
    if len(body) < int(rest.split(b"\r\n", 1)[0]):
        return None
    return int(head[9:12]), body


async def run(plan: Plan) -> Result:
    """Warm up, measure one window after the other, let what is in flight be answered."""
    load = _Load(plan)
    loop = asyncio.get_running_loop()
    lines = [
        loop.create_connection(lambda: _Line(load), plan.host, plan.port)
        for _ in range(plan.connections)
    ]
    gc.collect()
    gc.freeze()
    await asyncio.gather(*lines)
    await asyncio.sleep(plan.warm_up_s)
    windows = [await _window(load, kind, plan.seconds) for kind in plan.kinds]
    load.stopping = True
    await asyncio.wait_for(load.idle.wait(), _DRAIN_S)
    return Result(windows, dict(load.statuses), dict(load.states), load.sent, load.answered)


async def _window(load: _Load, kind: str, seconds: float) -> Window:
    await load.turn(kind)
    print(MEASURING, flush=True)
    started = time.perf_counter()
    load.window = window = Window(kind)
    await asyncio.sleep(seconds)
    load.window = None
    window.seconds = time.perf_counter() - started
    print(MEASURED, flush=True)
    return window


def main() -> None:
    """One run, by the plan on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    Path(plan.result).write_bytes(msgspec.msgpack.encode(uvloop.run(run(plan))))


if __name__ == "__main__":
    main()
