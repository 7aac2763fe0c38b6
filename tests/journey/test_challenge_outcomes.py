"""What became of challenges is behaviour that risk reads; "not me" is a label of fraud."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.steps import LARGE, STRONG, ask, challenged, prove, with_totp
from tests.journey.test_challenge import code_of, wrong

FACTS = ("payer_challenges_failed_24h", "payer_challenges_left_24h",
         "payer_since_challenge_passed_s")  # fmt: skip


async def told(house: House) -> list[str]:
    """The kinds of behaviour, in the order they were told."""
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch("SELECT kind FROM risk.behaviour ORDER BY id")
    return [row["kind"] for row in rows]


async def facts(house: House, payer: str) -> dict[str, Any]:
    """What risk knows of the payer's challenges at a payment now."""
    payment = await house.office.pay(payer, await house.office.merchant(), 100)
    decision = await house.office.get(f"/v1/decisions/{payment['decision']}")
    return {name: decision.json()["facts"][name] for name in FACTS}


async def finish(house: House, payment: dict[str, Any], payer: str, how: str) -> str:
    """The state of the payment once its challenge has ended."""
    path, code = f"/v1/payments/{payment['id']}", await code_of(house, payer)
    match how:
        case "passed":
            await prove(house.office, payment, "sms_code", code=code)
        case "guessed":
            for _ in range(5):
                await prove(house.office, payment, "sms_code", code=wrong(code))
        case "shown otherwise":
            shown = {"payee": payment["payee"], "amount": 1, "currency": "CNY"}
            await prove(house.office, payment, "sms_code", code=code, shown=shown)
        case "denied":
            await house.office.post(f"{path}/challenge/deny")
        case "abandoned":
            await house.office.post(f"{path}/cancel")
        case "too late":
            house.clock.advance(timedelta(minutes=5))
            await prove(house.office, payment, "sms_code", code=code)
        case "forgotten":
            await house.recover(seconds=301)
    return str((await house.office.get(path)).json()["state"])


@pytest.mark.parametrize(
    ("how", "state", "kinds", "known"),
    [
        ("passed", "SUCCEEDED", ["LOGIN", "CHALLENGE_PASSED"], (0, 0, 0)),
        ("guessed", "BLOCKED", ["LOGIN_FAILED"] * 5 + ["CHALLENGE_FAILED"], (1, 0, None)),
        ("shown otherwise", "BLOCKED", ["LOGIN_FAILED", "CHALLENGE_FAILED"], (1, 0, None)),
        ("denied", "BLOCKED", ["CHALLENGE_FAILED"], (1, 0, None)),
        ("abandoned", "CANCELLED", ["CHALLENGE_ABANDONED"], (0, 1, None)),
        ("too late", "EXPIRED", ["CHALLENGE_EXPIRED"], (0, 1, None)),
        ("forgotten", "EXPIRED", ["CHALLENGE_EXPIRED"], (0, 1, None)),
    ],
)
async def test_every_end_of_a_challenge_is_behaviour_and_a_fact(
    house: House, how: str, state: str, kinds: list[str], known: tuple[Any, ...]
) -> None:
    payer = await house.office.customer(deposit=2 * LARGE)
    payment = await challenged(house, payer)
    assert await finish(house, payment, payer, how) == state
    assert await told(house) == kinds
    async with house.untouched():
        late = await house.office.post(f"/v1/payments/{payment['id']}/challenge/deny")
        assert (late.status_code, late.json()["code"]) == (409, "payment_not_challenged")
    found = await facts(house, payer)
    assert tuple(found[name] for name in FACTS) == known
    await house.check_books()


async def test_what_the_payer_denies_is_blocked_labelled_and_quietens_mandates(
    house: House,
) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=2 * LARGE), await office.merchant()
    await with_totp(house, payer)
    payment = await office.pay(payer, payee, LARGE, **STRONG)
    assert (await ask(office, payment))["next"] == ["sms_code", "totp"]
    path = f"/v1/payments/{payment['id']}/challenge/deny"
    done = await office.post(path, key="one")
    assert (done.status_code, done.json()["state"]) == (200, "BLOCKED")
    async with house.untouched():
        again = await office.post(path, key="one")
        assert (again.status_code, again.content) == (200, done.content)
    other = await house.client(merchant=await office.merchant("Other"))
    label = {"payment": payment["id"], "label": "FRAUD", "source": "payer"}
    async with house.database.transaction(readonly=True) as tx:
        row = await tx.fetchrow("SELECT payment, label, source, decision FROM risk.label")
    assert dict(row) == {**label, "decision": payment["decision"]}
    assert await house.kinds(payment["id"]) == ["payment.challenged", "payment.blocked"]
    assert await office.balance(payer) == (2 * LARGE, 2 * LARGE)
    async with house.untouched():
        strange = await other.post(path)
        assert (strange.status_code, strange.json()["code"]) == (404, "payment_not_found")
    later = await office.pay(payer, payee, 100)
    decision = (await office.get(f"/v1/decisions/{later['decision']}")).json()
    assert decision["facts"]["payer_fraud_count_90d"] == 1
