"""Feeds of lists: taken by the worker from a publisher that fails on purpose, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House

from anfu.channels.feeds.client import FeedClient
from anfu.channels.feeds.envelope import seal_issue
from anfu.channels.feeds.simulator import FeedFault, FeedPublisher
from anfu.channels.sandbox.network import server_config
from anfu.entrypoints.worker.feeds import take_feeds

NAME = "bad_devices"
ROWS = [f"dev_{number}," for number in range(10)]


@dataclass
class Line:
    """A publisher, and the client that asks it."""

    house: House
    publisher: FeedPublisher
    url: str
    client: FeedClient

    async def turn(self) -> int:
        """A minute later, one turn of the worker."""
        self.house.clock.advance(timedelta(minutes=1))
        taken = await take_feeds(self.house.tools, self.house.clock, self.client)
        await self.house.tools.lists.turn()
        return taken

    async def values(self) -> list[str]:
        page = await self.house.office.get(f"/v1/lists/{NAME}/entries", limit=100)
        return [entry["value"] for entry in page.json()["data"]]

    async def state(self) -> dict[str, Any]:
        document = (await self.house.office.get(f"/v1/lists/{NAME}")).json()
        return dict(document["fed"])

    async def waiting(self) -> list[str]:
        found = await self.house.office.get("/v1/proposals", state="OPEN")
        return [proposal["id"] for proposal in found.json()["data"]]

    async def approve(self, proposal: str) -> None:
        second = await self.house.client()
        answer = await second.post(f"/v1/proposals/{proposal}/approve", {})
        assert answer.status_code == 200, answer.text
        await self.house.tools.lists.turn()


@pytest.fixture
async def line(house: House, tmp_path: Path) -> AsyncIterator[Line]:
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    publisher = FeedPublisher(key, clock=house.clock)
    server = uvicorn.Server(server_config(publisher.app, "127.0.0.1", 0))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    client = FeedClient(tmp_path, allow_loopback=True, timeout_s=1.0)
    opened = Line(house, publisher, f"http://127.0.0.1:{port}/feeds/{NAME}", client)
    await _declare(opened, "file.feed")
    yield opened
    await client.aclose()
    server.should_exit = True
    await serving


async def _declare(line: Line, url: str) -> None:
    """Through the API, a file; the tests then point it at loopback, which no API lets through."""
    feed = {"url": url, "key": line.publisher.public, "every_s": 10, "share": 50}
    form = {
        "name": NAME, "kind": "BLACK", "form": "EXACT", "inputs": ["device"], "grade": "HIGH",
        "points": 90, "reason": "LIST_BAD_DEVICE", "en": "A bad device", "zh": "不良设备",
        "source": "industry body", "owner": "risk", "why": "contract signed", "feed": feed,
    }  # fmt: skip
    answer = (await line.house.office.post("/v1/lists", form)).json()
    await line.approve(answer["proposal"])


class Reached(FeedClient):
    """The declared file stands for the publisher's address."""

    url = ""

    async def fetch(self, place: str, *, etag: str | None, most_bytes: int) -> Any:
        return await super().fetch(self.url, etag=etag, most_bytes=min(most_bytes, 1_000_000))


@pytest.fixture
async def http(line: Line, tmp_path: Path) -> AsyncIterator[Line]:
    client = Reached(tmp_path, allow_loopback=True, timeout_s=1.0)
    client.url = line.url
    line.client = client
    yield line
    await client.aclose()


async def test_the_first_load_waits_for_a_person_and_what_follows_comes_by_itself(
    http: Line,
) -> None:
    http.publisher.publish(NAME, ROWS)
    assert await http.turn() == 1
    assert await http.values() == []
    (proposal,) = await http.waiting()
    await http.approve(proposal)
    assert len(await http.values()) == 10
    assert await http.turn() == 0
    assert (http.publisher.asked, http.publisher.sent) == (2, 1)  # the ETag told
    http.publisher.publish(NAME, [*ROWS[1:], "dev_new,"])
    assert await http.turn() == 1
    assert await http.waiting() == []
    values = await http.values()
    assert ("dev_new" in values, "dev_0" in values, len(values)) == (True, False, 10)
    state = await http.state()
    assert (state["serial"], state["problem"], state["proposal"]) == (2, None, None)


async def test_a_feed_that_shrinks_too_far_waits_and_gives_way_to_the_next_issue(
    http: Line,
) -> None:
    http.publisher.publish(NAME, ROWS)
    await http.turn()
    await http.approve((await http.waiting())[0])
    http.publisher.publish(NAME, ROWS[:3])
    assert await http.turn() == 1
    assert len(await http.values()) == 10
    (waiting,) = await http.waiting()
    assert await http.turn() == 0
    assert await http.waiting() == [waiting]
    http.publisher.publish(NAME, ROWS[:9])
    assert await http.turn() == 1
    assert await http.waiting() == []
    assert len(await http.values()) == 9


async def test_what_people_put_there_themselves_stays(http: Line) -> None:
    form = {"entries": [{"value": "dev_own"}], "why": "case 17", "source": "feed"}
    await http.house.office.post(f"/v1/lists/{NAME}/entries", form)
    http.publisher.publish(NAME, ROWS)
    await http.turn()
    await http.approve((await http.waiting())[0])
    assert "dev_own" in await http.values()
    http.publisher.publish(NAME, ROWS[:8])
    await http.turn()
    assert "dev_own" in await http.values()
    assert len(await http.values()) == 9


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (FeedFault.DOWN, "answered 503"),
        (FeedFault.SLOW, "timed out"),
        (FeedFault.CUT, "feed_signature_wrong"),
        (FeedFault.FORGED, "feed_signature_wrong"),
        (FeedFault.CHANGED, "feed_signature_wrong"),
        (FeedFault.STALE, "feed_stale"),
        (FeedFault.REPLAYED, "feed_replayed"),
        (FeedFault.MISPLACED, "feed_misplaced"),
        (FeedFault.ENDLESS, "feed_too_large"),
        (FeedFault.REDIRECT, "answered 302"),
    ],
)
async def test_a_feed_that_fails_changes_nothing_and_is_taken_once_it_is_well(
    http: Line, fault: FeedFault, problem: str
) -> None:
    http.publisher.publish(NAME, ROWS)
    await http.turn()
    await http.approve((await http.waiting())[0])
    http.publisher.publish(NAME, [*ROWS, "dev_new,"])
    await http.turn()
    before = await http.house.count("risk.list_change")
    http.publisher.publish(NAME, ROWS[:9])
    http.publisher.fault = fault
    assert await http.turn() == 0
    assert (await http.state())["problem"] == problem
    assert await http.house.count("risk.list_change") == before
    assert len(await http.values()) == 11
    http.publisher.fault = None
    assert await http.turn() == 1
    assert (await http.state())["problem"] is None
    assert len(await http.values()) == 9


async def test_wrong_rows_refuse_the_whole_issue(http: Line) -> None:
    http.publisher.publish(NAME, [*ROWS, "dev_1,"])
    assert await http.turn() == 0
    assert (await http.state())["problem"] == "list_rows_invalid"
    assert await http.house.count("risk.list_item") == 0


async def test_of_two_workers_one_asks(http: Line) -> None:
    http.publisher.publish(NAME, ROWS)
    http.house.clock.advance(timedelta(minutes=1))
    tools, clock = http.house.tools, http.house.clock
    taken = await asyncio.gather(*(take_feeds(tools, clock, http.client) for _ in range(4)))
    assert (sum(taken), http.publisher.asked) == (1, 1)


async def test_a_signed_file_is_taken_and_a_path_leads_nowhere_else(
    line: Line, tmp_path: Path
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    issue = line.publisher.publish(NAME, ROWS)
    assert await line.turn() == 0
    assert (await line.state())["problem"] == "the file cannot be read"
    (tmp_path / "file.feed").write_bytes(seal_issue(issue, key))
    assert await line.turn() == 1
    await line.approve((await line.waiting())[0])
    assert len(await line.values()) == 10
    assert await line.turn() == 0
    secret = tmp_path.parent / "secret"
    secret.write_text("x")
    bad = {"url": "../secret", "key": "0" * 64}
    form = {
        "name": "other", "kind": "GREY", "form": "EXACT", "inputs": ["device"], "en": "e",
        "zh": "中", "source": "s", "owner": "o", "why": "w", "reason": "R_X", "feed": bad,
    }  # fmt: skip
    async with line.house.untouched():
        answer = await line.house.office.post("/v1/lists", form)
        assert answer.json()["code"] == "list_feed_invalid"
