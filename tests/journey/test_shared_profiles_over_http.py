"""Two processes over one database and one Valkey: what one decided, the other has in its facts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journey.test_kill_and_rebuild import issue_key, step
from tests.valkey_server import Server

from anfu.kernel.clock import SystemClock
from anfu.simulation.client import Client, Patience
from anfu.simulation.processes import API, Stack, development_environment


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "valkey", lasting=True)
    yield server
    server.kill()


@pytest.mark.timeout(300)
async def test_profiles_outlive_the_process_and_a_valkey_that_came_back_empty(
    home: Path, valkey: Server
) -> None:
    environment = {**development_environment(os.environ), "ANFU_PROFILES_URL": valkey.url}
    with Stack(home.parent / "anfu", environment) as stack:
        stack.home.mkdir(mode=0o711)
        stack.start_api()
        await stack.ready()
        client = Client(stack.base_url, issue_key(stack), clock=SystemClock(),
                        patience=Patience(answer_s=5.0, whole_s=60.0))  # fmt: skip
        try:
            counts = [await decide(client, number) for number in range(3)]
            assert counts == [1, 2, 3]
            stack.kill(API)
            stack.start_api()
            await stack.ready()
            assert await decide(client, 3) == 4
            with valkey.client() as there:
                there.flushall()
            late = [await decide(client, number) for number in range(4, 7)]
            assert late[0] is None
            known = await until_known(client)
            assert known >= 6
        finally:
            client.close()


async def decide(client: Client, number: int) -> int | None:
    """How many payments of the payer of the hour are known when it is decided."""
    body = {**step(1)[1], "event": f"o-{number}"}
    reply = await client.post("/v1/decisions", body, key=f"k-{number}")
    assert reply.good, reply
    document = (await client.get(f"/v1/decisions/{reply.body['id']}")).body
    found = document["facts"]["payer_count_1h"]
    assert (found is None) == (document["facts"]["degraded"] == "profiles")
    return found  # type: ignore[no-any-return]


async def until_known(client: Client) -> int:
    for number in range(10, 200):
        found = await decide(client, number)
        if found is not None:
            return found
    raise TimeoutError
