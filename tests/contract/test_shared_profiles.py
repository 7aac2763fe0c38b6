"""Profiles in Valkey when something breaks: lines, processes, Valkey itself, or its content."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.property.risk.oracle import random_events
from tests.valkey_server import Server

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine, ProfilesLate
from anfu.risk.event import Event, Kind
from anfu.risk.facts import Facts
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.risk.shared import store as shared
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.valkey import Address, Command, Line, read_address

EVENTS = [e for e in random_events(21, 200, mean_s=600.0) if e.kind is Kind.PAYMENT]
ROOT = Path(__file__).parents[2]
MARKER = SharedProfiles(CATALOGUE, Line(read_address("valkey://127.0.0.1:1")), name="x").marker


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "valkey", lasting=True)
    with server.client() as client:
        client.set(MARKER, "g1")
    yield server
    server.kill()


@asynccontextmanager
async def opened(url: str, name: str, limit_s: float = 10) -> AsyncIterator[SharedProfiles]:
    line = Line(read_address(url))
    try:
        yield SharedProfiles(CATALOGUE, line, name=name, limit_s=limit_s)
    finally:
        await line.aclose()


class Slow:
    """A line between process and Valkey: holds back what is asked, or what is answered."""

    def __init__(self, port: int) -> None:
        self.port, self.url = port, ""
        self.asks, self.answers = asyncio.Event(), asyncio.Event()
        self.asks.set()
        self.answers.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def _serve(self, given: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answered, asking = await asyncio.open_connection("127.0.0.1", self.port)
        for pair in ((given, asking, self.asks), (answered, back, self.answers)):
            self._tasks.add(asyncio.create_task(_pump(*pair)))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Slow]:
        listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"valkey://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield self
        listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(
    given: asyncio.StreamReader, taken: asyncio.StreamWriter, open_: asyncio.Event
) -> None:
    """Goes on with what it has been given when the sender has gone."""
    try:
        while data := await given.read(65_536):
            await open_.wait()
            taken.write(data)
            await taken.drain()
    except OSError:
        pass
    finally:
        taken.close()


@pytest.mark.parametrize("held", ["asks", "answers"])
async def test_a_batch_that_is_late_leaves_nothing_however_far_it_got(
    server: Server, held: str
) -> None:
    alone = Profiles(CATALOGUE)
    async with Slow(server.port).open() as line, opened(line.url, "a", 1.0) as profiles:
        gate: asyncio.Event = getattr(line, held)
        await profiles.learn(EVENTS[:20])
        await alone.learn(EVENTS[:20])
        engine = Engine(CATALOGUE, default_rule_set(), profiles)
        gate.clear()
        with pytest.raises(ProfilesLate):
            await profiles.learn(EVENTS[20:25])
        [decision] = await engine.decide(EVENTS[25:26], ["dec_1"])
        assert decision.facts[-1] == "profiles"
        await engine.forget(EVENTS[25:26])  # rolled back: it was never learned
        gate.set()
        # The late calls arrive now, or after the next one; either way they are settled.
        assert await profiles.learn(EVENTS[20:60]) == await alone.learn(EVENTS[20:60])
        await asyncio.sleep(0.2)
        async with opened(server.url, "b") as other:
            assert await other.learn(EVENTS[60:90]) == await alone.learn(EVENTS[60:90])


@pytest.mark.parametrize("held", ["asks", "answers"])
async def test_what_is_taken_back_observed_or_told_too_late_is_done_once_all_the_same(
    server: Server, held: str
) -> None:
    alone, told = Profiles(CATALOGUE), EVENTS[0]
    async with Slow(server.port).open() as line, opened(line.url, "a", 0.5) as profiles:
        await profiles.learn(EVENTS[:20])
        await alone.learn(EVENTS[:20])
        gate: asyncio.Event = getattr(line, held)
        gate.clear()
        for store in (profiles, alone):
            await store.forget(EVENTS[18:20])
            await store.observe(EVENTS[30:32])
            await store.label(told, fraud=True, at=told.at)
        gate.set()
        assert await profiles.learn(EVENTS[40:60]) == await alone.learn(EVENTS[40:60])
        async with opened(server.url, "b") as other:
            assert await other.look(EVENTS[60:70]) == await alone.look(EVENTS[60:70])


async def test_a_late_call_that_arrives_after_a_later_one_is_refused(server: Server) -> None:
    alone = Profiles(CATALOGUE)
    async with Slow(server.port).open() as line:
        address = read_address(line.url)
        slow, quick = Line(address), Line(read_address(server.url))
        profiles = SharedProfiles(CATALOGUE, slow, name="a", limit_s=0.5)
        await profiles.learn(EVENTS[:10])
        await alone.learn(EVENTS[:10])
        line.asks.clear()
        with pytest.raises(ProfilesLate):
            await profiles.learn(EVENTS[10:20])
        profiles._line = quick
        profiles._limit_s = 10
        assert await profiles.learn(EVENTS[20:40]) == await alone.learn(EVENTS[20:40])
        line.asks.set()  # the held call reaches Valkey only now
        await asyncio.sleep(0.3)
        assert await profiles.look(EVENTS[40:60]) == await alone.look(EVENTS[40:60])
        await slow.aclose()
        await quick.aclose()


async def test_a_valkey_that_was_killed_and_kept_its_log_goes_on_where_it_was(
    server: Server,
) -> None:
    alone = Profiles(CATALOGUE)
    async with opened(server.url, "a") as profiles:
        assert await profiles.learn(EVENTS[:30]) == await alone.learn(EVENTS[:30])
        server.kill()
        with pytest.raises(ProfilesLate):
            await profiles.learn(EVENTS[30:40])
        server.start()
        while True:  # the script is to be loaded again, the connections to be made again
            try:
                facts = await profiles.learn(EVENTS[40:60])
                break
            except ProfilesLate:
                continue
        assert facts == await alone.learn(EVENTS[40:60])


async def test_a_valkey_that_came_back_empty_is_noticed_and_nothing_is_left_there(
    server: Server,
) -> None:
    async with opened(server.url, "a") as profiles:
        await profiles.learn(EVENTS[:30])
        with server.client() as client:
            client.flushall()
            with pytest.raises(ProfilesLate):
                await profiles.learn(EVENTS[30:40])
            assert profiles.lost
            assert client.keys("*") == []
            with pytest.raises(ProfilesLate):
                await profiles.learn(EVENTS[30:40])
            client.set(MARKER, "g2")
        assert await profiles.learn(EVENTS[30:60]) == await Profiles(CATALOGUE).learn(EVENTS[30:60])


BAD = [
    b"", b"\xc1", b"\x80\x04cos\nsystem\n", b"\xc0", msgspec.msgpack.encode(["l", "x", 1]),
    msgspec.msgpack.encode(["l", "x", -1, [0, 0, None, []], 0, False]),
    msgspec.msgpack.encode(["l", "x", 1, [0, 0, None, []], 0, False]),
    msgspec.msgpack.encode(["l", "x", 1, [1 << 62, 0, None, [None] * 4], 0, False]),
    msgspec.msgpack.encode(["l", "x", 1, [0, 0, [91.0, 0.0], [None] * 4], 0, False]),
    msgspec.msgpack.encode(["l", "x", 1, [0, 0, None, [7] * 4], 0, False]),
]  # fmt: skip


@pytest.mark.parametrize("where", ["log", "about"])
@pytest.mark.parametrize("bad", [*BAD, msgspec.msgpack.encode([None] * 99)])
async def test_what_cannot_be_ours_is_refused_and_throws_the_generation_away(
    server: Server, where: str, bad: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "about" and bad == b"":
        pytest.skip("an empty snapshot is none")
    monkeypatch.setattr(shared, "SHORT", 1)
    async with opened(server.url, "a") as profiles:
        for event in EVENTS[:30]:
            await profiles.learn([event])
    with server.client() as client:
        for key in client.keys(f"{MARKER}:g1:*:{where}"):
            if where == "log":
                client.rpush(key, bad)
            elif client.hexists(key, "kept"):
                client.hset(key, "kept", bad)
        async with opened(server.url, "b") as other:
            with pytest.raises(ProfilesLate):
                await other.learn(EVENTS[30:40])
            with pytest.raises(ProfilesLate):
                await other.learn(EVENTS[30:40])
        assert client.get(MARKER) is None


async def test_a_batch_is_one_round_trip_and_two_catalogues_never_mix(server: Server) -> None:
    async with opened(server.url, "a") as profiles:
        await profiles.learn(EVENTS[:1])
        before = profiles.round_trips
        await profiles.learn(EVENTS[1:30])
        assert profiles.round_trips == before + 1
    with server.client() as client:
        assert all(key.startswith(MARKER.encode()) for key in client.keys("*"))


class Numbered(Line):
    """A line that has the server number what it carries out."""

    number = 0
    waits = random.Random(3)

    async def run(self, commands: Sequence[Command], *, limit_s: float) -> list[Any]:
        await asyncio.sleep(self.waits.random() / 200)
        *answers, self.number = await super().run([*commands, ("INCR", "number")], limit_s=limit_s)
        return answers


@pytest.mark.parametrize("size", [1, 3])
async def test_processes_side_by_side_give_what_one_gives_in_the_order_valkey_gave(
    server: Server, size: int
) -> None:
    # None may come more than an hour late (`tracks.LATE_S`), however the processes get on.
    events = [e for e in random_events(21, 200, mean_s=10.0) if e.kind is Kind.PAYMENT]
    given: dict[int, tuple[list[Event], list[Facts]]] = {}
    batches = [events[at : at + size] for at in range(0, len(events), size)]

    async def walk(name: str, mine: list[list[Event]]) -> None:
        line = Numbered(read_address(server.url))
        profiles = SharedProfiles(CATALOGUE, line, name=name, limit_s=10)
        for batch in mine:
            facts = await profiles.learn(batch)
            given[line.number] = batch, facts
        await line.aclose()

    await asyncio.gather(*(walk(f"p{i}", batches[i::3]) for i in range(3)))
    alone = Profiles(CATALOGUE)
    order = [given[number] for number in sorted(given)]
    for batch, facts in order:
        assert facts == await alone.learn(batch)
    assert [batch for batch, _ in order] != batches  # they did not take turns


async def test_what_is_uncertain_is_settled_without_anything_to_decide(server: Server) -> None:
    async with (
        Slow(server.port).open() as line,
        opened(line.url, "a", 0.5) as late,
        opened(server.url, "b") as other,
    ):
        await late.learn(EVENTS[:20])
        line.answers.clear()
        with pytest.raises(ProfilesLate):
            await late.learn(EVENTS[20:40])
        line.answers.set()
        await late.settle()
        alone = Profiles(CATALOGUE)
        await alone.learn(EVENTS[:20])
        assert await other.learn(EVENTS[40:60]) == await alone.learn(EVENTS[40:60])


DOOMED = """
import asyncio, itertools, sys
from tests.contract.test_shared_profiles import EVENTS, opened

async def walk():
    async with opened(sys.argv[1], "doomed") as profiles:
        for at in itertools.count(0, 5):
            await profiles.learn(EVENTS[at : at + 5])
            print(at, flush=True)

asyncio.run(walk())
"""


def kill_in_the_middle(server: Server) -> None:
    doomed = subprocess.Popen(
        [sys.executable, "-c", DOOMED, server.url], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert doomed.stdout is not None
    for line in doomed.stdout:
        if int(line) == 40:
            break
    doomed.kill()
    doomed.wait()
    doomed.stdout.close()


async def test_a_process_killed_in_the_middle_leaves_whole_batches(server: Server) -> None:
    await asyncio.to_thread(kill_in_the_middle, server)
    async with opened(server.url, "b") as other:
        found = await other.look(EVENTS[-20:])
    for whole in range(45, 120, 5):
        alone = Profiles(CATALOGUE)
        await alone.learn(EVENTS[:whole])
        if await alone.look(EVENTS[-20:]) == found:
            return
    pytest.fail("part of a batch was learned")


def test_a_password_is_never_shown() -> None:
    address = read_address("valkeys+cluster://anfu:s%3Acret@a:7000,b")
    assert address == Address((("a", 7000), ("b", 6379)), True, True, "anfu", "s:cret")
    assert "cret" not in f"{address!r} {address} {Line(address)!r}"


@pytest.mark.parametrize(
    "url", ["redis://a:cret@b", "valkey://a:cret@b/1", "valkey://a,b", "valkey://", "cret"]
)
def test_what_is_no_address_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(Refused, match="setting_invalid") as refused:
        read_address(url)
    assert "cret" not in f"{refused.value!r} {refused.value.details}"
