"""A merchant over HTTP, from its application to its first payment and to the day it is overdue."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.licence import (
    CITIZEN,
    CODE,
    FIRM,
    FORM,
    NAME,
    PATH,
    RECORDS,
    Licence,
    licence,
    said,
)
from tests.journey.waits import shown

from anfu.channels.registries.port import FirmState
from anfu.channels.registries.simulator import Trouble
from anfu.compliance.diligence.inquire import inquire_late
from anfu.entrypoints.api.waiting_kinds import Name
from anfu.entrypoints.worker.rounds import resolve
from anfu.kernel.periods import civil_day

__all__ = ["licence"]
INSPECTION = "银发〔2019〕85号"


async def decided(licence: Licence, draft: dict[str, Any], payer: str) -> None:
    """From the draft to the approval: until then nobody pays."""
    house, application, merchant = licence.house, draft["id"], draft["merchant"]
    async with house.untouched():
        refused = await licence.pay(merchant, payer)
        assert said(refused) == (422, "merchant_not_approved")
        assert "国令768 art. 22" in refused.json()["detail"]
    checked = await licence.done(application, "submit")
    assert (checked["state"], checked["rating"]) == ("CHECKED", "LOW")
    told = {(i["registry"], i["state"], i["source"], i["firm_state"]) for i in checked["inquiries"]}
    assert told == {
        ("FIRM_REGISTRY", "CONFIRMED", "firm_registry", "IN_BUSINESS"),
        ("CITIZEN_REGISTRY", "CONFIRMED", "citizen_registry", None),
    }
    async with house.untouched():
        assert said(await licence.pay(merchant, payer)) == (422, "merchant_not_approved")
        own = await licence.act(application, "approve", by=licence.maker)
        assert said(own) == (403, "second_person_needed")
    approved = await licence.done(application, "approve")
    due = licence.today + timedelta(days=365)
    assert (approved["state"], approved["due_on"]) == ("APPROVED", due.isoformat())


async def overdue(licence: Licence, draft: dict[str, Any], payer: str) -> None:
    """On its day it is still paid, the day after no more, until it is looked at again."""
    house, application, merchant = licence.house, draft["id"], draft["merchant"]
    house.clock.set(civil_day(house.clock.now()).start + timedelta(days=365))
    assert await resolve(house.tools, house.clock) == 0
    assert (await licence.pay(merchant, payer)).json()["state"] == "SUCCEEDED"
    house.clock.advance(timedelta(days=1))
    assert await resolve(house.tools, house.clock) == 1
    assert await resolve(house.tools, house.clock) == 0
    found = await licence.read(application)
    assert (found["state"], found["suspension"]) == ("SUSPENDED", None)
    assert found["unverified_since"] is not None
    async with house.untouched():
        refused = await licence.pay(merchant, payer)
        assert said(refused) == (422, "merchant_overdue")
        assert INSPECTION in refused.json()["detail"]
        assert said(await licence.act(application, "resume")) == (409, "merchant_not_suspended")
        unseen = await licence.act(application, "renew")
        assert said(unseen) == (422, "visit_missing")
        assert INSPECTION in unseen.json()["detail"]
    renewed = await licence.done(application, "renew", visited_on=licence.today.isoformat())
    assert (renewed["state"], renewed["unverified_since"]) == ("APPROVED", None)
    assert renewed["due_on"] == (licence.today + timedelta(days=365)).isoformat()
    assert len(renewed["inquiries"]) == 4
    assert (await licence.pay(merchant, payer)).json()["state"] == "SUCCEEDED"


async def test_a_merchant_from_its_application_to_a_payment_and_to_its_overdue_day(
    licence: Licence,
) -> None:
    house, payer = licence.house, await licence.house.office.customer(deposit=10_000)
    draft = await licence.apply()
    assert (draft["state"], draft["rating"], draft["inquiries"]) == ("DRAFT", None, [])
    assert draft["representative"] == {
        "name": "林*", "phone": "138****8000", "document_until": "2036-11-23",
        "document": {"type": "CITIZEN_ID", "number": "110***********002X"},
    }  # fmt: skip
    assert draft["settlement"] == {
        "holder": "福********司", "number": "350*************3456", "bank": "福州银行",
    }  # fmt: skip
    await decided(licence, draft, payer)
    paid = await house.office.pay(payer, draft["merchant"], 100)
    assert paid["state"] == "SUCCEEDED"
    assert await house.office.balance(draft["merchant"]) == (100, 100)
    same_day = (await house.office.get(f"/v1/merchants/{draft['merchant']}/same-day")).json()
    assert (same_day["days"], same_day["days_missing"]) == (0, 90)
    await overdue(licence, draft, payer)
    await house.check_books()


@pytest.mark.parametrize(
    ("other", "status", "code", "article"),
    [
        ({"mcc": "7995"}, 403, "trade_prohibited", "银发〔2019〕85号 四(十三)"),
        ({"mcc": "6051"}, 403, "trade_prohibited", "银发〔2019〕85号 四(十三)"),
        ({"mcc": "0001"}, 422, "mcc_unknown", "ISO 18245"),
        ({"settlement": {**FORM["settlement"], "holder": "福州别人有限公司"}}, 422,
         "settlement_not_own", "公告〔2013〕9号 art. 9"),
        ({"settlement": {**FORM["settlement"], "holder": "林平"}}, 422,
         "settlement_not_own", "公告〔2013〕9号 art. 9"),
        ({"representative": {**FORM["representative"], "document_until": "2026-11-22"}}, 422,
         "document_expired", "令〔2025〕11号 art. 26"),
    ],
)  # fmt: skip
async def test_what_no_registry_need_be_asked_about_is_refused_by_its_article(
    licence: Licence, other: dict[str, Any], status: int, code: str, article: str
) -> None:
    application = (await licence.apply(**other))["id"]
    async with licence.house.untouched():
        refused = await licence.act(application, "submit")
        assert said(refused) == (status, code)
        assert article in refused.json()["detail"]
    assert [simulator.asked for simulator in licence.registries.values()] == [[], []]
    # The draft is still there, and is mended.
    mended = await licence.maker.post(f"{PATH}/{application}", FORM)
    assert (mended.status_code, mended.json()["mcc"]) == (200, "5814")
    assert (await licence.done(application, "submit"))["state"] == "CHECKED"


async def test_an_individual_business_is_settled_to_its_owner(licence: Licence) -> None:
    code = "92350100M000100Y3W"
    firm = licence.registries[FIRM]
    firm.records[code] = {"credit_code": code, "name": "林平小吃店", "representative": "林平"}
    firm.states[code] = FirmState.IN_BUSINESS
    settlement = {**FORM["settlement"], "holder": "林平"}
    checked = await licence.submitted(
        credit_code=code, legal_name="林平小吃店", settlement=settlement
    )
    assert checked["state"] == "CHECKED"


@pytest.mark.parametrize(
    ("registry", "record", "refusal", "reason"),
    [
        (FIRM, {"name": "福州别家有限公司"}, "firm_contradicted", "name_differs"),
        (FIRM, {"representative": "林安"}, "firm_contradicted", "representative_differs"),
        (CITIZEN, {"name": "林安"}, "representative_contradicted", "name_differs"),
    ],
)
async def test_a_contradiction_ends_an_application(
    licence: Licence, registry: Any, record: dict[str, str], refusal: str, reason: str
) -> None:
    key, known = RECORDS[registry]
    licence.registries[registry].records[key] = {**known, **record}
    ended = await licence.submitted()
    assert (ended["state"], ended["refusal"]) == ("REFUSED", refusal)
    (asked,) = [i for i in ended["inquiries"] if i["registry"] == registry]
    assert (asked["state"], asked["reason"]) == ("CONTRADICTED", reason)
    payer = await licence.house.office.customer(deposit=1_000)
    async with licence.house.untouched():
        assert said(await licence.pay(ended["merchant"], payer)) == (422, "merchant_closed")
        assert said(await licence.act(ended["id"], "approve")) == (409, "application_state")


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (FirmState.ABNORMAL, ("CHECKED", "HIGH", None)),
        (FirmState.DISHONEST, ("REFUSED", None, "firm_contradicted")),
        (FirmState.REVOKED, ("REFUSED", None, "firm_contradicted")),
        (FirmState.CANCELLED, ("REFUSED", None, "firm_contradicted")),
    ],
)
async def test_how_the_firm_stands_decides(
    licence: Licence, state: FirmState, outcome: tuple[str, str | None, str | None]
) -> None:
    licence.registries[FIRM].states[CODE] = state
    found = await licence.submitted()
    assert (found["state"], found["rating"], found["refusal"]) == outcome


@pytest.mark.parametrize("trouble", ["slow", "failed", "forged"])
async def test_what_cannot_be_trusted_is_asked_again(licence: Licence, trouble: str) -> None:
    house, registry = licence.house, licence.registries[FIRM]
    registry.trouble, reason = {
        "slow": (Trouble(delay_s=0.5), "timed_out"),
        "failed": (Trouble(status=503), "http_503"),
        "forged": (Trouble(signer=licence.rogue), "message_forged"),
    }[trouble]
    waiting = await licence.submitted()
    states = {i["registry"]: (i["state"], i["reason"]) for i in waiting["inquiries"]}
    assert waiting["state"] == "SUBMITTED"
    assert states == {FIRM: ("UNKNOWN", reason), CITIZEN: ("CONFIRMED", None)}
    registry.trouble = Trouble()
    assert await inquire_late(house.tools, house.clock, most=10) == 0
    house.clock.advance(timedelta(seconds=31))
    assert await inquire_late(house.tools, house.clock, most=10) == 1
    assert (await licence.read(waiting["id"]))["state"] == "CHECKED"
    assert len(set(registry.asked)) == 1


async def test_a_process_killed_between_call_and_record_loses_nothing(licence: Licence) -> None:
    house, application = licence.house, (await licence.apply())["id"]
    licence.cables[FIRM].after = RuntimeError("killed")
    assert (await licence.act(application, "submit")).status_code == 500
    licence.cables[FIRM].after = None
    house.clock.advance(timedelta(seconds=31))
    assert await inquire_late(house.tools, house.clock, most=10) == 2
    found = await licence.read(application)
    assert found["state"] == "CHECKED"
    assert {i["registry"]: i["attempts"] for i in found["inquiries"]} == {FIRM: 2, CITIZEN: 2}


async def test_one_firm_is_one_merchant_until_it_has_ended(licence: Licence) -> None:
    first, second = (await licence.apply())["id"], (await licence.apply())["id"]
    at_once = await asyncio.gather(*(licence.act(a, "submit") for a in (first, second)))
    codes = sorted(answer.status_code for answer in at_once)
    assert codes == [200, 409]
    (won,) = [a.json()["id"] for a in at_once if a.status_code == 200]
    lost = second if won == first else first
    async with licence.house.untouched():
        refused = await licence.act(lost, "submit")
        assert said(refused) == (409, "application_exists")
    assert (await licence.done(won, "close"))["state"] == "CLOSED"
    assert (await licence.done(lost, "submit"))["state"] == "CHECKED"


async def test_who_wrote_and_who_submitted_do_not_approve(licence: Licence) -> None:
    application = (await licence.apply())["id"]
    third = await licence.house.client()
    written = await licence.checker.post(f"{PATH}/{application}", FORM)
    assert written.status_code == 200
    await licence.done(application, "submit")
    async with licence.house.untouched():
        for by in (licence.maker, licence.checker):
            for verb in ("approve", "refuse"):
                refused = await licence.act(application, verb, by=by)
                assert said(refused) == (403, "second_person_needed")
    approved = await licence.act(application, "approve", by=third)
    assert approved.json()["state"] == "APPROVED"


async def test_a_second_person_may_refuse(licence: Licence) -> None:
    checked = await licence.submitted()
    people = licence.maker.key, licence.checker.key
    kind = Name.MERCHANT_APPLICATION
    assert await shown(licence.house, kind, *people) == [[], [checked["id"]]]
    refused = await licence.done(checked["id"], "refuse")
    assert await shown(licence.house, kind, *people) == [[], []]
    assert (refused["state"], refused["refusal"]) == ("REFUSED", "staff_refused")


async def test_a_registry_that_is_not_there_is_not_passed_over(licence: Licence) -> None:
    application = (await licence.apply())["id"]
    object.__setattr__(licence.house.tools, "registries", {})
    async with licence.house.untouched():
        refused = await licence.act(application, "submit")
        assert said(refused) == (422, "registry_unknown")


async def test_in_production_no_merchant_comes_in_without_an_application(house: House) -> None:
    tools = house.desk.tools
    policy = replace(tools.policy, development=False, accept_history=False)
    object.__setattr__(tools, "policy", policy)
    async with house.untouched():
        refused = await house.office.post("/v1/merchants", {"name": "街角茶饮"})
        assert said(refused) == (403, "merchant_application_needed")
        assert "国令768 art. 22" in refused.json()["detail"]


async def test_the_trades_are_listed(licence: Licence) -> None:
    listed = (await licence.maker.get("/v1/trades")).json()["data"]
    assert len(listed) == 278
    assert {t["mcc"] for t in listed if t["grade"] == "PROHIBITED"} == {
        "5967", "6051", "7800", "7801", "7802", "7995",
    }  # fmt: skip


async def test_applications_are_listed_by_state(licence: Licence) -> None:
    approved, draft = await licence.approved(), await licence.apply()
    listed = (await licence.maker.get(PATH, state="APPROVED")).json()
    assert [one["id"] for one in listed["data"]] == [approved["id"]]
    assert listed["data"][0]["legal_name"] == NAME
    every = (await licence.maker.get(PATH)).json()
    assert [one["id"] for one in every["data"]] == [draft["id"], approved["id"]]
