"""`anfu lists`: shown, imported as a proposal, exported and read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

NAME = "fraud_devices"
CSV = "value,expires_at,reason\ndev_1,2027-01-31T00:00:00+08:00,stolen\ndev_2,,\n"


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


async def test_an_import_is_proposed_approved_and_exported_as_it_came(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(CSV, "utf-8-sig")
    done = await cli("lists", "import", NAME, str(file), "--why", "november", "--source", "issuer")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["state"], document["tightens"]) == ("PROPOSED", 2)
    assert (await house.office.get(f"/v1/lists/{NAME}/entries")).json()["data"] == []
    approval = await house.office.post(f"/v1/proposals/{document['proposal']}/approve", {})
    assert approval.status_code == 200
    await house.tools.lists.turn()
    assert house.tools.lists.book.counts()[NAME] == 2
    exported = await cli("lists", "export", NAME)
    heading, first, second = exported.stdout.splitlines()
    assert heading == "value,expires_at,reason,source,added_at,added_by"
    assert first.split(",")[:4] == ["dev_1", "2027-01-30T16:00:00+00:00", "stolen", "issuer"]
    assert second.split(",")[:4] == ["dev_2", "", "november", "issuer"]
    again = tmp_path / "again.csv"
    again.write_text(exported.stdout, "utf-8")
    arguments = ("lists", "import", NAME, str(again), "--why", "w", "--source", "s", "--replace")
    assert json.loads((await cli(*arguments)).stdout)["state"] == "UNCHANGED"


async def test_a_wrong_row_at_the_end_leaves_nothing(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    rows = "".join(f"dev_{number}\n" for number in range(6_000))
    file.write_text(f"value\n{rows} \n", "utf-8")
    async with house.untouched():
        done = await cli("lists", "import", NAME, str(file), "--why", "w", "--source", "s")
        assert done.exit_code == 1


async def test_lists_are_shown_with_how_much_stands_on_them(house: House, cli: CommandLine) -> None:
    shown = await cli.json("lists", "show")
    assert {one["name"]: one["entries"] for one in shown} == {
        "stolen_cards": 0, "fraud_phones": 0, "fraud_accounts": 0, "fraud_devices": 0,
        "hosting_networks": 0, "trusted_payers": 0,
    }  # fmt: skip
    table = await cli("lists", "show", NAME)
    assert "BLACK" in table.stderr
    assert (await cli("lists", "show", "nothing")).exit_code == 1
