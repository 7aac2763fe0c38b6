"""The test clock: moved ahead over the API, followed by every process, never in production."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import Client, House, by_card

from anfu.entrypoints.api.application import application
from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.worker.clock import ClockFollower
from anfu.entrypoints.worker.loops import Bell, Loop, run_loops
from anfu.entrypoints.worker.rounds import resolve
from anfu.kernel.clock import MovableClock
from anfu.payments.document import rfc3339
from anfu.payments.tools import Policy

PATH = "/v1/test_clock/advance"


@pytest.fixture
def moved(house: House) -> MovableClock:
    return MovableClock(house.clock)


@pytest.fixture
async def office(house: House, moved: MovableClock) -> AsyncIterator[Client]:
    """The institution at a process whose clock can be moved; it signs by the clock of the wire."""
    async with _served(Desk(house.tools, moved, version="test", log_keys=())) as http:
        yield Client(http, house.clock, house.office.key, house.office.secret)


def _served(desk: Desk) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(desk), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://anfu")


async def test_what_waits_comes_due_when_the_clock_is_moved(
    house: House, office: Client, moved: MovableClock
) -> None:
    payer, payee = await office.customer(deposit=1_000), await office.merchant()
    waiting = await office.pay(payer, payee, 1_000_000)
    house.wire.after = httpx.ReadTimeout("")
    sent = (await office.post("/v1/payments", by_card(payer, payee, 100))).json()
    house.wire.after = None
    assert (waiting["state"], sent["state"]) == ("CHALLENGED", "UNKNOWN")
    start = await office.get("/v1/test_clock")
    assert start.json() == {
        "object": "test_clock", "now": rfc3339(house.clock.now()), "ahead_s": 0, "due": 0,
    }  # fmt: skip
    answer = await office.post(PATH, {"seconds": 7_200}, key="once")
    then = house.clock.now() + timedelta(hours=2)
    assert answer.json() == {
        "object": "test_clock", "now": rfc3339(then), "ahead_s": 7_200, "due": 2,
    }  # fmt: skip
    assert await resolve(house.tools, moved) == 2
    assert await resolve(house.tools, moved) == 0
    assert (await office.get("/v1/test_clock")).json()["due"] == 0
    ends = [(await office.get(f"/v1/payments/{p['id']}")).json() for p in (waiting, sent)]
    assert [end["state"] for end in ends] == ["EXPIRED", "SUCCEEDED"]
    # The same key again moves nothing, though its signature is of the time of the wire.
    async with house.untouched():
        assert (await office.post(PATH, {"seconds": 7_200}, key="once")).content == answer.content
    assert moved.now() == house.clock.now() + timedelta(hours=2)


async def test_every_process_follows_and_its_loops_wake(house: House, office: Client) -> None:
    other, bell, stop = MovableClock(house.clock), Bell(), asyncio.Event()
    follower = ClockFollower(house.database, other, bell)
    seen = []

    async def turn() -> int:
        seen.append(other.ahead)
        if len(seen) == 2:
            stop.set()
        return 0

    loops = asyncio.create_task(run_loops([Loop("idle", turn, rest_s=600)], stop, bell))
    assert await follower.turn() == 0
    for seconds in (60, 3_600):
        await office.post(PATH, {"seconds": seconds})
    assert (await follower.turn(), await follower.turn()) == (1, 0)
    await asyncio.wait_for(loops, 5)
    assert seen == [timedelta(0), timedelta(seconds=3_660)]


async def test_it_is_refused_where_it_must_not_be(house: House, moved: MovableClock) -> None:
    shop = await house.client(merchant=await house.office.merchant())
    production = replace(house.tools, policy=Policy())
    async with (
        _served(Desk(production, moved, version="test", log_keys=())) as http,
        house.untouched(),
    ):
        client = Client(http, house.clock, house.office.key, house.office.secret)
        for answer in (
            await client.post(PATH, {"seconds": 1}),
            await client.get("/v1/test_clock"),
            await house.office.post(PATH, {"seconds": 1}),  # by the machine's clock
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "test_clock_not_here")
        answer = await shop.post(PATH, {"seconds": 1})
        assert answer.json()["code"] == "institution_only"
    assert moved.ahead == timedelta(0)


async def test_it_never_goes_back_and_not_for_ever(
    house: House, office: Client, moved: MovableClock
) -> None:
    for seconds in (0, -1, 366 * 86_400 + 1, 1.5):
        answer = await office.post(PATH, {"seconds": seconds})
        assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
    async with house.database.transaction() as tx:
        await tx.execute("UPDATE storage.test_clock SET ahead = interval '36524 days'")
    async with house.untouched():
        answer = await office.post(PATH, {"seconds": 86_401})
        assert (answer.status_code, answer.json()["code"]) == (422, "test_clock_too_far")
    assert (await office.post(PATH, {"seconds": 86_400})).status_code == 200
    assert moved.ahead == timedelta(days=36_525)


async def test_the_command_line_moves_it_and_production_does_not_go_on(
    house: House, database_url: str, tmp_path: Path
) -> None:
    cli = CommandLine(database_url, tmp_path, ANFU_DEVELOPMENT="1")
    assert '"ahead_s": 0' in (await cli("clock", "show")).stdout
    assert '"ahead_s": 90000' in (await cli("clock", "advance", "25h")).stdout
    assert '"ahead_s": 90030' in (await cli("clock", "advance", "30s")).stdout
    for wrong in ("2", "0h", "1w", "-1h", "1.5h"):
        assert (await cli("clock", "advance", "--", wrong)).exit_code == 2
    cli.environment["ANFU_DEVELOPMENT"] = "0"
    async with house.untouched():
        assert str((await cli("clock", "show")).exception) == "test_clock_moved"
