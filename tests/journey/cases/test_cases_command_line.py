"""`anfu cases`: the queue and one case, without the notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.journey.cases.case_floor import done, hold, queue, say
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


async def test_the_queue_and_a_case_are_shown(house: House, cli: CommandLine) -> None:
    payment = await hold(house)
    case = (await queue(house.office))[0]["id"]
    await done(house.office, case, "notes", {"text": "13800000001"})
    [listed] = await cli.json("cases", "list")
    assert (listed["id"], listed["amount"], listed["state"]) == (case, 10_000, "OPEN")
    assert await cli.json("cases", "list", "--state", "CLOSED") == []
    # The machine's clock is past the house's: the answer is late by now.
    assert [c["id"] for c in await cli.json("cases", "list", "--late")] == [case]
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "REJECT")).status_code == 200
    shown = await cli.json("cases", "show", case)
    assert shown["items"][0]["event"] == payment["id"]
    assert shown["items"][0]["reasons"] == ["LARGE"]
    assert [v["verdict"] for v in shown["voices"]] == ["REJECT"]
    assert [a["act"] for a in shown["acts"]] == [
        "OPENED", "NOTED", "CLAIMED", "DECIDED", "CARRIED"]  # fmt: skip
    said = await cli("cases", "show", case)
    assert (said.exit_code, said.stdout) == (0, "")
    assert "LARGE" in said.stderr and "13800000001" not in said.stderr
    assert case in (await cli("cases", "list", "--state", "CLOSED")).stderr


async def test_an_unknown_case_is_refused(cli: CommandLine) -> None:
    assert (await cli("cases", "show", "cas_x")).exit_code == 1


async def test_figures_for_prometheus(house: House) -> None:
    await hold(house)
    text = (await house.http.get("/metrics")).text
    for line in ('anfu_cases_open{grade="HIGH"} 1.0', 'anfu_cases_open{grade="LOW"} 0.0',
                 "anfu_cases_late 0.0", "anfu_cases_oldest_seconds 0.0"):  # fmt: skip
        assert line in text
