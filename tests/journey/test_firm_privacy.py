"""Persons behind a firm: told what is held, masked, sent their codes, forgotten when it leaves."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
from tests.journey.conftest import order
from tests.journey.factors.steps import challenged
from tests.journey.factors.test_texts import Line, line
from tests.journey.firm_town import (
    ACCOUNT,
    AGENT,
    APPLICATION,
    CODE,
    NAMES,
    OWNER,
    PHONES,
    REP,
    SECRETS,
    FirmTown,
    firm_town,
)

from anfu.compliance.firms.screen import screen
from anfu.entrypoints.worker.rounds import tidy

__all__ = ["firm_town", "line"]
REASON = {"reason": "letter 2026-117"}


async def test_an_export_holds_the_firm_and_everybody_behind_it(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.open(deposit=500)
    answer = await office.post(f"/v1/customers/{firm}/export", REASON)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    held = found["firm"]
    assert (held["name"], held["credit_code"]) == (APPLICATION["name"], CODE)
    for part, number in (("representative", REP), ("agent", AGENT)):
        assert held[part]["document"] == {"type": "CITIZEN_ID", "number": number}
    (ownership,) = held["ownerships"]
    assert [(o["name"], o["shares"]) for o in ownership["owners"]] == [(NAMES[OWNER], 6_000)]
    asked = {one["kind"]: one["bank_account"] for one in held["verifications"]}
    assert (len(asked), asked["CORPORATE_ACCOUNT"]) == (5, ACCOUNT)
    assert found["balances"] == [{"currency": "CNY", "posted": 500, "available": 500}]
    assert (found["person"], found["account"], found["onboarding"]) == (None, None, None)
    assert [r["field"] for r in found["reveals"]] == ["everything"]


async def test_a_reveal_shows_who_acts_and_is_noted(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.apply()
    wish = {"field": "phone", "reason": "call back about case 7"}
    shown = await office.post(f"/v1/customers/{firm}/reveal", wish)
    assert (shown.status_code, shown.json()["value"]) == (201, PHONES[AGENT])
    listed = (await office.get(f"/v1/customers/{firm}/reveals")).json()["data"]
    assert [(one["customer"], one["field"]) for one in listed] == [(firm, "phone")]


async def test_a_code_reaches_who_acts_for_the_firm(firm_town: FirmTown, line: Line) -> None:
    firm = await firm_town.open(deposit=2_000_000)
    await challenged(line.house, firm)
    assert await line.turn() == 1
    (sent,) = line.shown
    assert sent.number == PHONES[AGENT]


async def test_a_firm_that_left_is_read_by_nobody_and_erased_after_the_last_day(
    firm_town: FirmTown, owner: asyncpg.Connection
) -> None:
    house, firm = firm_town.house, await firm_town.open()
    office, payee = house.office, await house.office.merchant()
    wish = (await office.post(f"/v1/customers/{firm}/erasures", REASON)).json()
    done = (await firm_town.second.post(f"/v1/erasures/{wish['id']}/approve")).json()
    assert (done["state"], done["keep_until"]) == ("STORED", "2036-11-23")
    async with house.untouched():
        gone = [await office.get(f"/v1/firms/{firm}"), await firm_town.ask(firm, "TAX_AUTHORITY"),
                await office.post(f"/v1/customers/{firm}/export", REASON)]  # fmt: skip
        assert {(a.status_code, a.json()["code"]) for a in gone} == {(410, "customer_stored")}
        again = await office.post("/v1/firms", APPLICATION)
        assert again.json()["code"] == "firm_exists"
        paid = await office.post("/v1/payments", order(firm, payee, 1))
        assert paid.json()["code"] == "party_suspended"
    house.clock.advance(timedelta(days=200))
    assert await screen(house.tools, house.clock) == 0
    sealed = "SELECT id, sealed FROM parties.firm UNION ALL SELECT id, sealed FROM"
    sealed += " parties.ownership UNION ALL SELECT id, sealed FROM parties.verification"
    house.clock.advance(timedelta(days=3653))
    await tidy(house.tools, house.clock)
    erased = (await office.get(f"/v1/erasures/{wish['id']}")).json()
    assert erased["state"] == "ERASED"
    ring = house.tools.sealer.ring
    left = [ring.unseal(value, bound_to=id_) for id_, value in await owner.fetch(sealed)]
    assert left == [b""] * 7
    anew = {**APPLICATION, "licence_until": None, "agent": None}
    anew["representative"] = {**APPLICATION["representative"], "document_until": "2046-11-23"}
    assert (await office.post("/v1/firms", anew)).status_code == 201


async def test_an_application_that_came_to_nothing_is_forgotten_too(firm_town: FirmTown) -> None:
    office, firm = firm_town.house.office, await firm_town.apply()
    wish = (await office.post(f"/v1/customers/{firm}/erasures", REASON)).json()
    done = (await firm_town.second.post(f"/v1/erasures/{wish['id']}/approve")).json()
    assert (done["state"], [kept["what"] for kept in done["kept"]]) == (
        "STORED", ["identity", "operations", "consents"],
    )  # fmt: skip
    assert not [secret for secret in SECRETS if secret in str(done)]
