"""`anfu staff`, `anfu emergency`, `anfu keys`: what only the command line can begin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.journey.access.steps import Member, told
from tests.journey.access.test_access_keys import pair
from tests.journey.access.test_emergency import opened
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


async def test_the_first_administrators_are_made_and_no_third(
    house: House, cli: CommandLine
) -> None:
    house.clock.set(house.clock.now().replace(year=2027))  # the command line has its own clock
    for login in ("admin.one", "admin.two"):
        done = await cli("staff", "first", "--login", login, "--name", login)
        document = json.loads(done.stdout)
        assert (document["state"], document["roles"]) == ("INVITED", ["admin"])
        async with house.database.transaction() as tx:
            await tx.execute(
                "UPDATE parties.staff SET invitation_until = $2 WHERE id = $1", document["id"],
                house.clock.now().replace(year=2028),
            )  # fmt: skip
        member = Member(house.http, house.clock, login, document["id"])
        assert (await member.enlist(document["invitation"])).json()["state"] == "ACTIVE"
        assert (await member.sign_in()).status_code == 200
    async with house.untouched():
        refused = await cli("staff", "first", "--login", "a.c", "--name", "C")
        assert refused.exit_code != 0
        assert str(refused.exception) == "administrators_enough"
        last = await cli("staff", "disable", "stf_nobody")
        assert str(last.exception) == "staff_not_found (staff)"
    listed = await cli.json("staff", "list")
    assert [row["login"] for row in listed] == ["admin.two", "admin.one"]
    assert (await cli("staff", "disable", listed[0]["id"])).exit_code == 0
    async with house.untouched():
        last = await cli("staff", "disable", listed[1]["id"])
        assert str(last.exception) == "last_administrator (staff)"


async def test_the_envelope_is_sealed_here_and_opened_there(house: House, cli: CommandLine) -> None:
    first = json.loads((await cli("emergency", "seal")).stdout)
    second = json.loads((await cli("emergency", "seal")).stdout)
    async with house.untouched():
        assert told((await opened(house, first["secret"]))[1]) == (403, "envelope_invalid")
    assert (await opened(house, second["secret"]))[1].status_code == 200


async def test_a_key_is_made_with_everything_that_confines_it(cli: CommandLine) -> None:
    _, public = pair(1)
    done = await cli(
        "keys", "create", "--label", "till", "--scope", "payments:read", "--network",
        "203.0.113.0/24", "--network", "2001:db8::/32", "--public-key", public,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert (document["networks"], document["nonces"], document["secret"]) == (
        ["203.0.113.0/24", "2001:db8::/32"], True, None)  # fmt: skip
    turned = await cli("keys", "rotate", document["id"], "--public-key", pair(2)[1])
    new = json.loads(turned.stdout)
    assert (new["networks"], new["label"]) == (document["networks"], "till")
    wrong = await cli("keys", "rotate", new["id"])
    assert str(wrong.exception) == "public_key_invalid (public_key)"
