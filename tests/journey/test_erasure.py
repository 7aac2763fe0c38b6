"""Export and erasure over HTTP: everything for the person, then nothing for anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.journey.conftest import Client, House, order
from tests.journey.town import CARD, NUMBER, PHONE, B, C, F, Town, town

from anfu.compliance.ask_late import ask_late
from anfu.entrypoints.worker.rounds import tidy

__all__ = ["town"]
REASON = {"reason": "letter 2026-117"}
NAME = "张小明"


@pytest.fixture
async def second(town: Town) -> Client:
    return await town.house.client()


async def person(town: Town) -> tuple[str, str]:
    """An onboarding with bank card and face, and its customer, who paid and has nothing left."""
    onboarding = await town.apply()
    customer = str((await town.earn(onboarding, C, B, F))["customer"])
    await town.deposit(customer, 500)
    paid = await town.house.office.pay(customer, await town.house.office.merchant(), 500)
    assert paid["state"] == "SUCCEEDED"
    return onboarding, customer


async def ask(town: Town, customer: str) -> dict[str, Any]:
    answer = await town.house.office.post(f"/v1/customers/{customer}/erasures", REASON)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_export_holds_everything_and_says_what_it_leaves_out(town: Town) -> None:
    onboarding, customer = await person(town)
    office = town.house.office
    answer = await office.post(f"/v1/customers/{customer}/export", REASON)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    document = {"type": "CITIZEN_ID", "number": NUMBER}
    assert found["person"] == {"name": NAME, "phone": PHONE, "document": document}
    assert found["onboarding"]["id"] == onboarding
    asked = {v["kind"]: (v["card"], v["capture"]) for v in found["onboarding"]["verifications"]}
    assert asked == {
        "CITIZEN_REGISTRY": (None, None), "BANK_CARD": (CARD, None), "FACE": (None, "cap_1"),
    }  # fmt: skip
    assert [c["purpose"] for c in found["consents"]] == ["BIOMETRICS", "CREDIT_INQUIRY"]
    assert [r["field"] for r in found["reveals"]] == ["everything"]
    assert found["balances"] == [{"currency": "CNY", "posted": 0, "available": 0}]
    assert [(p["amount"], p["state"]) for p in found["payments"]] == [(500, "SUCCEEDED")]
    assert not {"reasons", "decision"} & found["payments"][0].keys()
    assert found["payments"][0]["network_payer"] is None
    assert [d["amount"] for d in found["deposits"]] == [500]
    assert (found["refunds"], found["erasures"]) == ([], [])
    assert {w["law"].split(";")[0] for w in found["withheld"]} == {
        "反洗钱法 35", "个人信息保护法 51",
    }  # fmt: skip
    again = (await office.post(f"/v1/customers/{customer}/export", REASON)).json()
    assert len(again["reveals"]) == 2


async def test_the_forgotten_are_kept_by_law_and_read_by_nobody(
    town: Town, second: Client, owner: asyncpg.Connection
) -> None:
    onboarding, customer = await person(town)
    office = town.house.office
    wish = await ask(town, customer)
    assert (wish["state"], wish["kept"], wish["erased"]) == ("REQUESTED", [], [])
    assert (await office.get(f"/v1/customers/{customer}")).status_code == 200
    done = (await second.post(f"/v1/erasures/{wish['id']}/approve")).json()
    assert (done["state"], done["decided_by"]) == ("STORED", second.key)
    assert {k["what"]: (k["law"], k["until"]) for k in done["kept"]} == {
        "identity": ("反洗钱法 34; 令〔2025〕11号 44", "2036-11-23"),
        "operations": ("公告〔2015〕43号 16", "2031-11-23"),
        "consents": ("令〔2020〕5号 18; 国令790 12", "2029-11-23"),
        "transactions": ("反洗钱法 34; 令〔2025〕11号 44", "2036-11-23"),
    }
    assert (done["keep_until"], done["erased"]) == (
        "2036-11-23", ["face_capture", "reference", "factors"],
    )  # fmt: skip
    assert (await office.get(f"/v1/erasures/{wish['id']}")).json() == done
    await nobody_reads(town, onboarding, customer)
    row = await owner.fetchrow("SELECT status, reference FROM parties.customer")
    assert tuple(row) == ("CLOSED", None)
    states = await owner.fetch(
        "SELECT convert_from(body, 'UTF8')::json #>> '{body,state}' AS s FROM evidence.leaf"
        " WHERE convert_from(body, 'UTF8')::json ->> 'kind' = 'erasure' ORDER BY index"
    )
    assert [state["s"] for state in states] == ["REQUESTED", "STORED"]


async def nobody_reads(town: Town, onboarding: str, customer: str) -> None:
    """Every operation that would read a stored person is refused and changes nothing."""
    office, at = town.house.office, f"/v1/customers/{customer}"
    applied = f"/v1/onboardings/{onboarding}"
    given = {"purpose": "MARKETING", "act": "GIVEN", "text_version": "1", "text_sha256": "0a" * 32}
    payee = await office.merchant("Other")
    async with town.house.untouched():
        gone = [
            await office.get(at), await office.get(f"{at}/reveals"),
            await office.get(f"{at}/consents"), await office.get(applied),
            await office.get(f"{applied}/consents"),
            await office.post(f"{at}/reveal", {"field": "phone", "reason": "why"}),
            await office.post(f"{at}/export", REASON),
            await office.post(f"{at}/erasures", REASON),
            await office.post(f"{at}/consents", given),
            await town.ask(onboarding, C),
        ]  # fmt: skip
        assert {(a.status_code, a.json()["code"]) for a in gone} == {(410, "customer_stored")}
        assert (await office.get("/v1/customers")).json()["data"] == []
        deposit = {"party": customer, "amount": 1, "currency": "CNY"}
        refused = await office.post("/v1/deposits", deposit)
        assert refused.json()["code"] == "party_suspended"
        same = {"name": NAME, "phone": PHONE, "document_until": "2036-01-01",
                "document": {"type": "CITIZEN_ID", "number": NUMBER}}  # fmt: skip
        assert (await office.post("/v1/onboardings", same)).json()["code"] == "customer_exists"
        del same["document_until"]
        again = (await office.post("/v1/customers", same)).json()
        assert (again["code"], "details" in again) == ("customer_exists", False)
        assert await ask_late(town.house.tools, town.house.clock) == 0
        paid = await office.post("/v1/payments", order(customer, payee, 1))
        assert paid.json()["code"] == "party_suspended"


async def test_after_the_last_day_nothing_of_the_person_is_left(
    town: Town, second: Client, owner: asyncpg.Connection
) -> None:
    _, customer = await person(town)
    wish = await ask(town, customer)
    await second.post(f"/v1/erasures/{wish['id']}/approve")
    before = await owner.fetchrow(
        "SELECT sealed, phone_index, document_index FROM parties.customer"
    )
    town.house.clock.advance(timedelta(days=3652))  # 2036-11-22
    await tidy(town.house.tools, town.house.clock)
    assert (await owner.fetchrow("SELECT sealed, phone_index, document_index FROM"
                                 " parties.customer")) == before  # fmt: skip
    town.house.clock.advance(timedelta(days=2))
    await tidy(town.house.tools, town.house.clock)
    ring = town.house.tools.sealer.ring
    for table in ("customer", "onboarding", "verification"):
        for id_, sealed in await owner.fetch(f"SELECT id, sealed FROM parties.{table}"):
            assert ring.unseal(sealed, bound_to=id_) == b""
    after = await owner.fetchrow("SELECT sealed, phone_index, document_index FROM parties.customer")
    assert all(new != old for new, old in zip(after, before, strict=True))
    erased = (await town.house.office.get(f"/v1/erasures/{wish['id']}")).json()
    assert (erased["state"], erased["kept"]) == ("ERASED", [])
    assert erased["erased_at"].startswith("2036-11-24T04:00:00")
    assert (await town.house.office.get(f"/v1/customers/{customer}")).status_code == 410
    same = {"name": NAME, "phone": PHONE, "document": {"type": "CITIZEN_ID", "number": NUMBER}}
    assert (await town.house.office.post("/v1/customers", same)).status_code == 201
    await town.house.check_books()


async def test_one_person_alone_forgets_nobody(town: Town, second: Client) -> None:
    _, customer = await person(town)
    office = town.house.office
    wish = await ask(town, customer)
    at = f"/v1/erasures/{wish['id']}"
    async with town.house.untouched():
        for path, form in ((f"{at}/approve", None), (f"{at}/decline", {"reason": "no"})):
            refused = await office.post(path, form)
            assert (refused.status_code, refused.json()["code"]) == (403, "second_person_needed")
        twice = await office.post(f"/v1/customers/{customer}/erasures", REASON)
        assert twice.json()["code"] == "erasure_open"
        bad = await second.post(f"{at}/decline", {"reason": f"call {PHONE}"})
        assert bad.json()["code"] == "reason_invalid"
    declined = (await second.post(f"{at}/decline", {"reason": "under investigation"})).json()
    assert (declined["state"], declined["answer"]) == ("DECLINED", "under investigation")
    assert (await office.get(f"/v1/customers/{customer}")).status_code == 200
    async with town.house.untouched():
        late = await second.post(f"{at}/approve")
        assert (late.json()["code"], late.json()["details"]) == (
            "erasure_decided", {"state": "DECLINED"},
        )  # fmt: skip
    assert (await ask(town, customer))["state"] == "REQUESTED"  # a new wish may be made
    assert len((await office.get("/v1/erasures")).json()["data"]) == 2


async def test_while_money_is_left_nobody_is_forgotten(town: Town, second: Client) -> None:
    _, customer = await person(town)
    wish = await ask(town, customer)
    await town.deposit(customer, 7)
    async with town.house.untouched():
        refused = await second.post(f"/v1/erasures/{wish['id']}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure_not_settled")
    assert refused.json()["details"] == {"left": {"CNY": 7}, "open": 0}


async def test_a_merchant_neither_exports_nor_forgets(house: House) -> None:
    shop = await house.client(merchant=await house.office.merchant())
    customer = await shop.customer()
    async with house.untouched():
        for what in ("export", "erasures"):
            refused = await shop.post(f"/v1/customers/{customer}/{what}", REASON)
            assert refused.json()["code"] == "institution_only"
