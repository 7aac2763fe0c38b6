"""A back-test over HTTP: asked for, done by the worker, read, attached to a proposal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journey import rule_steps
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.lab.backtests import operations, queries
from anfu.lab.backtests.backtest import Laboratory, backtest
from anfu.lab.engines.port import Offline
from anfu.lab.engines.single import SingleMachine
from anfu.lab.history.archive import Archive
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import Proposal, Subject

RULE = {
    "id": "over_two_yuan", "condition": "amount > 200", "grade": "MIDDLE", "points": 10,
    "reason": "OVER_TWO", "en": "Over two yuan", "zh": "超过两元", "typology": "probe",
}  # fmt: skip
HARMLESS = RULE | {"id": "never", "condition": "amount > 900000000"}
LOW = {"middle": 1, "general": 999, "high": 1_000}
STRICT = {"LOW": "ALLOW", "MIDDLE": "BLOCK", "GENERAL": "BLOCK", "HIGH": "BLOCK"}


@pytest.fixture
async def lab(house: House, tmp_path: Path) -> AsyncIterator[Laboratory]:
    yield Laboratory(house.database, tmp_path / "history", CATALOGUE, SingleMachine)


async def a_past(house: House) -> list[dict[str, Any]]:
    """Five payments; the third was a fraud, of the fifth half was given back."""
    office = house.office
    payer, payee = await office.customer(deposit=100_000), await office.merchant()
    payments = []
    for amount in (100, 150, 1_000, 2_000, 3_000):
        house.clock.advance(timedelta(hours=1))
        payments.append(await office.pay(payer, payee, amount))
    house.clock.advance(timedelta(days=2))
    said = await office.post("/v1/labels", {"payment": payments[2]["id"], "label": "FRAUD"})
    assert said.status_code == 201
    wish = {"payment": payments[4]["id"], "amount": 1_500, "reason": "torn"}
    assert (await office.post("/v1/refunds", wish)).status_code == 201
    house.clock.advance(timedelta(days=2))
    return payments


def asking(house: House, **more: Any) -> dict[str, Any]:
    now = house.clock.now()
    return {"start": (now - timedelta(days=30)).isoformat(), "end": now.isoformat(),
            "rules": [RULE], "label_delay_days": 1, **more}  # fmt: skip


async def asked(house: House, **more: Any) -> dict[str, Any]:
    answer = await house.office.post("/v1/backtests", asking(house, **more))
    assert answer.status_code == 202, answer.text
    assert (answer.json()["state"], answer.json().get("figures")) == ("WAITING", None)
    return dict(answer.json())


async def read(house: House, document: dict[str, Any]) -> dict[str, Any]:
    answer = await house.office.get(f"/v1/backtests/{document['id']}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_rule_is_tested_on_what_was_decided(house: House, lab: Laboratory) -> None:
    payments = await a_past(house)
    document = await asked(house)
    assert await backtest(lab, house.clock) == 1
    done = await read(house, document)
    assert (done["state"], done["problem"]) == ("DONE", None)
    figures = done["figures"]
    assert figures["everything"]["all"] == {"count": 5, "value": 6_250}
    assert figures["acted"]["all"] == {"count": 3, "value": 6_000}
    assert figures["acted"]["refunded"] == {"count": 1, "value": 1_500}
    assert figures["judged"]["caught"] == {"count": 1, "value": 1_000}
    assert figures["judged"]["alarms"] == {"count": 2, "value": 5_000}
    assert figures["judged"]["missed"] == {"count": 0, "value": 0}
    assert [alarm["event"] for alarm in figures["worst"]] == [payments[4]["id"], payments[3]["id"]]
    assert figures["rules"][0]["rule"] == "over_two_yuan"
    listed = (await house.office.get("/v1/backtests")).json()["data"]
    assert [b["id"] for b in listed] == [document["id"]]
    assert await backtest(lab, house.clock) == 0


async def test_what_moved_after_the_export_is_seen_by_the_next_one(
    house: House, lab: Laboratory
) -> None:
    payments = await a_past(house)
    await asked(house)
    await backtest(lab, house.clock)
    wish = {"payment": payments[3]["id"], "amount": 2_000, "reason": "lost"}
    assert (await house.office.post("/v1/refunds", wish)).status_code == 201
    house.clock.advance(timedelta(minutes=5))
    document = await asked(house)
    await backtest(lab, house.clock)
    figures = (await read(house, document))["figures"]
    assert figures["acted"]["refunded"] == {"count": 2, "value": 3_500}
    assert figures["everything"]["all"]["count"] == 5


async def test_other_thresholds_are_tested_with_the_rules_in_force(
    house: House, lab: Laboratory
) -> None:
    await a_past(house)
    document = await asked(house, rules=None, thresholds=LOW)
    await backtest(lab, house.clock)
    figures = (await read(house, document))["figures"]
    assert figures["whole"] is True
    assert sum(turn["sum"]["count"] for turn in figures["turns"]) == 5


async def proposed(house: House, **other: Any) -> str:
    """A proposal that the rule be watched."""
    rule = await rule_steps.written(house, **RULE | other)
    proposal = await rule_steps.proposed(house.office, rule["id"], "shadow")
    return str(proposal["id"])


async def policy_proposed(house: House, **what: Any) -> str:
    answer = await house.office.post("/v1/rule_sets/policy", {"why": "too many", **what})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def papers(house: House, proposal: str) -> list[dict[str, Any]]:
    found = (await house.office.get(f"/v1/proposals/{proposal}")).json()["papers"]
    return [paper for paper in found if paper["kind"] == "BACKTEST"]


async def test_the_figures_become_a_paper_of_the_proposal(house: House, lab: Laboratory) -> None:
    await a_past(house)
    proposal = await proposed(house)
    document = await asked(house, proposal=proposal)
    await backtest(lab, house.clock)
    [paper] = await papers(house, proposal)
    assert paper["body"] == (await read(house, document))["figures"]


async def test_other_thresholds_become_a_paper_of_the_proposal_that_moves_them(
    house: House, lab: Laboratory
) -> None:
    await a_past(house)
    proposal = await policy_proposed(house, thresholds=LOW)
    document = await asked(house, rules=None, thresholds=LOW, proposal=proposal)
    await backtest(lab, house.clock)
    [paper] = await papers(house, proposal)
    assert paper["body"] == (await read(house, document))["figures"]
    assert paper["body"]["whole"] is True


async def test_a_proposal_decided_on_meanwhile_gets_no_paper(house: House, lab: Laboratory) -> None:
    await a_past(house)
    proposal = await proposed(house)
    document = await asked(house, proposal=proposal)
    withdrawn = await house.office.post(f"/v1/proposals/{proposal}/withdraw", {})
    assert withdrawn.status_code == 200
    await backtest(lab, house.clock)
    done = await read(house, document)
    assert (done["state"], done["problem"]) == ("DONE", "proposal_closed")
    assert await papers(house, proposal) == []
    async with house.untouched():
        late = await house.office.post("/v1/backtests", asking(house, proposal=proposal))
    assert (late.status_code, late.json()["code"]) == (409, "proposal_closed")


@pytest.mark.parametrize(
    "tested",
    [
        {"rules": [HARMLESS]},
        {"rules": [HARMLESS | {"id": RULE["id"]}]},
        {"rules": [RULE, HARMLESS]},
        {"rules": [RULE | {"points": 11}]},
        {"rules": [RULE | {"grade": "LOW"}]},
        {"rules": [RULE | {"outcome": "REVIEW"}]},
        {"rules": [RULE | {"reason": "OTHER"}]},
        {"rules": [RULE | {"en": "Over three yuan"}]},
        {"rules": [RULE | {"zh": "超过三元"}]},
        {"rules": [RULE | {"typology": "refund"}]},
        {"rules": []},
        {"rules": None},
        {"rules": None, "thresholds": LOW},
        {"rules": [RULE], "thresholds": LOW},
    ],
)
async def test_figures_of_something_else_are_no_paper_of_a_rule(
    house: House, tested: dict[str, Any]
) -> None:
    proposal = await proposed(house)
    async with house.untouched():
        wish = asking(house, proposal=proposal, **tested)
        answer = await house.office.post("/v1/backtests", wish)
    said = answer.json()
    assert (answer.status_code, said["code"], said["field"], said["details"]) == (
        422, "backtest_other_change", "proposal", {"changes": [RULE["id"]]},
    )  # fmt: skip


@pytest.mark.parametrize(
    "tested",
    [
        {"rules": [RULE]},
        {"rules": None},
        {"rules": None, "thresholds": LOW | {"middle": 2}},
        {"rules": [HARMLESS], "thresholds": LOW},
        {"rules": None, "thresholds": LOW, "outcomes": STRICT},
    ],
)
async def test_figures_of_something_else_are_no_paper_of_a_policy(
    house: House, tested: dict[str, Any]
) -> None:
    proposal = await policy_proposed(house, thresholds=LOW)
    async with house.untouched():
        wish = asking(house, proposal=proposal, **tested)
        answer = await house.office.post("/v1/backtests", wish)
    said = answer.json()
    assert (said["code"], said["details"]) == ("backtest_other_change", {"changes": ["policy"]})


async def test_figures_of_rules_are_no_paper_of_a_list(house: House) -> None:
    now = house.clock.now()
    proposal = Proposal("prp_1", Subject.LIST, "mule_devices", b"{}", "key_author", now)
    async with house.database.transaction() as tx:
        await proposals.propose(tx, proposal=proposal)
    async with house.untouched():
        answer = await house.office.post("/v1/backtests", asking(house, proposal="prp_1"))
    said = answer.json()
    assert (said["code"], said["details"]) == ("backtest_other_change", {"changes": ["LIST"]})


async def test_what_was_asked_is_compared_again_where_the_figures_are_attached(
    house: House, lab: Laboratory
) -> None:
    await a_past(house)
    other = await proposed(house, id="other", reason="OTHER")
    alone = await asked(house)
    async with house.database.transaction() as tx:
        kept = await queries.get_backtest(tx, alone["id"])
        await operations.ask(tx, backtest=replace(kept, id="bkt_other", proposal=other))
    assert [await backtest(lab, house.clock) for _ in range(2)] == [1, 1]
    done = await read(house, {"id": "bkt_other"})
    assert (done["state"], done["problem"]) == ("DONE", "backtest_other_change")
    assert await papers(house, other) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"condition": "amuont > 1"}, "fact_unknown"),
        ({"condition": "amount >"}, "condition_syntax"),
        ({"condition": "amount > 'x'"}, "condition_type"),
        ({"condition": "amount > (SELECT 1)"}, "condition_not_allowed"),
        ({"id": "Bad Id"}, "rule_id_invalid"),
        ({"reason": "small"}, "rule_reason_invalid"),
    ],
)
async def test_a_wrong_rule_is_refused_as_when_it_is_saved(
    house: House, change: dict[str, Any], code: str
) -> None:
    async with house.untouched():
        answer = await house.office.post("/v1/backtests", asking(house, rules=[RULE | change]))
    assert answer.json()["code"] == code


async def test_what_cannot_be_asked_is_refused(house: House) -> None:
    now = house.clock.now().isoformat()
    merchant = await house.client(merchant=await house.office.merchant())
    nobody = await house.client(scopes={"rules:read"})
    falling = {"middle": 5, "general": 4, "high": 3}
    cases = [
        (house.office, {"end": asking(house)["start"]}, "backtest_span_invalid"),
        (house.office, {"thresholds": falling}, "thresholds_invalid"),
        (house.office, {"outcomes": {"LOW": "BLOCK"}}, "outcomes_invalid"),
        (house.office, {"proposal": "prp_no"}, "proposal_not_found"),
        (merchant, {}, "institution_only"),
        (nobody, {}, "scope_missing"),
    ]  # fmt: skip
    for caller, change, code in cases:
        async with house.untouched():
            answer = await caller.post("/v1/backtests", asking(house) | change)
        assert answer.json()["code"] == code, (change, now)
    assert (await house.office.get("/v1/backtests/bkt_no")).json()["code"] == "backtest_not_found"


async def test_without_a_history_it_fails_and_says_so(house: House, lab: Laboratory) -> None:
    document = await asked(house)
    assert await backtest(lab, house.clock) == 1
    failed = await read(house, document)
    assert (failed["state"], failed["problem"], failed["figures"]) == (
        "FAILED",
        "history_empty",
        None,
    )


async def test_while_another_writes_the_archive_it_waits(house: House, lab: Laboratory) -> None:
    await a_past(house)
    document = await asked(house)
    with Archive(lab.folder, CATALOGUE).held():
        assert await backtest(lab, house.clock) == 0
    assert (await read(house, document))["state"] == "WAITING"
    assert await backtest(lab, house.clock) == 1
    assert (await read(house, document))["state"] == "DONE"


async def test_an_engine_that_is_gone_is_tried_three_times(house: House, lab: Laboratory) -> None:
    def gone() -> Offline:
        raise OutsideFailure(Outcome.NOT_DONE, "no cluster")

    await a_past(house)
    document = await asked(house)
    broken = Laboratory(lab.database, lab.folder, lab.catalogue, gone)
    for _ in range(2):
        with pytest.raises(OutsideFailure):
            await backtest(broken, house.clock)
        assert await backtest(broken, house.clock) == 0  # it is still taken
        house.clock.advance(timedelta(minutes=4))
    assert await backtest(broken, house.clock) == 1
    failed = await read(house, document)
    assert (failed["state"], failed["problem"]) == ("FAILED", "backtest_engine_failed")


async def test_the_command_tests_rules_on_our_history_and_writes_a_report(
    house: House, database_url: str, tmp_path: Path
) -> None:
    await a_past(house)
    cli = CommandLine(database_url, tmp_path)
    rules = tmp_path / "rule.toml"
    rules.write_text("[[rule]]\n" + "\n".join(f"{k} = {v!r}" for k, v in RULE.items()), "utf-8")
    page = tmp_path / "report.html"
    arguments = ("backtest", str(rules), "--label-days", "1", "--html", str(page))
    figures = await cli.json(*arguments)
    assert figures["acted"]["all"] == {"count": 3, "value": 6_000}
    text = page.read_text("utf-8")
    assert "over_two_yuan" in text
    assert "精确率" in text
    assert "http" not in text
    rules.write_text(rules.read_text("utf-8").replace("amount", "amuont"), "utf-8")
    refused = await cli("backtest", str(rules))
    assert refused.exit_code != 0
