"""`anfu decisions`: shown, made again, and caught when they no longer follow."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from tests.journey.busy_day import Day
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

from anfu.risk.rules import default_rule_set


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


async def test_a_decision_is_shown_with_facts_by_name_and_reasons_in_both_languages(
    house: House, cli: CommandLine
) -> None:
    day = Day(house)
    await day.round()
    payment = day.payments["IN_REVIEW"][0]
    found = await cli.json("decisions", "show", payment["decision"])
    assert (found["outcome"], found["id"]) == ("REVIEW", payment["decision"])
    assert found["facts"]["payer"] == payment["payer"]
    assert found["facts"]["amount"] == payment["amount"]
    assert [reason["code"] for reason in found["reasons"]] == payment["reasons"]
    assert all(reason["en"] and reason["zh"] for reason in found["reasons"])
    said = await cli("decisions", "show", payment["decision"])
    assert said.stdout == ""
    for text in ("card_payers_24h", payment["payer"], found["reasons"][0]["zh"][:4]):
        assert text in said.stderr
    async with house.database.transaction(readonly=True) as tx:
        reads = await tx.fetch(
            "SELECT person, subjects, why, address FROM parties.access_log"
            " WHERE operation = 'anfu decisions show'"
        )
    assert [tuple(read) for read in reads] == [
        ("command line", [payment["payer"]], None, "local")] * 2  # fmt: skip


async def test_an_unknown_decision_is_refused(cli: CommandLine) -> None:
    refused = await cli("decisions", "show", "dec_x")
    assert getattr(refused.exception, "code", None) == "decision_not_found"


async def test_every_decision_follows_again_bit_for_bit(house: House, cli: CommandLine) -> None:
    day = Day(house)
    await day.round()
    count = await house.count("risk.decision")
    found = await cli.json("decisions", "replay", "--last", "100000")
    assert found == {"replayed": count, "same": count, "different": []}
    assert (await cli.json("decisions", "replay", "--last", "3"))["replayed"] == 3
    assert (await cli.json("decisions", "replay", day.decision, day.decision))["same"] == 2
    assert "bit for bit" in (await cli("decisions", "replay", "--last", "3")).stderr


async def test_a_verdict_that_was_changed_differs(
    house: House, cli: CommandLine, owner: asyncpg.Connection
) -> None:
    day = Day(house)
    await day.round()
    name = day.payments["IN_REVIEW"][0]["decision"]
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("UPDATE risk.decision SET outcome = 'ALLOW' WHERE id = $1", name)
    found = await cli.json("decisions", "replay", "--last", "1000", status=1)
    (different,) = found["different"]
    assert (different["id"], different["differences"]) == (name, ["outcome"])
    assert (different["stored"]["outcome"], different["again"]["outcome"]) == ("ALLOW", "REVIEW")
    said = await cli("decisions", "replay", name)
    assert said.exit_code == 1
    assert "0 of 1" in said.stderr


async def test_ids_or_last_but_not_both_and_not_neither(cli: CommandLine) -> None:
    assert (await cli("decisions", "replay")).exit_code == 2
    assert (await cli("decisions", "replay", "dec_x", "--last", "1")).exit_code == 2


async def test_the_rule_set_in_force_is_listed(cli: CommandLine) -> None:
    found = await cli.json("decisions", "rules")
    assert found["version"] == default_rule_set().version
    assert len(found["rules"]) == len(default_rule_set().rules)
    assert "CARD" in (await cli("decisions", "rules")).stderr
