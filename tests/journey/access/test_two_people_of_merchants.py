"""Merchants take two people too, whatever keys and sessions one of them has."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journey.access.steps import HOME, SEEN, Member, hired, told, two
from tests.journey.access.test_two_people import SECOND, Somebody, key_of
from tests.journey.licence import CODE, FIRM, FORM, PATH, Licence, licence

from anfu.channels.registries.port import FirmState

__all__ = ["licence"]
# Staff say why they read what an answer shows.
WHY = {"Anfu-Reason": "file-117"}
CODES = (CODE, "91000000000000000K")


@pytest.fixture
def firms(licence: Licence) -> Licence:
    """The registry knows a second firm of the same name."""
    firm = licence.registries[FIRM]
    firm.records[CODES[1]] = {**firm.records[CODE], "credit_code": CODES[1]}
    firm.states[CODES[1]] = FirmState.IN_BUSINESS
    return licence


async def post(by: Somebody, path: str, body: Any = None) -> Any:
    """A write whose answer shows personal data."""
    page = {**HOME, "Anfu-Csrf": by.csrf} if isinstance(by, Member) else {}
    return await by.post(path, body, headers={**page, **WHY})


async def submitted(by: Somebody, code: str) -> str:
    written = await post(by, PATH, {**FORM, "credit_code": code})
    assert written.status_code == 201, written.text
    draft = written.json()["id"]
    answer = await post(by, f"{PATH}/{draft}/submit")
    assert (answer.status_code, answer.json()["state"]) == (200, "CHECKED"), answer.text
    return str(draft)


async def test_an_application_takes_two_by_key_and_by_session(firms: Licence) -> None:
    house = firms.house
    admins = await two(house)
    both = await hired(house, admins, "li.wei", "compliance", "approver")
    other = await hired(house, admins, "wang.fang", "approver")
    key = await key_of(house, both.id)
    made = [await submitted(by, code) for by, code in zip((both, key), CODES, strict=True)]
    async with house.untouched(SEEN):
        assert told(await post(other, PATH, FORM)) == (403, "scope_missing")
        for application in made:
            for again in (both, key):
                said = await post(again, f"{PATH}/{application}/approve")
                assert told(said) == SECOND
    for application in made:
        document = (await post(other, f"{PATH}/{application}/approve")).json()
        assert (document["state"], document["submitted_by"], document["decided_by"]) == (
            "APPROVED", both.id, other.id)  # fmt: skip


async def test_the_same_day_takes_two_by_key_and_by_session(firms: Licence) -> None:
    house = firms.house
    admins = await two(house)
    both = await hired(house, admins, "li.wei", "compliance", "approver")
    other = await hired(house, admins, "wang.fang", "approver")
    key = await key_of(house, both.id)
    path = f"/v1/merchants/{await house.office.merchant()}/same-day"
    wish = {"on": False, "reason": "complaints"}
    answers = [await by.post(path, wish) for by in (both, key)]
    assert [answer.status_code for answer in answers] == [201, 201]
    async with house.untouched(SEEN):
        assert told(await other.post(path, wish)) == (403, "scope_missing")
        for change in answers:
            for again in (both, key):
                assert told(await again.post(f"{path}/{change.json()['id']}/approve")) == SECOND
    for change in answers:
        document = (await other.post(f"{path}/{change.json()['id']}/approve")).json()
        assert (document["proposed_by"], document["approved_by"]) == (both.id, other.id)
