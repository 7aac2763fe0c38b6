"""Cases in the hands of people who sign in."""

from __future__ import annotations

from tests.journey.access.steps import SEEN, hired, told, two
from tests.journey.access.test_two_people import key_of
from tests.journey.cases.case_floor import act, adopt, say, three_held
from tests.journey.conftest import House


async def test_a_case_takes_two_by_key_and_by_session(house: House) -> None:
    admins = await two(house)
    one = await hired(house, admins, "li.wei", "reviewer")
    other = await hired(house, admins, "wang.fang", "reviewer")
    key = await key_of(house, one.id, {"cases:read", "cases:write"})
    await adopt(house, two_people={"CNY": 50_000})
    case, _ = await three_held(house)
    assigned = await act(house.office, case, "assign", {"to": key.key})
    assert (assigned.status_code, assigned.json()["holder"]) == (200, one.id)
    assert (await say(key, case, "RELEASE")).json()["state"] == "CONFIRMING"
    for member in (one, other):
        await member.sign_in()
    async with house.untouched(SEEN):
        for again in (one, key):
            assert told(await act(again, case, "confirm")) == (403, "case_second_person_needed")
    assert (await act(other, case, "confirm")).json()["state"] == "CLOSED"
