"""The load of `anfu bench`: signed payments, or payments to be decided on, over raw keep-alive
connections, in a process of its own, so that what it costs is not taken for the cost of an answer.

    python -m anfu.entrypoints.cli.load < plan.json

It says `measuring` and `measured` on standard output as the window begins and ends, then the
`Result` as one line of JSON; what was answered goes into the file the plan names.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, cast

import msgspec
import uvloop
from msgspec import Struct

from anfu.kernel.clock import SystemClock
from anfu.parties.signature import SignedRequest, sign_request, signing_key

MEASURING, MEASURED = "measuring", "measured"
PAYMENTS, DECISIONS = "/v1/payments", "/v1/decisions/batch"
# What a payer of the benchmark pays, in minor units: far below every limit and above what the
# rules take for probing.
LEAST, MOST = 600, 3_000
_DRAIN_S = 30.0
_HEAD = (
    b"POST %b HTTP/1.1\r\nhost: anfu\r\ncontent-type: application/json\r\n"
    b"anfu-key: %b\r\nidempotency-key: %b\r\nanfu-signature: %b\r\ncontent-length: %d\r\n\r\n"
)
_BODY = (
    b'{"payer":"%b","payee":"%b","amount":%d,"currency":"CNY","method":{"type":"balance"},'
    b'"environment":{"device":"%b","address":"%b","latitude":%.4f,"longitude":%.4f},'
    b'"factors":["password","sms_code"],"order":"%b"}'
)
_WISH = (
    b'{"payer":"%b","payee":"%b","amount":%d,"currency":"CNY","method":"BALANCE",'
    b'"environment":{"device":"%b","address":"%b","latitude":%.4f,"longitude":%.4f},"event":"%b"}'
)


class Plan(Struct, frozen=True):
    """What to send, where and for how long; `answers` is the file for what was answered. `batch`:
    so many decisions a request, of payments that are not made; None: payments."""

    host: str
    port: int
    key: str
    secret: str
    payers: list[str]
    merchants: list[str]
    connections: int
    warm_up_s: float
    seconds: float
    seed: int
    answers: str
    batch: int | None = None


class Answered(Struct, frozen=True, array_like=True):
    """A payment as its answer told it."""

    id: str
    state: str
    amount: int


class Result(Struct, frozen=True):
    """`latencies_ms` and `succeeded` (payments, or decisions made) are of the window alone;
    `statuses` counts every answer."""

    window_s: float
    succeeded: int
    latencies_ms: list[float]
    statuses: dict[int, int]
    states: dict[str, int]
    sent: int


class _Document(Struct, frozen=True):
    id: str
    state: str
    amount: int


class _Decisions(Struct, frozen=True):
    data: list[msgspec.Raw]


def orders(plan: Plan) -> Iterator[tuple[bytes, bytes]]:
    """Idempotency keys and bodies of requests without end."""
    paid = _paid(plan.payers, plan.merchants, plan.seed)
    if plan.batch is None:
        for values in paid:
            yield values[-1], _BODY % values
        return
    while True:
        some = list(islice(paid, plan.batch))
        yield some[0][-1], b'{"decisions":[%b]}' % b",".join([_WISH % values for values in some])


def _paid(payers: list[str], merchants: list[str], seed: int) -> Iterator[tuple[Any, ...]]:
    """What `_BODY` and `_WISH` are filled with; the last is a name of its own.

    Payers take turns in a new random order each round; of the merchants the n-th is as likely as
    1/n, so that the first takes about a fifth of all. Each payer has a device, an address and a
    home of its own.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable by intent
    weights = list(accumulate(1 / rank for rank in range(1, len(merchants) + 1)))
    payees = [name.encode() for name in merchants]
    homes = [_home(number, payer, dice) for number, payer in enumerate(payers)]
    count = 0
    while True:
        dice.shuffle(homes)
        shops = dice.choices(payees, cum_weights=weights, k=len(homes))
        for (payer, device, address, latitude, longitude), payee in zip(homes, shops, strict=True):
            count += 1
            key = b"bench-%d-%d" % (seed, count)
            amount = LEAST + int(dice.random() * (MOST - LEAST + 1))
            place = (latitude + dice.random() / 100, longitude + dice.random() / 100)
            yield payer, payee, amount, device, address, *place, key


def _home(number: int, payer: str, dice: random.Random) -> tuple[bytes, bytes, bytes, float, float]:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    home = (dice.uniform(23, 41), dice.uniform(103, 121))
    return payer.encode(), b"phone-%d" % number, address.encode(), *home


class _Load:
    """What all connections share: the next request, and what became of the ones before."""

    def __init__(self, plan: Plan) -> None:
        self._orders = orders(plan)
        self._target = PAYMENTS if plan.batch is None else DECISIONS
        self._key = plan.key.encode()
        self._signing = signing_key(plan.secret)
        self._clock = SystemClock()
        self._deciding = plan.batch is not None
        self.measuring = False
        self.stopping = False
        self.open = 0
        self.sent = 0
        self.succeeded = 0
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.states: Counter[str] = Counter()
        self.answered: list[Answered] = []
        self.idle = asyncio.Event()

    def request(self) -> bytes:
        """The next request, signed now."""
        key, body = next(self._orders)
        self.sent += 1
        signed = SignedRequest("POST", self._target, key.decode(), body)
        signature = sign_request(self._signing, request=signed, now=self._clock.now())
        target = self._target.encode()
        return _HEAD % (target, self._key, key, signature.encode(), len(body)) + body

    def take(self, status: int, body: bytes, seconds: float) -> None:
        """Note an answer."""
        self.statuses[status] += 1
        if status != 201:
            return
        done = _decided(body) if self._deciding else self._paid(body)
        if self.measuring:
            self.latencies.append(seconds * 1000)
            self.succeeded += done

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
        self._load.take(*answer, time.perf_counter() - self._started)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        load = self._load
        load.open -= 1
        if not load.stopping:
            load.statuses[0] += 1  # an answer that never came
        if load.open == 0:
            load.idle.set()

    def _send(self) -> None:
        assert self._transport is not None
        if self._load.stopping:
            self._transport.close()
            return
        request = self._load.request()
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


async def run(plan: Plan) -> tuple[Result, list[Answered]]:
    """Warm up, measure, let what is in flight be answered."""
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
    print(MEASURING, flush=True)
    started = time.perf_counter()
    load.measuring = True
    await asyncio.sleep(plan.seconds)
    load.measuring = False
    window_s = time.perf_counter() - started
    print(MEASURED, flush=True)
    load.stopping = True
    await asyncio.wait_for(load.idle.wait(), _DRAIN_S)
    result = Result(
        window_s, load.succeeded, load.latencies, dict(load.statuses), dict(load.states), load.sent
    )
    return result, load.answered


def main() -> None:
    """One run, by the plan on standard input."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    result, answered = uvloop.run(run(plan))
    Path(plan.answers).write_bytes(msgspec.msgpack.encode(answered))
    print(msgspec.json.encode(result).decode(), flush=True)


if __name__ == "__main__":
    main()
