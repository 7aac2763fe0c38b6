"""Proposals over HTTP: one key proposes, another decides, once; the evidence has each step."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.journey.conftest import Client, House

RULE: dict[str, Any] = {
    "id": "sevens", "condition": "amount = 7", "grade": "LOW", "points": 1, "reason": "SEVENS",
    "en": "Seven", "zh": "七",
}  # fmt: skip


async def proposal_of(client: Client, rule: str = "sevens") -> str:
    await client.post("/v1/rules", {**RULE, "id": rule})
    answer = await client.post(f"/v1/rules/{rule}/shadow", {"why": "to see"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def end(client: Client, proposal: str, how: str, **more: Any) -> Any:
    return await client.post(f"/v1/proposals/{proposal}/{how}", {"note": "read"}, **more)


async def states(house: House, proposal: str) -> list[tuple[str, str | None]]:
    """(state, who decided) of each leaf."""
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT body FROM evidence.leaf WHERE subject = $1 ORDER BY index", proposal
        )
    bodies = [json.loads(row["body"])["body"] for row in rows]
    return [(body["state"], body["decided_by"]) for body in bodies]


async def test_the_author_does_not_decide(house: House) -> None:
    office = house.office
    proposal = await proposal_of(office)
    async with house.untouched():
        for how in ("approve", "reject"):
            answer = await end(office, proposal, how)
            assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")
    assert (await office.get(f"/v1/proposals/{proposal}")).json()["state"] == "OPEN"


async def test_nobody_else_takes_it_back_and_nothing_is_decided_twice(house: House) -> None:
    office, second = house.office, await house.client()
    proposal = await proposal_of(office)
    async with house.untouched():
        answer = await end(second, proposal, "withdraw")
        assert (answer.status_code, answer.json()["code"]) == (403, "proposal_not_yours")
    done = await end(office, proposal, "withdraw", key="one")
    assert (done.status_code, done.json()["state"]) == (200, "WITHDRAWN")
    async with house.untouched():
        assert (await end(office, proposal, "withdraw", key="one")).content == done.content
        for client, how in ((second, "approve"), (second, "reject"), (office, "withdraw")):
            answer = await end(client, proposal, how)
            assert (answer.status_code, answer.json()["code"]) == (409, "proposal_closed")
    assert await states(house, proposal) == [("OPEN", None), ("WITHDRAWN", office.key)]
    assert await house.count("risk.rule_set_step") == 1


async def test_a_rejected_change_never_comes_into_force(house: House) -> None:
    office, second = house.office, await house.client()
    proposal = await proposal_of(office)
    assert (await end(second, proposal, "reject")).json()["state"] == "REJECTED"
    assert await states(house, proposal) == [("OPEN", None), ("REJECTED", second.key)]
    assert (await office.get("/v1/rules/sevens")).json()["state"] == "DRAFT"


async def test_many_deciders_at_once_decide_once(house: House) -> None:
    office = house.office
    others = [await house.client() for _ in range(4)]
    proposal = await proposal_of(office)
    hows = ["approve", "reject", "approve", "reject"]
    answers = await asyncio.gather(
        end(office, proposal, "withdraw"),
        *(end(client, proposal, how) for client, how in zip(others, hows, strict=True)),
    )
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409]
    (won,) = [a.json() for a in answers if a.status_code == 200]
    assert await states(house, proposal) == [("OPEN", None), (won["state"], won["decided_by"])]
    steps = 2 if won["state"] == "APPROVED" else 1
    assert await house.count("risk.rule_set_step") == steps


async def test_one_key_approves_the_same_for_all_who_send_it_at_once(house: House) -> None:
    second = await house.client()
    proposal = await proposal_of(house.office)
    same = await asyncio.gather(*(end(second, proposal, "approve", key="one") for _ in range(6)))
    assert {(a.status_code, a.content) for a in same} == {(200, same[0].content)}
    assert await house.count("risk.rule_set_step") == 2


@pytest.mark.parametrize("how", ["approve", "reject", "withdraw"])
async def test_a_merchants_key_and_a_key_without_scope_decide_nothing(
    house: House, how: str
) -> None:
    office = house.office
    proposal = await proposal_of(office)
    merchant = await house.client(merchant=await office.merchant())
    reader = await house.client(scopes={"proposals:read", "rules:read"})
    async with house.untouched():
        assert (await end(merchant, proposal, how)).json()["code"] == "institution_only"
        assert (await end(reader, proposal, how)).json()["code"] == "scope_missing"
        assert (await end(office, "prp_none", how)).json()["code"] == "proposal_not_found"
        for path in ("/v1/proposals", f"/v1/proposals/{proposal}"):
            assert (await merchant.get(path)).json()["code"] == "institution_only"
            assert (await reader.get(path)).status_code == 200


async def test_proposals_are_read_with_what_they_change_and_by_page(house: House) -> None:
    office, second = house.office, await house.client()
    made = [await proposal_of(office, f"rule_{n}") for n in range(3)]
    await end(second, made[1], "reject")
    found = (await second.get("/v1/proposals", state="OPEN")).json()
    assert [one["id"] for one in found["data"]] == [made[2], made[0]]
    page = (await second.get("/v1/proposals", limit=2)).json()
    assert ([one["id"] for one in page["data"]], page["more"]) == ([made[2], made[1]], True)
    page = (await second.get("/v1/proposals", limit=2, after=made[1])).json()
    assert ([one["id"] for one in page["data"]], page["more"]) == ([made[0]], False)
    one = (await second.get(f"/v1/proposals/{made[0]}")).json()
    assert one["change"]["rules"]["rule_0"]["before"] is None
    assert one["change"]["rules"]["rule_0"]["after"]["state"] == "SHADOW"
    assert one["change"]["why"] == "to see"
    assert [paper["kind"] for paper in one["papers"]] == ["CHECK"]
