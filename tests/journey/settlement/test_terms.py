"""Settlement terms: two people, versions in time, and nothing that reaches into the past."""

from __future__ import annotations

from typing import Any

from tests.journey.settlement.market import NUMBER, Market, form
from tests.journey.waits import shown

from anfu.entrypoints.api.waiting_kinds import Name


async def test_terms_are_in_force_by_a_second_person(market: Market) -> None:
    office = market.house.office
    merchant = await office.merchant()
    path = f"/v1/merchants/{merchant}/settlement-terms"
    proposed = await office.post(path, form(minimum=7))
    assert proposed.status_code == 201, proposed.text
    told = proposed.json()
    assert (told["minimum"], told["approved_by"]) == (7, None)
    assert NUMBER not in proposed.text
    approve = f"{path}/{told['id']}/approve"
    people = office.key, market.second.key
    assert await shown(market.house, Name.SETTLEMENT_TERMS, *people) == [[], [told["id"]]]
    async with market.house.untouched():
        own = await office.post(approve, {})
        assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
        none = await market.second.post(f"{path}/trm_0/approve", {})
        assert (none.status_code, none.json()["code"]) == (404, "settlement_terms_not_found")
    assert (await market.second.post(approve, {})).json()["approved_by"] is not None
    assert await shown(market.house, Name.SETTLEMENT_TERMS, *people) == [[], []]
    async with market.house.untouched():
        again = await market.second.post(approve, {})
        assert (again.status_code, again.json()["code"]) == (409, "settlement_terms_approved")
    async with market.house.database.transaction(readonly=True) as tx:
        kept = await tx.fetch("SELECT t::text AS row FROM settlement.terms t")
        kept += await tx.fetch("SELECT i::text AS row FROM storage.idempotency i")
        kept += await tx.fetch("SELECT l::text AS row FROM evidence.leaf l")
    assert all(NUMBER not in row["row"] for row in kept)


INVALID = "settlement_terms_invalid"
IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"from_day": "2026-02-09"}, "settlement_terms_late", "from_day"),
    ({"currency": "USD"}, "currency_not_supported", "currency"),
    ({"number": "12"}, "account_invalid", "account.number"),
    ({"cycle": {"kind": "WEEKLY"}}, INVALID, "cycle.weekday"),
    ({"cycle": {"kind": "NEXT_DAY", "weekday": 1}}, INVALID, "cycle.weekday"),
    ({"cycle": {"kind": "NEXT_DAY", "credit_days": 1}}, INVALID, "cycle.credit_days"),
    ({"fee": {"tiers": [{"volume": 1, "rate_bp": 1}]}}, INVALID, "fee.tiers"),
    ({"fee": {"tiers": [{"volume": 0, "rate_bp": 1_001}]}}, INVALID, "fee.tiers"),
    ({"fee": {"tiers": [{"volume": 0, "rate_bp": 1}], "least": 2, "most": 1}}, INVALID, "fee.most"),
    ({"retention": {"rate_bp": 1}}, INVALID, "retention.days"),
]


async def test_what_cannot_be_agreed(market: Market) -> None:
    merchant = await market.house.office.merchant()
    path = f"/v1/merchants/{merchant}/settlement-terms"
    async with market.house.untouched():
        for more, code, field in IMPOSSIBLE:
            answer = await market.house.office.post(path, form(**more))
            assert (answer.json()["code"], answer.json().get("field")) == (code, field), more
