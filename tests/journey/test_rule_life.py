"""A rule's life over HTTP: draft, check, back-test, shadow, difference, a second key, a tenth of
the payers, all of them, retired; each step in the evidence, each refusal without a trace."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.journey.conftest import Client, House
from tests.journey.rule_steps import (
    RULE,
    WHY,
    approved,
    backtested,
    check_backtest,
    leaves,
    moved,
    proposed,
    through_backtest,
    written,
)

from anfu.risk.decision import bucket
from anfu.risk.queries import replay
from anfu.risk.rules import default_rule_set


async def pay(house: House, payee: str) -> dict[str, Any]:
    payer = await house.office.customer(deposit=20_000)
    return await house.office.pay(payer, payee, 10_000)


def check_difference(said: dict[str, Any], fired: list[str]) -> None:
    """The paper on three first payments, one of them a fraud."""
    assert said["fired"] == 3
    assert said["decided"] == 3
    assert said["in_rollout"] == sum(bucket(RULE["id"], payer) < 10 for payer in fired)
    assert said["outcomes"] == [
        {"now": "ALLOW", "then": "CHALLENGE", "count": 3, "value": {"CNY": 30_000}}
    ]
    assert said["labels"] == {
        "FRAUD": {"count": 1, "value": {"CNY": 10_000}},
        "NONE": {"count": 2, "value": {"CNY": 20_000}},
    }


async def check_past(house: House, second: Client, steps: list[str]) -> None:
    """The whole life is told, and in the evidence; `steps` are the proposals in their order."""
    last = steps[-1]
    rule = (await house.office.get(f"/v1/rules/{RULE['id']}")).json()
    assert [(m["state"], m["rollout"], m["step"]) for m in rule["moves"]] == [
        ("RETIRED", 0, 5), ("LIVE", 100, 4), ("LIVE", 10, 3), ("SHADOW", 0, 2),
    ]  # fmt: skip
    assert rule["moves"][0] | {"created_at": "", "rule_set": ""} == {
        "state": "RETIRED", "rollout": 0, "step": 5, "rule_set": "", "created_at": "",
        "proposal": last, "author": house.office.key, "approved_by": second.key,
        "why": "seen in cases",
    }  # fmt: skip
    assert rule["moves"][0]["rule_set"] == default_rule_set().version
    assert [leaf["state"] for leaf in await leaves(house, RULE["id"])] == ["DRAFT"]
    begins, works = ["CHECK"], ["BACKTEST", "CHECK", "SHADOW"]
    for proposal, number, state, papers in zip(
        steps, (2, 3, 4, 5), ("SHADOW", "LIVE", "LIVE", "RETIRED"), (begins, works, works, begins),
        strict=True,
    ):  # fmt: skip
        opened, decided = await leaves(house, proposal)
        assert (opened["state"], decided["state"]) == ("OPEN", "APPROVED")
        assert sorted(opened["papers"]) == [kind for kind in papers if kind != "BACKTEST"]
        assert sorted(decided["papers"]) == papers
        move, before = rule["moves"][5 - number], rule["moves"][6 - number :][:1]
        assert decided["applied"] == {
            "step": number, "rule_set": move["rule_set"], "rules": {RULE["id"]: state},
            "before": before[0]["rule_set"] if before else default_rule_set().version,
        }  # fmt: skip


async def test_a_rule_lives_from_draft_to_retirement(house: House, tmp_path: Path) -> None:
    office, second = house.office, await house.client()
    shipped, payee = default_rule_set().version, await house.office.merchant()
    draft = await written(house)
    assert (draft["state"], draft["rollout"], draft["draft"]["version"]) == ("DRAFT", 0, 1)
    assert [(r["code"], r["severity"]) for r in draft["remarks"]] == [("money_number", "NOTE")]
    assert (await pay(house, payee))["state"] == "SUCCEEDED"

    shadow = await moved(house, second, "shadow")
    watched = [await pay(house, payee) for _ in range(3)]
    assert {payment["state"] for payment in watched} == {"SUCCEEDED"}
    fraud = {"payment": watched[0]["id"], "label": "FRAUD"}
    assert (await office.post("/v1/labels", fraud)).status_code == 201

    house.clock.advance(timedelta(days=2))
    tenth = await proposed(office, RULE["id"], "live", rollout=10)
    async with house.untouched():
        for client, code in ((office, "second_person_needed"), (second, "paper_missing")):
            answer = await client.post(f"/v1/proposals/{tenth['id']}/approve", {})
            assert answer.json()["code"] == code
    await through_backtest(house, tenth, tmp_path)
    papers = (await second.get(f"/v1/proposals/{tenth['id']}")).json()["papers"]
    assert [paper["kind"] for paper in papers] == ["CHECK", "SHADOW", "BACKTEST"]
    check_backtest(papers[2]["body"])
    check_difference(papers[1]["body"], [payment["payer"] for payment in watched])
    await approved(house, second, tenth)
    states = {(p["payer"], p["state"]) for p in [await pay(house, payee) for _ in range(12)]}
    for payer, state in states:
        reached = bucket(RULE["id"], payer) < 10
        assert state == ("CHALLENGED" if reached else "SUCCEEDED")

    full = await moved(house, second, "live")
    assert (await pay(house, payee))["state"] == "CHALLENGED"
    last = await moved(house, second, "retire")
    assert (await pay(house, payee))["state"] == "SUCCEEDED"

    steps = [proposal["id"] for proposal in (shadow, tenth, full, last)]
    await check_past(house, second, steps)
    assert house.tools.engine.base.version == shipped


async def test_decisions_before_and_after_are_replayed_by_their_own_set(house: House) -> None:
    second, payee = await house.client(), await house.office.merchant()
    await written(house)
    before = await pay(house, payee)
    await moved(house, second, "shadow")
    await moved(house, second, "live")
    after = await pay(house, payee)

    async with house.database.transaction(readonly=True) as tx:
        for payment, outcome in ((before, "ALLOW"), (after, "CHALLENGE")):
            again = await replay(tx, payment["decision"])
            assert (again.same, again.again.outcome) == (True, outcome)


async def test_moves_that_are_none_leave_no_trace(house: House) -> None:
    office, second = house.office, await house.client()
    await written(house)
    merchant = await house.client(merchant=await office.merchant())
    async with house.untouched():
        for path, body, code in (
            ("/v1/rules/nothing/shadow", WHY, "rule_not_found"),
            (f"/v1/rules/{RULE['id']}/live", WHY, "rule_not_watched"),
            (f"/v1/rules/{RULE['id']}/retire", WHY, "rule_not_watched"),
            (f"/v1/rules/{RULE['id']}/live", {**WHY, "rollout": 0}, "field_invalid"),
            (f"/v1/rules/{RULE['id']}/live", {**WHY, "rollout": 101}, "field_invalid"),
            ("/v1/rules", RULE, "rule_id_taken"),
            ("/v1/rules/nothing/drafts", {**RULE, "id": "nothing", "replaces": 0},
             "rule_not_found"),
            (f"/v1/rules/{RULE['id']}/drafts", {**RULE, "replaces": 0}, "draft_moved_on"),
            (f"/v1/rules/{RULE['id']}/drafts", {**RULE, "id": "x1", "replaces": 1},
             "field_invalid"),
            ("/v1/rules", {**RULE, "id": "listed_x"}, "rule_id_reserved"),
            ("/v1/rules", {**RULE, "id": "a1", "condition": "amont > 1"}, "fact_unknown"),
            ("/v1/rules", {**RULE, "id": "a1", "condition": "amount > distance_km"},
             "units_differ"),
            ("/v1/rules", {**RULE, "id": "a1", "condition": "hour BETWEEN 22 AND 6"},
             "never_true"),
            ("/v1/rules", {**RULE, "id": "a1", "purpose": "GENERAL",
                           "condition": "model_score > 0.5"}, "purpose_locked"),
            ("/v1/rule_sets/policy", {"why": "x"}, "change_empty"),
            ("/v1/rule_sets/policy", {"why": "x", "thresholds":
                                      {"middle": 9, "general": 8, "high": 7}},
             "thresholds_invalid"),
            ("/v1/rule_sets/policy", {"why": "x", "outcomes": {"LOW": "BLOCK"}},
             "outcomes_invalid"),
            ("/v1/rule_sets/0123456789abcdef/restore", WHY, "rule_set_not_found"),
            (f"/v1/rule_sets/{default_rule_set().version}/restore", WHY, "change_empty"),
        ):  # fmt: skip
            answer = await office.post(path, body)
            assert (answer.status_code >= 400, answer.json()["code"]) == (True, code), path
            answer = await merchant.post(path, body)
            assert answer.json()["code"] in ("institution_only", "field_invalid"), path
        for path in ("/v1/rules", "/v1/rules/card_testing_device", "/v1/rule_sets",
                     "/v1/rule_sets/in_force", "/v1/proposals"):  # fmt: skip
            assert (await merchant.get(path)).json()["code"] == "institution_only"
    await moved(house, second, "shadow")
    async with house.untouched():
        answer = await office.post(f"/v1/rules/{RULE['id']}/shadow", WHY)
        assert (answer.status_code, answer.json()["code"]) == (409, "rule_move_empty")
        answer = await office.post(f"/v1/rules/{RULE['id']}/live", {**WHY, "replaces": RULE["id"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "rule_not_live")


async def test_a_proposal_against_an_older_set_holds_unless_it_conflicts(house: House) -> None:
    office, second = house.office, await house.client()
    await written(house)
    await written(house, id="other_rule", reason="OTHER_RULE", condition="amount = 7")
    mine = await proposed(office, RULE["id"], "shadow")
    again = await proposed(office, RULE["id"], "shadow")
    await moved(house, second, "shadow", "other_rule")
    await approved(house, second, mine)  # another rule moved: nobody touched this one
    async with house.untouched():
        answer = await second.post(f"/v1/proposals/{again['id']}/approve", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "rule_set_moved_on")
        assert answer.json()["details"]["touched"] == [RULE["id"]]
    assert (await second.post(f"/v1/proposals/{again['id']}/reject", {})).status_code == 200


async def test_two_approvals_at_once_bring_one_set_after_the_other_into_force(
    house: House,
) -> None:
    office = house.office
    seconds = [await house.client() for _ in range(4)]
    rules = [f"rule_{n}" for n in range(4)]
    wishes = []
    for number, rule in enumerate(rules):
        await written(house, id=rule, condition=f"amount = {number + 3}")
        wishes.append(await proposed(office, rule, "shadow"))
    answers = await asyncio.gather(
        *(s.post(f"/v1/proposals/{w['id']}/approve", {})
          for s, w in zip(seconds, wishes, strict=True))
    )  # fmt: skip
    assert [a.status_code for a in answers] == [200] * 4
    steps = (await office.get("/v1/rule_sets")).json()["data"]
    assert [step["step"] for step in steps] == [5, 4, 3, 2, 1]
    in_force = (await office.get("/v1/rule_sets/in_force")).json()
    shadow = {rule["id"] for rule in in_force["rules"] if rule["state"] == "SHADOW"}
    assert shadow == set(rules)


async def test_going_back_restores_the_set_exactly(house: House) -> None:
    office, second = house.office, await house.client()
    shipped = default_rule_set().version
    await written(house)
    await moved(house, second, "shadow")
    in_shadow = (await office.get("/v1/rule_sets/in_force")).json()["version"]
    await moved(house, second, "live")
    wish = {"why": "too many", "thresholds": {"middle": 80, "general": 160, "high": 260}}
    policy = (await office.post("/v1/rule_sets/policy", wish)).json()
    await backtested(house, policy)
    await approved(house, second, policy)
    back = (await office.post(f"/v1/rule_sets/{in_shadow}/restore", WHY)).json()
    late = (await office.post(f"/v1/rule_sets/{shipped}/restore", WHY)).json()
    await approved(house, second, back)
    assert house.tools.engine.base.version == in_shadow
    differ = (await office.get(f"/v1/rule_sets/{shipped}/difference/{in_shadow}")).json()
    assert list(differ["rules"]) == [RULE["id"]]
    assert differ["rules"][RULE["id"]]["before"] is None
    assert differ["policy"] is None
    async with house.untouched():
        answer = await second.post(f"/v1/proposals/{late['id']}/approve", {})
        assert answer.json()["code"] == "rule_set_moved_on"


async def test_a_rule_takes_the_place_of_another(house: House) -> None:
    office, second = house.office, await house.client()
    await written(house)
    await moved(house, second, "shadow")
    await moved(house, second, "live", replaces="velocity_count")
    rules = (await office.get("/v1/rules", limit=100)).json()["data"]
    states = {rule["id"]: rule["state"] for rule in rules}
    assert (states[RULE["id"]], states["velocity_count"]) == ("LIVE", "RETIRED")
    assert set(states.values()) == {"LIVE", "RETIRED"}
    retired = (await office.get("/v1/rules", state="RETIRED")).json()["data"]
    assert [rule["id"] for rule in retired] == ["velocity_count"]
    await moved(house, second, "shadow", "velocity_count")
    pulled = await moved(house, second, "shadow")
    papers = (await office.get(f"/v1/proposals/{pulled['id']}")).json()["papers"]
    assert [paper["kind"] for paper in papers] == ["CHECK"]


async def test_writing_is_done_once_and_read_before_it_is_replaced(house: House) -> None:
    office = house.office
    first = await office.post("/v1/rules", RULE, key="one")
    assert (await office.post("/v1/rules", RULE, key="one")).content == first.content
    drafts = [{**RULE, "points": n, "replaces": 1} for n in (1, 2, 3)]
    answers = await asyncio.gather(
        *(office.post(f"/v1/rules/{RULE['id']}/drafts", d) for d in drafts)
    )
    assert sorted(a.status_code for a in answers) == [201, 409, 409]
    rule = (await office.get(f"/v1/rules/{RULE['id']}")).json()
    assert [draft["version"] for draft in rule["drafts"]] == [2, 1]
    assert rule["points"] == next(
        d["points"] for d, a in zip(drafts, answers, strict=True) if a.status_code == 201
    )


async def test_a_check_says_everything_and_writes_nothing(house: House) -> None:
    condition = "amount > 5000 AND amount > distance_km\n OR hour = 24"
    async with house.untouched():
        answer = await house.office.post("/v1/rule_checks", {**RULE, "condition": condition})
    found = answer.json()
    assert (answer.status_code, found["valid"]) == (200, False)
    assert [(r["code"], r["severity"], condition[slice(*r["position"])])
            for r in found["remarks"]] == [
        ("units_differ", "ERROR", "amount > distance_km"),
        ("part_never_true", "WARNING", "hour = 24"),
        ("money_number", "NOTE", "5000"),
    ]  # fmt: skip
    assert found["remarks"][2]["en"] == "5000 in minor units is 50.00 in units."
    assert "50.00" in found["remarks"][2]["zh"]
