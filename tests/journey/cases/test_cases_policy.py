"""The policy of cases is data that two people change, in force at once and kept in the evidence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.journey.cases.case_floor import hold, refused, the_case, whole, worker
from tests.journey.conftest import House

from anfu.risk.cases.policy import DEFAULT

OTHER: dict[str, Any] = {
    "first_response_s": 600, "hold_most_s": 7_200, "two_people": {"CNY": 5_000_000},
    "group_by": ["payer", "card"], "group_window_s": 900, "group_most": 5, "sample_blocked": 3,
    "queue": "night", "escalation": [{"after_s": 300, "to": "lead"}],
    "calendar": {"weekdays": [1, 2, 3, 4, 5, 6, 7], "opens": 0, "closes": 1_440,
                 "holidays": ["2027-01-01"], "workdays": []},
}  # fmt: skip


async def test_a_policy_comes_into_force_by_a_second_person(house: House) -> None:
    office, second = house.office, await house.client()
    before = (await office.get("/v1/case-policy")).json()
    assert before["version"] == DEFAULT.version
    assert {reason["code"] for reason in before["reasons"]} >= {"PAYER_DENIES", "FALSE_ALARM"}
    answer = await office.post("/v1/case-policy", OTHER)
    assert answer.status_code == 201, answer.text
    proposal = answer.json()
    assert (proposal["subject"], proposal["state"]) == ("CASE_POLICY", "OPEN")
    assert proposal["change"]["queue"] == "night"
    path = f"/v1/proposals/{proposal['id']}/approve"
    async with house.untouched():
        await refused(await office.post(path, {}), 403, "second_person_needed")
        assert (await office.get("/v1/case-policy")).json() == before
    assert (await second.post(path, {"note": "agreed"})).json()["state"] == "APPROVED"
    after = (await office.get("/v1/case-policy")).json()
    assert after["policy"]["queue"] == "night"
    assert after["version"] != before["version"]
    await hold(house)
    case = await the_case(office)
    assert (case["policy"], case["queue"]) == (after["version"], "night")
    assert 590 < case["left_s"] <= 600
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", proposal["id"]
        )
    leaves = [json.loads(row["body"])["body"] for row in rows]
    assert [leaf["state"] for leaf in leaves] == ["OPEN", "APPROVED"]
    assert leaves[-1]["applied"] == {"version": after["version"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold_most_s": 60}, {"two_people": {"XXQ": 1}},
        {"escalation": [{"after_s": 9, "to": "a"}, {"after_s": 9, "to": "b"}]},
        {"calendar": {"weekdays": [8], "opens": 0, "closes": 60}},
        {"calendar": {"weekdays": [1], "opens": 60, "closes": 61}},
    ],
)  # fmt: skip
async def test_a_policy_that_cannot_be_is_refused(house: House, wrong: dict[str, Any]) -> None:
    async with house.untouched():
        answer = await house.office.post("/v1/case-policy", OTHER | wrong)
        assert "reason" in await refused(answer, 422, "case_policy_invalid")


async def test_only_who_may_write_proposes_and_no_merchant(house: House) -> None:
    reader = await worker(house, ["cases:read"])
    theirs = await house.client(merchant=await house.office.merchant("Other"))
    async with house.untouched():
        await refused(await reader.post("/v1/case-policy", OTHER), 403, "scope_missing")
        await refused(await theirs.post("/v1/case-policy", OTHER), 403, "institution_only")


async def test_a_case_keeps_the_policy_it_was_opened_by(house: House) -> None:
    await hold(house)
    case = await the_case(house.office)
    proposal = (await house.office.post("/v1/case-policy", OTHER)).json()["id"]
    second = await house.client()
    assert (await second.post(f"/v1/proposals/{proposal}/approve", {})).status_code == 200
    assert (await whole(house.office, case["id"]))["policy"] == DEFAULT.version
