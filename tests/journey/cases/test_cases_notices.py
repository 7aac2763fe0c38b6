"""Staff are told over apprise: at least once, again and more slowly when the line fails, each line
by itself, and never with anything about a person."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journey.cases.case_floor import act, adopt, done, hold, say, the_case, worker
from tests.journey.cases.notice_line import Line, open_line
from tests.journey.conftest import House

from anfu.channels.notices.sender import NoticeSender
from anfu.channels.notices.target import read_targets
from anfu.channels.webhooks import WebhookSender
from anfu.entrypoints.worker.rounds import deliver
from anfu.kernel.errors import BrokenInvariant
from anfu.payments.escalate import escalate
from anfu.risk.cases.policy import Level


@pytest.fixture
def line() -> Iterator[Line]:
    with open_line() as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[Line]:
    with open_line() as opened:
        yield opened


def wire(house: House, *lines: str) -> NoticeSender:
    """The house with these lines; and what sends to them."""
    ring = house.tools.sealer.ring
    targets = read_targets(" ".join(lines), lambda text: ring.blind_index("notice", text))
    house.desk.tools = house.tools = replace(house.tools, notices=targets)
    return NoticeSender(targets, timeout_s=1.0)


async def turn(house: House, sender: NoticeSender, *, seconds: float = 0) -> int:
    """One round of the worker, some time later."""
    house.clock.advance(timedelta(seconds=seconds))
    webhooks = WebhookSender(allow_loopback=True)
    try:
        return await deliver(house.tools, house.clock, webhooks, sender)
    finally:
        await webhooks.aclose()


async def test_a_new_case_is_told_without_anything_about_a_person(house: House, line: Line) -> None:
    sender = wire(house, f"{line.url}/hook/TOKEN")
    payment = await hold(house, amount=12_345)
    case = await the_case(house.office)
    assert await turn(house, sender) == 1
    [said] = line.taken
    assert said["title"] == "New case 新案件"
    assert case["id"] in said["message"]
    assert "123.45 CNY" in said["message"]
    assert "min left" in said["message"] and "剩余" in said["message"]
    for word in (payment["payer"], payment["payee"], payment["id"], "dev_", "张小明"):
        assert word not in str(said)
    assert await turn(house, sender) == 0
    await sender.aclose()


async def test_a_line_that_fails_is_tried_again_more_and_more_slowly(
    house: House, line: Line, other: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    line.answers = [500, 429, 302]
    sender = wire(house, f"{line.url}/SECRETTOKEN", f"{other.url}/hook")
    await hold(house)
    assert await turn(house, sender) == 2  # each line is a delivery of its own
    for too_soon, later in ((3, 4), (23, 14), (95, 50)):  # pauses of 5, 30, 120 s, a fifth off
        assert await turn(house, sender, seconds=too_soon) == 0
        assert await turn(house, sender, seconds=later) == 1
    assert [said["status"] for said in line.taken] == [500, 429, 302, 200]
    assert {said["path"] for said in line.taken} == {"/SECRETTOKEN"}  # no redirect is followed
    assert [said["status"] for said in other.taken] == [200]
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch("SELECT state, last_error, endpoint_id FROM storage.delivery")
    assert [row["state"] for row in rows] == ["DELIVERED"] * 2
    assert "SECRET" not in str(rows) + caplog.text
    await sender.aclose()


async def test_a_silent_line_costs_a_bounded_time_and_keeps_no_other_waiting(
    house: House, line: Line, other: Line
) -> None:
    line.answers = [0]
    sender = wire(house, line.url, other.url)
    await hold(house)
    assert await turn(house, sender) == 2
    assert [said["status"] for said in other.taken] == [200]
    async with house.database.transaction(readonly=True) as tx:
        errors = await tx.fetch("SELECT last_error FROM storage.delivery WHERE state = 'WAITING'")
    assert [row["last_error"] for row in errors] == ["no answer within 1 s"]
    line.loud.set()
    assert await turn(house, sender, seconds=7) == 1
    assert line.taken[-1]["status"] == 200  # at least once: this one came twice
    await sender.aclose()


async def test_each_is_told_what_concerns_him(house: House, line: Line, other: Line) -> None:
    sender = wire(house, line.url, f"head={other.url}/x")
    await adopt(house, escalation=(Level(600, "lead"), Level(1_200, "head")))
    await hold(house)
    for _ in range(2):
        house.clock.advance(timedelta(minutes=10))
        assert await escalate(house.tools, now=house.clock.now()) == 1
    # In their order, the next one when the one before has come.
    assert [await turn(house, sender) for _ in range(4)] == [2, 1, 1, 0]
    assert [said["title"].split(" ")[0] for said in line.taken] == ["New", "Case", "Case"]
    assert [said["message"].splitlines()[1] for said in other.taken] == ["to head · 10 min left"]
    await sender.aclose()


async def test_a_second_person_is_called(house: House, line: Line) -> None:
    sender = wire(house, line.url)
    await adopt(house, two_people={})
    await hold(house)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "REJECT")).json()["state"] == "CONFIRMING"
    assert [await turn(house, sender) for _ in range(3)] == [1, 1, 0]
    assert line.taken[-1]["title"] == "Second person needed 案件待双人复核"
    assert (await act(await worker(house), case, "confirm")).status_code == 200
    await sender.aclose()


async def test_a_line_taken_out_of_the_settings_is_given_up(house: House, line: Line) -> None:
    await wire(house, line.url).aclose()
    await hold(house)
    sender = NoticeSender(())
    assert await turn(house, sender) == 1
    async with house.database.transaction(readonly=True) as tx:
        row = await tx.fetchrow("SELECT state, last_error FROM storage.delivery")
    assert tuple(row.values()) == ("DEAD", "no longer in the settings")
    assert line.taken == []
    await sender.aclose()


async def test_nothing_is_sent_within_a_transaction(house: House, line: Line) -> None:
    sender = wire(house, line.url)
    with pytest.raises(BrokenInvariant):
        async with house.database.transaction():
            await sender.send(house.tools.notices[0].id, "x", "y")
    assert line.taken == []
    await sender.aclose()
