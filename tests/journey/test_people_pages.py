"""What the console's pages about people read: limits left by law, firms, a merchant's limits."""

from __future__ import annotations

from tests.journey.conftest import House
from tests.journey.firm_town import APPLICATION
from tests.journey.licence import PATH, licence
from tests.journey.licence import Licence as Lines

__all__ = ["licence"]
TWO = ["password", "sms_code"]


async def test_what_the_law_leaves_a_customer_is_told_with_its_articles(house: House) -> None:
    office = house.office
    customer = await office.customer(account_class=2, deposit=300_000)
    await office.pay(customer, await office.merchant(), 12_300, factors=TWO)
    limits = (await office.get(f"/v1/customers/{customer}/limits")).json()
    found = {(one["rule"], one["pocket"]): one for one in limits["legal"]}
    year = found["CN-NP43-11-2", None]
    assert (year["law"], year["article"]) == ("公告〔2015〕43号", "11(2)")
    assert (year["most"], year["used"], year["left"]) == (10_000_000, 12_300, 9_987_700)
    assert year["resets_at"] == "2026-12-31T16:00:00.000Z"
    day = found["CN-NP43-24-2", None]
    assert (day["most"], day["used"], day["left"]) == (500_000, 12_300, 487_700)
    assert (day["factors_min"], day["strong"]) == (2, False)
    single = found["CN-NP43-10-3", None]
    assert (single["used"], single["left"], single["resets_at"]) == (None, 20_000, None)
    assert {pocket for rule, pocket in found if rule == "CN-QR296-12-4"} == {"balance", "banks"}
    assert not any(rule in ("CN-NP43-11-1", "CN-NP43-11-3") for rule, _ in found)


async def test_firms_are_listed_without_their_persons(house: House) -> None:
    office = house.office
    firm = (await office.post("/v1/firms", APPLICATION)).json()
    listed = (await office.get("/v1/firms", state="APPLIED")).json()
    assert listed["data"] == [
        {name: firm[name] for name in ("id", "object", "state", "name", "credit_code",
                                       "document_until", "created_at")}
    ]  # fmt: skip
    assert (await office.get("/v1/firms", state="OPENED")).json()["data"] == []
    of_firm = (await office.get(f"/v1/customers/{firm['id']}/limits")).json()
    assert (len(of_firm["agreed"]), of_firm["legal"]) == (2, [])


async def test_a_merchant_is_found_by_state_with_its_limits_and_application(
    licence: Lines,
) -> None:
    office = licence.house.office
    open_, draft = await office.merchant(), await licence.apply()
    for status, expected in (("ACTIVE", open_), ("APPLIED", draft["merchant"])):
        listed = (await office.get("/v1/merchants", status=status)).json()["data"]
        assert [one["id"] for one in listed] == [expected]
    of_it = (await office.get(PATH, merchant=draft["merchant"])).json()["data"]
    assert [one["id"] for one in of_it] == [draft["id"]]
    assert (await office.get(PATH, merchant=open_)).json()["data"] == []
    path = f"/v1/merchants/{open_}/limits"
    assert (await office.get(path)).json()["data"] == []
    wish = {"window": "natural_day", "currency": "CNY", "most": 500_000}
    set_ = (await office.post(path, wish)).json()
    assert (await office.get(path)).json()["data"] == [set_]
    absent = await office.get("/v1/merchants/mer_00000000000000000000000000/limits")
    assert absent.json()["code"] == "merchant_not_found"


async def test_who_was_opened_directly_came_by_no_onboarding(house: House) -> None:
    customer = await house.office.customer()
    answer = await house.office.get(f"/v1/customers/{customer}/onboarding")
    assert (answer.status_code, answer.json()["code"]) == (404, "onboarding_not_found")
