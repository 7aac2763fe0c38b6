"""The first run: the link that sets the first administrator up, and nobody after that."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.journey.access.steps import Member, told, two
from tests.journey.conftest import House

from anfu.entrypoints.cli.welcome import welcome
from anfu.entrypoints.cli.wiring import Running
from anfu.payments.access.welcome import first_link

ORIGIN = "http://localhost:8080"


async def link(house: House) -> str | None:
    return await first_link(house.tools, ORIGIN, now=house.clock.now())


async def token(house: House) -> str:
    found = await link(house)
    assert found is not None
    where, _, secret = found.partition("#")
    assert where == f"{ORIGIN}/console/enlist"
    return secret


async def begin(house: House, secret: str) -> tuple[int, str]:
    member = Member(house.http, house.clock, "admin")
    answer = await member._open("/v1/enlistment/begin", {"invitation": secret})
    return (200, "") if answer.status_code == 200 else told(answer)


async def test_the_link_is_good_once_and_voided_by_the_next_one(house: House) -> None:
    former, secret = await token(house), await token(house)
    assert await house.count("parties.staff") == 1
    async with house.untouched():
        assert await begin(house, former) == (403, "invitation_invalid")
    member = Member(house.http, house.clock, "admin")
    done = await member.enlist(secret)
    assert (done.status_code, done.json()["state"], done.json()["roles"]) == (
        200, "ACTIVE", ["admin"]
    )  # fmt: skip
    async with house.untouched():
        assert await begin(house, secret) == (403, "invitation_invalid")
        assert await link(house) is None
    assert (await member.sign_in()).status_code == 200


async def test_it_is_over_after_a_day(house: House) -> None:
    secret = await token(house)
    house.clock.advance(timedelta(hours=24))
    async with house.untouched():
        assert await begin(house, secret) == (403, "invitation_invalid")
    assert await begin(house, await token(house)) == (200, "")


async def test_it_is_shown_as_json_and_to_no_log(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    running = Running(house.tools, house.clock, house.signer, None, "", "test")
    async with house.untouched():  # no terminal and nobody asked: no link is made
        await welcome(running, 8080, as_json=False)
    assert capsys.readouterr() == ("", "")
    await welcome(running, 8080, as_json=True)
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert (said["port"], said["console"], err) == (8080, f"{ORIGIN}/console", "")
    assert await begin(house, said["first"].partition("#")[2]) == (200, "")
    await two(house)
    async with house.untouched():
        await welcome(running, 8080, as_json=True)
    assert json.loads(capsys.readouterr().out)["first"] is None
