"""Limits of payments begun with a code and of debits the institution verified: G5 to G8."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.journey.conftest import House, order

STRONG = ["password", "certificate"]
TWO = ["password", "sms_code"]


@pytest.fixture(autouse=True)
def _without_risk(house: House) -> None:
    """Only limits are asked here."""
    house.tools.engine.use(replace(house.tools.engine.rule_set, rules=()))


def bank(card: str, **more: Any) -> dict[str, Any]:
    return {"type": "sandbox", "card": card, **more}


async def people(house: House) -> tuple[str, str]:
    return await house.office.customer(deposit=1_000_000), await house.office.merchant()


async def pays(house: House, who: tuple[str, str], amount: int, method: Any, **more: Any) -> Any:
    return await house.office.pay(*who, amount, method=method, **more)


async def refusal(
    house: House, who: tuple[str, str], amount: int, method: Any, **more: Any
) -> dict[str, Any]:
    """Why it is refused; it took no limit, no money, and nothing was sent."""
    counters = "SELECT metric, subject, span, amount FROM limits.counter WHERE amount > 0"
    async with house.database.transaction(readonly=True) as tx:
        before = sorted(map(tuple, await tx.fetch(counters)))
    sent, balance = list(house.wire.sent), await house.office.balance(who[0])
    payment = await pays(house, who, amount, method, **more)
    assert payment["state"] == "REFUSED", payment
    async with house.database.transaction(readonly=True) as tx:
        assert sorted(map(tuple, await tx.fetch(counters))) == before
    assert (house.wire.sent, await house.office.balance(who[0])) == (sent, balance)
    return dict(payment["refusal"])


STATIC = {"type": "balance", "code": "static"}
DYNAMIC = {"type": "balance", "code": "dynamic"}


async def test_g5_a_static_code_takes_five_hundred_yuan_whatever_the_factors(house: House) -> None:
    who = await people(house)
    said = await refusal(house, who, 50_001, STATIC, factors=STRONG)
    assert (said["rule"], said["law"], said["article"], said["remaining"]) == (
        "CN-QR296-12-4", "银发〔2017〕296号", "12(4)", 50_000,
    )  # fmt: skip
    assert said["raise_by"] == ["dynamic_code"]
    assert said["resets_at"] == "2026-11-23T16:00:00.000Z"
    paid = await pays(house, who, 50_000, STATIC, factors=STRONG)
    assert (paid["state"], paid["method"]["code"]) == ("SUCCEEDED", "static")
    assert (await refusal(house, who, 1, STATIC, factors=STRONG))["remaining"] == 0
    assert (await pays(house, who, 1, DYNAMIC, factors=STRONG))["state"] == "SUCCEEDED"
    used = (await house.office.get(f"/v1/customers/{who[0]}/limits")).json()["used"]
    coded = {one["metric"]: one for one in used if one["pocket"] is not None}
    assert coded["static_code_payment"] == {
        "metric": "static_code_payment", "window": "natural_day", "currency": "CNY",
        "pocket": "balance", "amount": 50_000,
    }  # fmt: skip
    assert coded["code_payment"]["amount"] == 50_001


async def test_g6_the_institution_adds_up_all_bank_accounts(house: House) -> None:
    who = await people(house)
    one, other = (
        bank(card, code="static", debit="institution") for card in ("tok_good", "tok_other")
    )
    assert (await pays(house, who, 30_000, one, factors=STRONG))["state"] == "SUCCEEDED"
    said = await refusal(house, who, 20_001, other, factors=STRONG)
    assert (said["article"], said["used"], said["remaining"]) == ("12(4)", 30_000, 20_000)
    assert (await pays(house, who, 20_000, other, factors=STRONG))["state"] == "SUCCEEDED"
    assert (await refusal(house, who, 1, one, factors=STRONG))["remaining"] == 0
    # The balance is another pocket.
    assert (await pays(house, who, 50_000, STATIC, factors=STRONG))["state"] == "SUCCEEDED"


async def test_g7_a_bank_adds_up_each_of_its_accounts(house: House) -> None:
    who = await people(house)
    for card in ("tok_good", "tok_other"):
        method = bank(card, code="static", debit="bank")
        assert (await pays(house, who, 50_000, method, factors=STRONG))["state"] == "SUCCEEDED"
        assert (await refusal(house, who, 1, method, factors=STRONG))["remaining"] == 0


async def test_g8_the_institution_alone_verifies_up_to_two_hundred_yuan(house: House) -> None:
    who = await people(house)
    alone = bank("tok_good", debit="institution", verified_by="institution")
    assert (await pays(house, who, 20_000, alone))["state"] == "SUCCEEDED"
    said = await refusal(house, who, 20_001, alone)
    assert (said["rule"], said["article"], said["limit"]) == ("CN-NP43-10-3", "10(3)", 20_000)
    assert (said["raise_by"], said["resets_at"]) == (["bank_verification"], None)
    assert (await pays(house, who, 20_000, alone))["state"] == "SUCCEEDED"  # of each, not of a day
    verified = bank("tok_good", debit="institution", verified_by="bank")
    assert (await pays(house, who, 20_001, verified))["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("factors", "most", "article", "steps"),
    [
        (TWO, 500_000, "12(2)", ["certificate"]),
        (["password"], 100_000, "12(3)", ["second_factor", "certificate"]),
    ],
    ids=["B", "C"],
)
async def test_a_dynamic_code_is_bounded_by_the_factors(
    house: House, factors: list[str], most: int, article: str, steps: list[str]
) -> None:
    who = await people(house)
    method = bank("tok_good", code="dynamic", debit="institution")
    assert (await pays(house, who, most, method, factors=factors))["state"] == "SUCCEEDED"
    said = await refusal(house, who, 1, method, factors=factors)
    assert (said["article"], said["remaining"], said["raise_by"]) == (article, 0, steps)
    # R7: from the balance both 43号 and 296号 count, and the balance is not a bank account.
    assert (await pays(house, who, 1, DYNAMIC, factors=factors))["state"] == "SUCCEEDED"
    assert (await pays(house, who, 1, method, factors=STRONG))["state"] == "SUCCEEDED"


async def test_what_fails_gives_the_sum_of_its_code_back(house: House) -> None:
    who = await people(house)
    stolen = bank("tok_stolen_card", code="static", debit="institution")
    assert (await pays(house, who, 50_000, stolen))["state"] == "FAILED"
    async with house.database.transaction(readonly=True) as tx:
        left = "SELECT sum(amount) FROM limits.counter WHERE subject = $1"
        assert await tx.fetchval(left, who[0]) == 0
    good = bank("tok_good", code="static", debit="institution")
    assert (await pays(house, who, 50_000, good))["state"] == "SUCCEEDED"


@pytest.mark.parametrize("method", [STATIC, bank("tok_good", code="static", debit="institution"),
                                    bank("tok_good", code="static", debit="bank")],
                         ids=["balance", "banks", "bank_account"])  # fmt: skip
async def test_a_hundred_parallel_payments_with_a_static_code(house: House, method: Any) -> None:
    who = await people(house)
    wish = order(*who, 1_300, method=method)
    answers = await asyncio.gather(*(house.office.post("/v1/payments", wish) for _ in range(100)))
    states = [answer.json()["state"] for answer in answers]
    assert (states.count("SUCCEEDED"), states.count("REFUSED")) == (38, 62)
    async with house.database.transaction(readonly=True) as tx:
        sums = "SELECT amount FROM limits.counter WHERE metric LIKE 'static_code_payment/%'"
        assert [row["amount"] for row in await tx.fetch(sums)] == [38 * 1_300]
    await house.check_books()


async def test_the_balance_debits_no_bank_account(house: House) -> None:
    who = await people(house)
    async with house.untouched():
        for wrong in ({"debit": "bank"}, {"verified_by": "bank"}):
            wish = order(*who, 1, method={"type": "balance", **wrong})
            answer = await house.office.post("/v1/payments", wish)
            assert (answer.status_code, answer.json()["code"]) == (422, "debit_not_allowed")
        wish = order(*who, 1, method={"type": "balance", "code": "aztec"})
        assert (await house.office.post("/v1/payments", wish)).status_code == 422
