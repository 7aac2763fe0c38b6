"""A Valkey without profiles is filled from the database: once, and as if nothing had been lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.risk.test_risk_records import START, events, ids, make_engine, recorded
from tests.valkey_server import Server

from anfu.kernel.ids import SeededEntropy
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine, ProfilesLate
from anfu.risk.rules import default_rule_set
from anfu.risk.shared.restore import restore
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.database import Database
from anfu.storage.valkey import Line, read_address

NOW = START + timedelta(days=1)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "valkey")
    yield server
    server.kill()


@asynccontextmanager
async def opened(valkey: Server, name: str) -> AsyncIterator[tuple[SharedProfiles, Line]]:
    line = Line(read_address(valkey.url))
    try:
        yield SharedProfiles(CATALOGUE, line, name=name, limit_s=10), line
    finally:
        await line.aclose()


async def test_an_empty_valkey_is_filled_by_one_process_and_lost_ones_again(
    database: Database, entropy: SeededEntropy, valkey: Server
) -> None:
    stream = events(120)
    wanted = [d.facts for d in await make_engine().decide(stream, ids(stream, SeededEntropy(1)))]
    await recorded(database, make_engine(), stream[:70], entropy)
    async with opened(valkey, "a") as (one, line), opened(valkey, "b") as (two, other):
        with pytest.raises(ProfilesLate):
            await one.learn(stream[:1])
        counts = await asyncio.gather(
            restore(database, one, line, name="g1", now=NOW),
            restore(database, two, other, name="g2", now=NOW),
        )
        assert sorted(counts, key=str) == [70, None]
        engine = Engine(CATALOGUE, default_rule_set(), two)
        with valkey.client() as client:
            generation = client.get(one.marker)
            again = await engine.decide(stream[70:90], ids(stream[70:90], SeededEntropy(2)))
            assert [d.facts for d in again] == wanted[70:90]
            await engine.forget(stream[70:90])  # rolled back
            assert await restore(database, one, line, name="g3", now=NOW) is None
            assert client.get(one.marker) == generation
            client.delete(one.marker)
        with pytest.raises(ProfilesLate):
            await one.learn(stream[70:71])
        assert await restore(database, one, line, name="g4", now=NOW) == 70
        with valkey.client() as client:
            names = client.keys(f"{one.marker}*")
            assert {bytes(n).split(b":")[3] for n in names if n != one.marker.encode()} == {b"g4"}
        with pytest.raises(ProfilesLate):
            await two.learn(stream[70:71])  # of a generation that is no more
        again = await engine.decide(stream[70:], ids(stream[70:], SeededEntropy(2)))
        assert [d.facts for d in again] == wanted[70:]


async def test_a_process_that_ended_while_restoring_is_waited_for_and_no_longer(
    database: Database, entropy: SeededEntropy, valkey: Server
) -> None:
    await recorded(database, make_engine(), events(5), entropy)
    async with opened(valkey, "a") as (profiles, line):
        with valkey.client() as client:
            client.set(f"{profiles.marker}:claim", "dead", px=300)
        assert await restore(database, profiles, line, name="g1", now=NOW) is None
        assert profiles.lost
        await asyncio.sleep(0.4)
        assert await restore(database, profiles, line, name="g2", now=NOW) == 5
        assert not profiles.lost


async def test_a_valkey_that_does_not_answer_is_no_failure(
    database: Database, valkey: Server
) -> None:
    async with opened(valkey, "a") as (profiles, line):
        valkey.kill()
        assert await restore(database, profiles, line, name="g1", now=NOW) is None
        assert profiles.lost
