"""Who owns a firm: declared, refused, confirmed by a second person."""

from __future__ import annotations

from typing import Any

import pytest
from tests.journey.firm_town import (
    AGENT,
    CHANNELS,
    OWNER,
    OWNERSHIP,
    PEOPLE,
    REP,
    FirmTown,
    firm_town,
    person,
)
from tests.journey.waits import shown

from anfu.entrypoints.api.waiting_kinds import Name

__all__ = ["firm_town"]
SINCE = "2020-01-01"


def holder(number: str, **more: Any) -> dict[str, Any]:
    return person(number, since=SINCE, **more)


@pytest.mark.parametrize(
    ("declared", "relations"),
    [
        ({"owners": [holder(OWNER, shares=2_500), holder(REP, shares=7_500)]},
         [("王*贵", ["SHARES"]), ("林*", ["SHARES"])]),
        ({"owners": [holder(OWNER, shares=2_499, votes=2_500), holder(REP, shares=7_501)]},
         [("王*贵", ["VOTES"]), ("林*", ["SHARES"])]),
        ({"owners": [holder(OWNER, shares=2_499), holder(REP, shares=7_501)]},
         [("林*", ["SHARES"])]),
        ({"owners": [holder(OWNER, control=True, income=2_500)], "rest_reason": "listed abroad"},
         [("王*贵", ["INCOME", "CONTROL"])]),
        ({"owners": [], "rest_reason": "a co-operative", "manager": holder(AGENT)},
         [("陈*安", ["MANAGER"])]),
    ],
    ids=["a quarter", "votes", "less than a quarter", "control", "manager"],
)  # fmt: skip
async def test_a_quarter_makes_a_beneficial_owner_and_less_does_not(
    firm_town: FirmTown, declared: dict[str, Any], relations: list[tuple[str, list[str]]]
) -> None:
    firm = await firm_town.apply()
    path = f"/v1/firms/{firm}/ownerships"
    answer = await firm_town.house.office.post(path, declared)
    assert answer.status_code == 201, answer.text
    (ownership,) = answer.json()["ownerships"]
    found = [(one["name"], one["relations"]) for one in ownership["beneficial_owners"]]
    assert (found, ownership["confirmed_at"]) == (relations, None)


@pytest.mark.parametrize(
    ("declared", "code", "field"),
    [
        ({"owners": [holder(OWNER, shares=9_999)]}, "shares_incomplete", "rest_reason"),
        ({"owners": [holder(OWNER, shares=5_000), holder(REP, shares=5_001)]}, "shares_exceed",
         "owners.shares"),
        ({"owners": [holder(OWNER, shares=10_000), holder(REP, votes=1), holder(REP, votes=2)]},
         "owner_repeated", "owners"),
        ({"owners": [holder(OWNER, shares=10_000), holder(REP)]}, "owner_empty", "owners"),
        ({"owners": [holder(OWNER, shares=2_000)], "rest_reason": "staff"}, "manager_needed",
         "manager"),
        ({"owners": [holder(OWNER, shares=10_000)], "manager": holder(REP)}, "manager_unneeded",
         "manager"),
        ({"owners": [person(OWNER, since="2030-01-01", shares=10_000)]}, "since_invalid",
         "owners.0.since"),
        ({"owners": [holder(OWNER, shares=10_000, document_until="2020-01-01")]},
         "document_expired", "owners.0.document_until"),
    ],
)  # fmt: skip
async def test_a_table_that_does_not_add_up_changes_nothing(
    firm_town: FirmTown, declared: dict[str, Any], code: str, field: str
) -> None:
    firm = await firm_town.apply()
    async with firm_town.house.untouched():
        answer = await firm_town.house.office.post(f"/v1/firms/{firm}/ownerships", declared)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["field"] == field


async def test_who_declared_does_not_confirm(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.apply()
    ownership = await firm_town.declare(firm)
    other = await firm_town.apply(credit_code="91000000000000000K")
    async with firm_town.house.untouched():
        own = await firm_town.confirm(firm, ownership, by=office)
        assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
        astray = await firm_town.confirm(other, ownership)
        assert (astray.status_code, astray.json()["code"]) == (404, "ownership_not_found")
    done = await firm_town.confirm(firm, ownership)
    assert (done.status_code, done.json()["missing"][-1]) == (200, "agent")
    async with firm_town.house.untouched():
        again = await firm_town.confirm(firm, ownership)
        assert (again.status_code, again.json()["code"]) == (409, "ownership_confirmed")


async def test_a_new_ownership_is_in_force_once_it_is_confirmed(firm_town: FirmTown) -> None:
    firm = await firm_town.open()
    later = await firm_town.declare(firm, owners=[holder(REP, shares=10_000)], rest_reason=None)
    first, second = (await firm_town.read(firm))["ownerships"]
    assert (first["confirmed_at"] is None, second["confirmed_at"]) == (False, None)
    people = firm_town.house.office.key, "somebody else"
    assert await shown(firm_town.house, Name.OWNERSHIP, *people) == [[], [later]]
    assert (first["unnamed"], first["rest_reason"]) == (4_000, OWNERSHIP["rest_reason"])
    said = (await firm_town.confirm(firm, later)).json()
    assert said["state"] == "OPENED"
    assert said["ownerships"][1]["beneficial_owners"][0]["name"] == "林*"


async def test_the_account_opens_whichever_comes_last(firm_town: FirmTown) -> None:
    firm = await firm_town.apply()
    await firm_town.confirm(firm, await firm_town.declare(firm))
    await firm_town.verify(firm, *PEOPLE, *CHANNELS[1:])
    assert (await firm_town.read(firm))["missing"] == ["registry", "channels"]
    assert (await firm_town.verify(firm, CHANNELS[0]))["state"] == "OPENED"
