"""Firms as customers over HTTP: from the first call to a payment, and what is in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.journey.conftest import order
from tests.journey.factors.steps import challenged, prove, totp, with_totp
from tests.journey.firm_town import (
    AGENT,
    APPLICATION,
    CHANNELS,
    CODE,
    OTHER_CODE,
    PEOPLE,
    RECORD,
    REP,
    SECRETS,
    FirmTown,
    firm_town,
    person,
)

from anfu.channels.registries.port import FirmState
from anfu.channels.registries.simulator import Trouble
from anfu.compliance.ask_late import ask_late
from anfu.compliance.firms.screen import screen

__all__ = ["firm_town"]
REGISTRY = "FIRM_REGISTRY"
WRONG = {"type": "CITIZEN_ID", "number": AGENT[:-1] + "5"}


async def test_a_firm_from_the_first_call_to_a_payment(firm_town: FirmTown) -> None:
    office = firm_town.house.office
    payee, firm = await office.merchant(), await firm_town.apply()
    assert (await firm_town.read(firm))["missing"] == [
        "registry", "channels", "representative", "agent", "owners",
    ]  # fmt: skip
    said = await firm_town.verify(firm, *CHANNELS)
    assert (said["channels"], said["missing"]) == (3, ["representative", "agent", "owners"])
    said = await firm_town.verify(firm, *PEOPLE)
    assert (said["state"], said["missing"]) == ("APPLIED", ["owners"])
    ownership = await firm_town.declare(firm)
    async with firm_town.house.untouched():
        for body in (order(firm, payee, 100), order(payee, firm, 100)):
            early = await office.post("/v1/payments", body)
            assert (early.status_code, early.json()["code"]) == (409, "firm_not_verified")
            assert "反洗钱法 art. 28" in early.json()["detail"]
        wish = {"party": firm, "amount": 1, "currency": "CNY"}
        assert (await office.post("/v1/deposits", wish)).json()["code"] == "firm_not_verified"
    opened = (await firm_town.confirm(firm, ownership)).json()
    assert (opened["state"], opened["missing"]) == ("OPENED", [])
    wish = {"party": firm, "amount": 30_000_000, "currency": "CNY"}
    assert (await office.post("/v1/deposits", wish)).status_code == 201
    factor, seed = await with_totp(firm_town.house, firm)  # the agent's
    assert factor["customer"] == firm
    asked = await challenged(firm_town.house, firm, 9_000_000)
    firm_town.house.clock.advance(timedelta(seconds=30))
    code = totp(firm_town.house, seed)
    paid = (await prove(office, asked, "totp", code=code)).json()
    assert (paid["state"], paid["refusal"]) == ("SUCCEEDED", None)
    assert await office.balance(firm) == (21_000_000, 21_000_000)
    assert not [secret for secret in SECRETS if secret in str(opened)]


async def test_a_firm_pays_what_it_agreed_to_and_not_one_fen_more(firm_town: FirmTown) -> None:
    """No class binds it (43号 art. 11 and 24 are about individuals), the agreement does."""
    firm = await firm_town.open(deposit=1_000_000, day_amount=900_000)
    office = firm_town.house.office
    payee = await office.merchant()
    strong = {"factors": ["password", "certificate"]}
    assert (await office.pay(firm, payee, 899_999, **strong))["state"] == "SUCCEEDED"
    refused = await office.pay(firm, payee, 2, **strong)
    assert (refused["state"], refused["refusal"]["law"], refused["refusal"]["article"]) == (
        "REFUSED", "银发〔2016〕261号", "二(十)",
    )  # fmt: skip
    assert (refused["refusal"]["limit"], refused["refusal"]["remaining"]) == (900_000, 1)
    assert (await office.pay(firm, payee, 1, **strong))["state"] == "SUCCEEDED"
    limits = (await office.get(f"/v1/customers/{firm}/limits")).json()["agreed"]
    assert [(one["metric"], one["most"]) for one in limits] == [
        ("balance_count", 20), ("balance_payment", 900_000),
    ]  # fmt: skip


async def test_the_agreement_is_changed_and_never_lifted(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.open()
    wish = {"metric": "balance_payment", "window": "natural_day", "currency": "CNY"}
    async with firm_town.house.untouched():
        lifted = await office.post(f"/v1/customers/{firm}/limits", {**wish, "most": None})
        assert (lifted.status_code, lifted.json()["code"]) == (409, "agreed_limit_needed")
    lower = await office.post(f"/v1/customers/{firm}/limits", {**wish, "most": 100})
    assert (lower.status_code, lower.json()["most"]) == (200, 100)


async def test_a_large_transfer_says_what_it_is_for(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.open(deposit=30_000_000)
    person_, shop = await office.customer(), await office.merchant()
    strong = {"factors": ["password", "certificate"]}
    async with firm_town.house.untouched():
        said = await office.post("/v1/payments", order(firm, person_, 5_000_001, **strong))
        assert (said.status_code, said.json()["code"]) == (422, "purpose_needed")
        assert "公告〔2015〕43号 art. 14" in said.json()["detail"]
    granted = [(person_, 5_000_000, {}), (shop, 5_000_001, {}),
               (person_, 5_000_001, {"description": "wages of June"})]  # fmt: skip
    for payee, amount, more in granted:
        answer = await office.post("/v1/payments", order(firm, payee, amount, **strong, **more))
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("state", [FirmState.DISHONEST, FirmState.REVOKED, FirmState.CANCELLED])
async def test_a_firm_that_may_have_no_account_gets_none(
    firm_town: FirmTown, state: FirmState
) -> None:
    firm_town.registries[REGISTRY].states[CODE] = state
    firm = await firm_town.apply()
    said = await firm_town.verify(firm, *CHANNELS, *PEOPLE, "FIRM_BUREAU")
    await firm_town.confirm(firm, await firm_town.declare(firm))
    said = await firm_town.read(firm)
    assert (said["state"], said["missing"], said["channels"]) == ("APPLIED", ["registry"], 3)
    asked = said["verifications"][0]
    assert (asked["state"], asked["counts"], asked["firm_state"]) == ("CONFIRMED", False, state)


async def test_an_abnormal_entry_alone_bars_nobody(firm_town: FirmTown) -> None:
    firm_town.registries[REGISTRY].states[CODE] = FirmState.ABNORMAL
    assert (await firm_town.read(await firm_town.open()))["state"] == "OPENED"


async def test_two_channels_of_one_office_are_one(firm_town: FirmTown) -> None:
    firm_town.registries["TAX_AUTHORITY"].source = firm_town.registries[REGISTRY].source
    firm = await firm_town.apply()
    assert (await firm_town.verify(firm, *CHANNELS))["channels"] == 2
    assert (await firm_town.verify(firm, "FIRM_BUREAU"))["channels"] == 3


@pytest.mark.parametrize("trouble", ["slow", "failed"])
async def test_what_cannot_be_trusted_is_unknown_and_asked_again(
    firm_town: FirmTown, trouble: str
) -> None:
    registry, house = firm_town.registries[REGISTRY], firm_town.house
    registry.trouble, reason = {
        "slow": (Trouble(delay_s=0.5), "timed_out"),
        "failed": (Trouble(status=503), "http_503"),
    }[trouble]
    firm = await firm_town.apply()
    (asked,) = (await firm_town.verify(firm, REGISTRY))["verifications"]
    assert (asked["state"], asked["reason"]) == ("UNKNOWN", reason)
    async with house.untouched():
        assert (await firm_town.ask(firm, REGISTRY)).json()["code"] == "verification_open"
    registry.trouble = Trouble()
    house.clock.advance(timedelta(seconds=31))
    assert await ask_late(house.tools, house.clock) == 1
    (asked,) = (await firm_town.read(firm))["verifications"]
    assert (asked["state"], asked["attempts"]) == ("CONFIRMED", 2)
    assert len(set(registry.asked)) == 1


async def test_a_process_killed_between_call_and_record_loses_nothing(firm_town: FirmTown) -> None:
    firm, house = await firm_town.apply(), firm_town.house
    firm_town.cables[REGISTRY].after = RuntimeError("killed")
    assert (await firm_town.ask(firm, REGISTRY)).status_code == 500
    firm_town.cables[REGISTRY].after = None
    house.clock.advance(timedelta(seconds=31))
    assert await ask_late(house.tools, house.clock) == 1
    (asked,) = (await firm_town.read(firm))["verifications"]
    assert asked["state"] == "CONFIRMED"
    assert firm_town.registries[REGISTRY].asked == [asked["id"]] * 2


async def test_answers_at_once_are_counted_one_after_the_other(firm_town: FirmTown) -> None:
    firm = await firm_town.apply()
    await firm_town.confirm(firm, await firm_town.declare(firm))
    answers = await asyncio.gather(*(firm_town.ask(firm, kind) for kind in (*CHANNELS, *PEOPLE)))
    assert [answer.status_code for answer in answers] == [201] * 5
    assert (await firm_town.read(firm))["state"] == "OPENED"


async def test_a_contradiction_suspends_and_a_confirmation_restores(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.open(deposit=1_000)
    records = firm_town.registries["TAX_AUTHORITY"].records
    records[CODE] = {**RECORD, "name": "福州别家有限公司"}
    said = await firm_town.verify(firm, "TAX_AUTHORITY")
    assert (said["state"], said["missing"]) == ("SUSPENDED", ["channels"])
    payee = await office.merchant()
    async with firm_town.house.untouched():
        stopped = await office.post("/v1/payments", order(firm, payee, 1))
        assert stopped.json()["code"] == "party_suspended"
    records[CODE] = RECORD
    assert (await firm_town.verify(firm, "TAX_AUTHORITY"))["state"] == "OPENED"
    assert (await office.pay(firm, payee, 1))["state"] == "SUCCEEDED"


async def test_every_quarter_the_registry_is_asked_again(firm_town: FirmTown) -> None:
    firm, house = await firm_town.open(), firm_town.house
    registry = firm_town.registries[REGISTRY]
    house.clock.advance(timedelta(days=89))
    assert await screen(house.tools, house.clock) == 0
    registry.states[CODE] = FirmState.DISHONEST
    house.clock.advance(timedelta(days=1, seconds=1))
    assert await screen(house.tools, house.clock) == 1
    said = await firm_town.read(firm)
    assert (said["state"], said["missing"]) == ("SUSPENDED", ["registry", "channels"])
    assert len(registry.asked) == 2
    assert await screen(house.tools, house.clock) == 0


@pytest.mark.parametrize("kind", ["REPRESENTATIVE", "AGENT", REGISTRY])
async def test_what_expires_stops_payments_until_it_is_renewed(
    firm_town: FirmTown, kind: str
) -> None:
    parts = {"REPRESENTATIVE": {"representative": person(REP, document_until="2027-01-10")},
             "AGENT": {"agent": person(AGENT, document_until="2027-01-10")},
             REGISTRY: {"licence_until": "2027-01-10"}}  # fmt: skip
    number = {"REPRESENTATIVE": REP, "AGENT": AGENT}.get(kind, CODE)
    name = "CITIZEN_REGISTRY" if number != CODE else REGISTRY
    field = "document_until" if number != CODE else "licence_until"
    records = firm_town.registries[name].records
    records[number] = {**records[number], field: "2027-01-10"}
    firm = await firm_town.open(deposit=1_000, **parts[kind])
    office, clock = firm_town.house.office, firm_town.house.clock
    payee = await office.merchant()
    clock.set(datetime(2027, 1, 10, 15, 59, 50, tzinfo=UTC))
    assert (await office.pay(firm, payee, 1))["state"] == "SUCCEEDED"
    clock.set(datetime(2027, 1, 10, 16, 0, tzinfo=UTC))
    async with firm_town.house.untouched():
        late = await office.post("/v1/payments", order(firm, payee, 1))
        assert (late.status_code, late.json()["code"]) == (409, "payer_document_expired")
        assert (await firm_town.ask(firm, kind)).json()["code"] == "document_expired"
    records[number] = {**records[number], field: "2037-01-10"}
    assert (await firm_town.ask(firm, kind, document_until="2037-01-10")).status_code == 201
    assert (await office.pay(firm, payee, 1))["state"] == "SUCCEEDED"
    assert (await firm_town.read(firm))["document_until"] == "2027-11-23"


async def test_a_licence_without_end_and_a_representative_who_acts_himself(
    firm_town: FirmTown,
) -> None:
    firm = await firm_town.apply(agent=None, licence_until=None)
    async with firm_town.house.untouched():
        refused = await firm_town.ask(firm, "AGENT")
        assert (refused.status_code, refused.json()["code"]) == (409, "firm_has_no_agent")
    await firm_town.verify(firm, *CHANNELS, "REPRESENTATIVE")
    assert (await firm_town.confirm(firm, await firm_town.declare(firm))).json()["missing"] == []


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"business": "CREDIT"}, "firm_business_refused", "business"),
        ({"credit_code": CODE[:-1] + "4"}, "credit_code_invalid", "credit_code"),
        ({"licence_until": "2020-01-01"}, "licence_expired", "licence_until"),
        ({"agent": person(AGENT, document_until="2020-01-01")}, "document_expired",
         "agent.document_until"),
        ({"representative": {**person(REP), "document": WRONG}}, "document_invalid",
         "representative.document"),
        ({"representative": person(REP, phone="x")}, "phone_invalid", "representative.phone"),
    ],
)  # fmt: skip
async def test_a_wrong_application_changes_nothing(
    firm_town: FirmTown, more: dict[str, Any], code: str, field: str
) -> None:
    async with firm_town.house.untouched():
        for language in ("en", "zh"):
            said = await firm_town.house.office.post(
                "/v1/firms", {**APPLICATION, **more}, headers={"Accept-Language": language}
            )
            assert (said.status_code, said.json()["code"]) == (422, code)
            assert said.json()["field"] == field


async def test_one_firm_applies_once_and_a_stranger_sees_nothing(firm_town: FirmTown) -> None:
    house, firm = firm_town.house, await firm_town.apply()
    stranger = await house.client(merchant=await house.office.merchant())
    async with house.untouched():
        second = await house.office.post("/v1/firms", {**APPLICATION, "name": "别名有限公司"})
        assert (second.status_code, second.json()["code"]) == (409, "firm_exists")
        assert (await stranger.get(f"/v1/firms/{firm}")).json()["code"] == "firm_not_found"
        asked = await stranger.post(f"/v1/firms/{firm}/verifications", {"kind": REGISTRY})
        assert asked.json()["code"] == "firm_not_found"
    other = {**APPLICATION, "credit_code": OTHER_CODE}
    assert (await house.office.post("/v1/firms", other)).status_code == 201


async def test_no_personal_data_stands_in_the_database_or_the_evidence(firm_town: FirmTown) -> None:
    await firm_town.open()
    tables = ("parties.firm", "parties.ownership", "parties.verification", "evidence.leaf",
              "storage.idempotency", "storage.event")  # fmt: skip
    async with firm_town.house.database.transaction(readonly=True) as tx:
        for table in tables:
            rows = [dict(row) for row in await tx.fetch(f"SELECT * FROM {table}")]
            bodies = [value.decode("utf-8", "replace") for row in rows for value in row.values()
                      if isinstance(value, bytes)]  # fmt: skip
            text = str(rows) + "".join(bodies)
            assert not [secret for secret in (*SECRETS, CODE) if secret in text], table
