"""`anfu settle`, `anfu settlement statement`, `anfu reserve check`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House
from tests.journey.settlement.market import FLAT, form

from anfu.kernel.clock import ManualClock
from anfu.kernel.periods import civil_date


@pytest.fixture
def clock() -> ManualClock:
    """A command reads the clock of the machine: what it settles is three days old."""
    return ManualClock(datetime.now(UTC) - timedelta(days=3))


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    made = CommandLine(database_url, tmp_path)
    ring = tmp_path / "keys" / "ring"
    ring.touch(0o600)
    ring.write_text(house.tools.sealer.ring.to_text())
    return made


async def test_a_day_is_settled_once_and_stated(house: House, cli: CommandLine) -> None:
    merchant = await house.office.merchant()
    path = f"/v1/merchants/{merchant}/settlement-terms"
    day = civil_date(house.clock.now()).isoformat()
    wish = form(from_day=day, cycle={"kind": "NEXT_DAY"}, fee=FLAT)
    terms = (await house.office.post(path, wish)).json()["id"]
    second = await house.client()
    assert (await second.post(f"{path}/{terms}/approve", {})).status_code == 200
    payer = await house.office.customer(deposit=10_000)
    assert (await house.office.pay(payer, merchant, 1_000))["state"] == "SUCCEEDED"
    done = await cli("settle", "--day", day)
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["merchant"], made["payments"], made["fees"], made["paid"]) == (
        merchant, 1_000, 6, 994,
    )  # fmt: skip
    assert (await cli("settle", "--day", day)).stdout == ""
    sheet = (await cli("settlement", "statement", merchant, "--period", day)).stdout
    assert sheet.splitlines()[-2].split(",")[-2:] == ["-9.94", "CNY"]
    page = (await cli("settlement", "statement", merchant, "--period", day[:7], "--page")).stdout
    assert page.startswith("<!doctype html>")
    refused = await cli("reserve", "check", "--day", day)
    assert (refused.exit_code, refused.exception.code) == (1, "bank_missing")  # type: ignore[union-attr]
