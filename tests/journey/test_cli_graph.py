"""`anfu graph`: groups and rings among what was decided in a period."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

NOVEMBER = ("--from", "2026-11-01", "--to", "2026-12-01")


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


def paid(number: int, payer: str, payee: str, amount: int, device: str) -> dict[str, Any]:
    return {"event": f"order-{number}", "payer": payer, "payee": payee, "amount": amount,
            "currency": "CNY", "method": "balance", "environment": {"device": device}}  # fmt: skip


async def test_a_ring_on_one_device_is_reported(house: House, cli: CommandLine) -> None:
    paying = [paid(1, "ann", "bob", 500, "farm"), paid(2, "bob", "cat", 400, "farm"),
              paid(3, "cat", "ann", 300, "farm"), paid(4, "eve", "shop", 90, "own")]  # fmt: skip
    answer = await house.office.post("/v1/decisions/batch", {"decisions": paying})
    decision = answer.json()["data"][1]["id"]
    label = {"decision": decision, "label": "FRAUD", "source": "dispute"}
    assert (await house.office.post("/v1/labels", label)).status_code == 201
    async with house.untouched():
        assert await cli.json("graph", *NOVEMBER) == {
            "accounts": 5, "tied": 3,
            "groups": [{"accounts": ["ann", "bob", "cat"], "keys": 1,
                        "core": ["ann", "bob", "cat"], "density": 2, "payments": 3,
                        "value": 1_200, "frauds": 1}],
            "rings": [{"accounts": ["ann", "bob", "cat"], "value": 300}],
        }  # fmt: skip
        assert (await cli.json("graph", "--from", "2026-10-01", "--to", "2026-11-01"))["tied"] == 0
        shown = (await cli("graph", *NOVEMBER)).stderr
        assert "3: ann, bob, cat" in shown
        assert (await cli("graph", "--from", "soon")).exit_code == 2
