"""What waits for me: what I may decide on, and nothing I have proposed."""

from __future__ import annotations

from typing import Any

from tests.journey.access.steps import SEEN, Member, hired, invited, strict, told, two
from tests.journey.access.test_two_people import approve, key_of, proposed
from tests.journey.cases.case_floor import adopt, done, say, three_held
from tests.journey.conftest import House

from anfu.entrypoints.api.waiting_kinds import KINDS
from anfu.parties.access.role import ROLES

WAITING = "/v1/waiting"


async def waiting(member: Member, query: str = "") -> list[dict[str, Any]]:
    answer = await member.get(WAITING + query)
    assert (answer.status_code, answer.json()["more"]) == (200, False), answer.text
    return list(answer.json()["data"])


def named(found: list[dict[str, Any]]) -> list[tuple[str, str, str, str | None]]:
    return [(one["kind"], one["id"], one["about"], one["login"]) for one in found]


ROLES_OF_BOTH = ("analyst", "approver", "compliance", "reviewer")


async def changes_wait_for_another(house: House, both: Member, other: Member) -> None:
    """By session and by key the same person proposed, and is shown nothing of it."""
    key = await key_of(house, both.id)
    rule = await proposed(both, "sevens")
    wish = {"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "rated A in 2026"}
    multiplier = (await key.post("/v1/limits/multipliers", wish)).json()["id"]
    customer = await house.office.customer()
    path = f"/v1/customers/{customer}/erasures"
    erasure = (await both.post(path, {"reason": "a letter of his"})).json()["id"]
    async with house.untouched(SEEN):
        found = await waiting(other)
        assert named(found) == [
            ("proposal", rule, "sevens", "li.wei"),
            ("multiplier", multiplier, "CN-NP43-24-2", "li.wei"),
            ("erasure", erasure, customer, "li.wei"),
        ]
        assert found[0] == {
            "id": rule, "object": "waiting", "kind": "proposal", "about": "sevens",
            "path": f"/v1/proposals/{rule}", "by": both.id, "login": "li.wei",
            "title": {"en": "A change of rules, lists, models or case policy",
                      "zh": "规则、名单、模型或案件策略变更"},
            "since": found[0]["since"], "detail": {"subject": "RULES"},
        }  # fmt: skip
        assert named(await waiting(other, "?kind=erasure")) == named(found)[2:]
        first = (await other.get(f"{WAITING}?limit=1")).json()
        assert (named(first["data"]), first["more"]) == (named(found)[:1], True)
        assert await waiting(both) == []
        assert told(await other.get(f"{WAITING}?kind=payment")) == (400, "query_invalid")
    assert (await approve(other, rule)).status_code == 200
    assert named(await waiting(other)) == named(found)[1:]


async def a_verdict_waits_for_another(house: House, both: Member, other: Member) -> None:
    key = await key_of(house, both.id, {"cases:read", "cases:write"})
    await adopt(house, two_people={"CNY": 50_000})
    await strict(house)
    case, _ = await three_held(house)
    await done(house.office, case, "assign", {"to": key.key})
    assert (await say(key, case, "RELEASE")).json()["state"] == "CONFIRMING"
    assert await waiting(both, "?kind=case_verdict") == []
    (found,) = await waiting(other, "?kind=case_verdict")
    assert (found["path"], found["by"]) == (f"/v1/cases/{case}", both.id)
    assert found["detail"] == {"verdict": "RELEASE", "reason": "PAYER_CONFIRMED", "decisions": 3}


async def accounts_wait_for_the_other(one: Member, other: Member) -> None:
    member, link = await invited(one, "zhao.min", "viewer")
    await member.enlist(link)
    (change,) = (await other.get("/v1/staff_changes?state=OPEN")).json()["data"]
    assert await waiting(one) == []
    assert named(await waiting(other)) == [("staff_change", change["id"], member.id, "admin.one")]
    reset = await one.post(f"/v1/staff/{other.id}/changes", {"change": "RESET"})
    assert reset.status_code == 201, reset.text
    # It is about the other administrator, who does not decide on it.
    assert [found["about"] for found in await waiting(other)] == [member.id]


async def test_each_sees_what_others_proposed_the_oldest_first(house: House) -> None:
    admins = await two(house)
    both = await hired(house, admins, "li.wei", *ROLES_OF_BOTH)
    other = await hired(house, admins, "wang.fang", *ROLES_OF_BOTH)
    assert [await waiting(member) for member in (*admins, both, other)] == [[]] * 4
    await changes_wait_for_another(house, both, other)
    await accounts_wait_for_the_other(*admins)
    await a_verdict_waits_for_another(house, both, other)
    assert told(await house.office.get(WAITING)) == (403, "session_needed")


def test_every_kind_is_decided_by_somebody() -> None:
    given = frozenset[str]().union(*ROLES.values())
    assert [kind.name for kind in KINDS if kind.scope not in given] == []


async def test_everybody_on_the_staff_knows_the_others_by_name_and_nobody_else_does(
    house: House,
) -> None:
    admins = await two(house)
    reviewer = await hired(house, admins, "re.view", "reviewer")
    async with house.untouched(SEEN):
        first = (await reviewer.get("/v1/colleagues?limit=2")).json()
        rest = (await reviewer.get(f"/v1/colleagues?after={first['data'][-1]['id']}")).json()
        assert (first["more"], rest["more"]) == (True, False)
        found = {one["id"]: one for one in (*first["data"], *rest["data"])}
        assert set(found) == {reviewer.id, *(admin.id for admin in admins)}
        assert set(found[reviewer.id]) == {"id", "object", "login", "name", "state"}
        assert (found[reviewer.id]["login"], found[reviewer.id]["state"]) == ("re.view", "ACTIVE")
        assert told(await reviewer.get("/v1/staff")) == (403, "scope_missing")
        assert (await house.office.get("/v1/colleagues")).status_code in (401, 403)
