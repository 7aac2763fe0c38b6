"""The store of profiles on a Valkey cluster of three nodes, and killed in the middle of a batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle

import pytest
from tests.property.risk.oracle import random_events
from tests.valkey_server import Server

from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import ProfilesLate
from anfu.risk.event import Kind
from anfu.risk.profiles import Profiles
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.valkey import Line, read_address

pytestmark = pytest.mark.slow
SLOTS = 16_384


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    folder = tmp_path_factory.mktemp("cluster")
    nodes = [Server(folder / str(n), cluster=True, lasting=True) for n in range(3)]
    for number, node in enumerate(nodes):
        first, end = SLOTS * number // 3, SLOTS * (number + 1) // 3
        with node.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
    settle(nodes)
    yield nodes
    for node in nodes:
        node.kill()


def settle(nodes: list[Server]) -> None:
    for _ in range(300):
        said = []
        for node in nodes:
            with node.client() as client:
                said.append(str(client.execute_command("CLUSTER", "INFO")))
        if all("cluster_state" in s and "ok" in s and "fail" not in s.split("cluster_slots")[0]
               for s in said) and all("3" in s for s in said):  # fmt: skip
            return
        time.sleep(0.1)
    raise TimeoutError(said)


async def test_a_cluster_gives_what_one_process_gives_and_survives_a_node(
    nodes: list[Server],
) -> None:
    events = [e for e in random_events(31, 260, mean_s=600.0) if e.kind is Kind.PAYMENT]
    address = read_address("valkey+cluster://" + ",".join(f"127.0.0.1:{n.port}" for n in nodes))
    alone, lines = Profiles(CATALOGUE), [Line(address), Line(address)]
    stores = [
        SharedProfiles(CATALOGUE, line, name=f"p{n}", limit_s=10) for n, line in enumerate(lines)
    ]
    await lines[0].run([("SET", stores[0].marker, "g1")], limit_s=10)
    turn = cycle(stores)
    for at in range(0, 120, 12):
        batch = events[at : at + 12]
        assert await next(turn).learn(batch) == await alone.learn(batch)
    held = []
    for node in nodes:
        with node.client() as client:
            held.append(client.dbsize())
    assert min(held) > 0
    nodes[1].kill()
    for store in stores:
        with pytest.raises(ProfilesLate):
            await store.learn(events[120:140])
    nodes[1].start()
    await asyncio.to_thread(settle, nodes)
    for store in stores:
        await _in_the_end(store, [])
        await store.settle()
    for store, batch in zip(stores, (events[120:150], events[150:180]), strict=True):
        assert await _in_the_end(store, batch) == await alone.learn(batch)
    for line in lines:
        await line.aclose()


async def _in_the_end(store: SharedProfiles, batch: list[object]) -> object:
    for _ in range(100):
        try:
            return await store.learn(batch)  # type: ignore[arg-type]
        except ProfilesLate:
            await asyncio.sleep(0.1)
    raise TimeoutError
