"""A challenge: the payer proves it with a one-time code, or does not."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

from tests.journey.conftest import Client, House, by_card, order

from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status
from anfu.parties.privacy.operations import store_person

LARGE = 1_000_000  # from a payer hardly known
STRONG = {"factors": ["password", "certificate"]}


async def code_of(house: House, payer: str) -> str:
    """The newest code sent to the payer."""
    page = (await house.office.get("/v1/development/messages", to=payer)).json()
    found = re.search(r"[0-9]{6}", page["data"][0]["text"])
    assert found is not None
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def challenged(
    house: House, *, deposit: int = 2 * LARGE
) -> tuple[Client, dict[str, Any], str]:
    """A payment from the balance that waits for its code."""
    office = house.office
    payer, payee = await office.customer(deposit=deposit), await office.merchant()
    payment = await office.pay(payer, payee, LARGE, **STRONG)
    assert (payment["state"], payment["reasons"]) == ("CHALLENGED", ["FIRST_PAYMENT_LARGE"])
    return office, payment, await code_of(house, payer)


async def prove(office: Client, payment: dict[str, Any], code: str, **more: Any) -> Any:
    return await office.post(f"/v1/payments/{payment['id']}/challenge", {"code": code}, **more)


async def test_the_right_code_lets_the_payment_go_on(house: House) -> None:
    office, payment, code = await challenged(house)
    assert await office.balance(payment["payer"]) == (2 * LARGE, 2 * LARGE)  # nothing is held
    page = (await office.get("/v1/development/messages", to=payment["payer"])).json()
    text = page["data"][0]["text"]
    assert "Corner Tea" in text and "10000.00" in text.replace(",", "")
    answer = await prove(office, payment, code, key="proof")
    after = answer.json()
    assert (answer.status_code, after["state"]) == (200, "SUCCEEDED")
    assert after["factors"] == ["password", "certificate", "sms_code"]
    assert await office.balance(payment["payee"]) == (LARGE, LARGE)
    kinds = ["payment.challenged", "payment.succeeded"]
    assert await house.kinds(payment["id"]) == kinds
    async with house.untouched():
        again = await prove(office, payment, code, key="proof")
        assert (again.status_code, again.content) == (200, answer.content)
        fresh = await prove(office, payment, code)
        assert (fresh.status_code, fresh.json()["code"]) == (409, "payment_not_challenged")
    assert await house.count("payments.open") == 0
    await house.check_books()


async def test_an_order_to_stop_reaches_a_payment_that_waits_for_its_code(house: House) -> None:
    office, payment, code = await challenged(house)
    wish = {"authority": "Haidian Public Security Bureau", "reference": "2026-0117"}
    made = await office.post(f"/v1/customers/{payment['payer']}/stop_orders", wish)
    assert made.status_code == 201, made.text
    after = (await prove(office, payment, code)).json()
    assert (after["state"], after["refusal"]["rule"]) == ("REFUSED", "CN-P86-2-2")
    assert await office.balance(payment["payer"]) == (2 * LARGE, 2 * LARGE)
    await house.check_books()


async def test_a_payee_who_is_only_stored_by_now_has_no_name_and_is_not_paid(house: House) -> None:
    """The name was once looked for without being there, and the payer's page failed."""
    office = house.office
    payer, payee = await office.customer(deposit=2 * LARGE), await office.customer()
    payment = await office.pay(payer, payee, LARGE, **STRONG)
    assert payment["state"] == "CHALLENGED"
    asked = (await office.get(f"/v1/payments/{payment['id']}/challenge")).json()
    assert asked["payee_name"] == "张*明"
    await house.database.run(
        lambda tx: store_person(
            tx, customer=payee, sealer=house.tools.sealer, now=house.clock.now()
        )
    )
    asked = (await office.get(f"/v1/payments/{payment['id']}/challenge")).json()
    assert asked["payee_name"] == "***"
    after = (await prove(office, payment, await code_of(house, payer))).json()
    assert (after["state"], after["refusal"]["code"]) == ("REFUSED", "party_suspended")
    assert await office.balance(payer) == (2 * LARGE, 2 * LARGE)
    await house.check_books()


async def test_a_wrong_code_is_counted_once_and_five_block(house: House) -> None:
    office, payment, code = await challenged(house)
    for left in (4, 3, 2, 1):
        key = f"try-{left}"
        answer = await prove(office, payment, wrong(code), key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "challenge_failed")
        assert answer.json()["details"] == {"attempts_left": left}
        async with house.untouched():  # a captured request sent again burns no attempt
            again = await prove(office, payment, wrong(code), key=key)
            assert (again.status_code, again.json()) == (422, answer.json())
            other = await prove(office, payment, code, key=key)
            assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    last = await prove(office, payment, wrong(code))
    assert (last.status_code, last.json()["state"]) == (200, "BLOCKED")
    assert await office.balance(payment["payer"]) == (2 * LARGE, 2 * LARGE)
    assert await house.kinds(payment["id"]) == ["payment.challenged", "payment.blocked"]
    async with house.untouched():
        assert (await prove(office, payment, code)).json()["code"] == "payment_not_challenged"
    assert await house.recover(seconds=600) == 0
    await house.check_books()


async def test_the_fourth_wrong_code_still_leaves_one_right_one(house: House) -> None:
    office, payment, code = await challenged(house)
    for _ in range(4):
        assert (await prove(office, payment, wrong(code))).status_code == 422
    assert (await prove(office, payment, code)).json()["state"] == "SUCCEEDED"


async def test_time_runs_out_with_and_without_an_answer(house: House) -> None:
    office, first, code = await challenged(house)
    second = await office.pay(first["payer"], first["payee"], LARGE, **STRONG)
    house.clock.advance(timedelta(seconds=299))
    assert await house.recover(seconds=0) == 0
    house.clock.advance(timedelta(seconds=1))
    late = await prove(office, first, code)
    assert (late.status_code, late.json()["state"]) == (200, "EXPIRED")
    assert await house.recover(seconds=0) == 1
    assert (await office.get(f"/v1/payments/{second['id']}")).json()["state"] == "EXPIRED"
    for payment in (first, second):
        kinds = ["payment.challenged", "payment.expired"]
        assert await house.kinds(payment["id"]) == kinds
    assert await office.balance(first["payer"]) == (2 * LARGE, 2 * LARGE)
    await house.check_books()


async def test_limits_are_read_again_when_the_code_is_right(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=LARGE), await office.merchant()
    for _ in range(7):
        assert (await office.pay(payer, payee, 100))["state"] == "SUCCEEDED"
    first = await office.pay(payer, payee, 300_000)
    one = await code_of(house, payer)
    second = await office.pay(payer, payee, 300_000)
    two = await code_of(house, payer)
    assert (first["state"], second["state"]) == ("CHALLENGED", "CHALLENGED")
    assert (await prove(office, first, one)).json()["state"] == "SUCCEEDED"
    refused = (await prove(office, second, two)).json()
    assert (refused["state"], refused["refusal"]["article"]) == ("REFUSED", "24(2)")
    assert refused["refusal"]["remaining"] == 500_000 - 300_700
    assert await office.balance(payee) == (300_700, 300_700)
    assert (await office.pay(payer, payee, 199_300))["state"] == "CHALLENGED"
    await house.check_books()


async def test_the_balance_is_read_when_the_code_is_right(house: House) -> None:
    office, payment, code = await challenged(house, deposit=LARGE - 1)
    refused = (await prove(office, payment, code)).json()
    assert (refused["state"], refused["refusal"]) == ("REFUSED", {"code": "insufficient_funds"})
    async with house.database.transaction(readonly=True) as tx:
        assert await tx.fetchval("SELECT coalesce(sum(amount), 0) FROM limits.counter") == 0
    await house.check_books()


async def test_a_payee_suspended_meanwhile_is_not_paid(house: House) -> None:
    office, payment, code = await challenged(house)
    await house.database.run(
        lambda tx: set_merchant_status(
            tx, merchant_id=payment["payee"], status=Status.SUSPENDED
        )
    )  # fmt: skip
    refused = (await prove(office, payment, code)).json()
    assert (refused["state"], refused["refusal"]) == ("REFUSED", {"code": "party_suspended"})
    assert await office.balance(payment["payer"]) == (2 * LARGE, 2 * LARGE)
    await house.check_books()


async def test_a_challenge_met_goes_on_to_the_channel(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    for card, state in (("tok_a", "SUCCEEDED"), ("tok_stolen_card", "FAILED")):
        wish = by_card(payer, payee, LARGE, card)
        payment = (await office.post("/v1/payments", wish)).json()
        assert (payment["state"], house.wire.sent) == ("CHALLENGED", [])
        answer = await prove(office, payment, await code_of(house, payer), key=f"proof-{card}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        again = await prove(office, payment, await code_of(house, payer), key=f"proof-{card}")
        assert again.content == answer.content
        assert house.wire.sent == ["/v1/payments"]
        house.wire.sent.clear()
    await house.check_books()


async def test_a_cancelled_challenge_is_over(house: House) -> None:
    office, payment, code = await challenged(house)
    path = f"/v1/payments/{payment['id']}/cancel"
    answer = await office.post(path, key="cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "CANCELLED")
    async with house.untouched():
        assert (await office.post(path, key="cancel")).content == answer.content
        assert (await office.post(path)).json()["code"] == "payment_not_waiting"
        assert (await prove(office, payment, code)).json()["code"] == "payment_not_challenged"
    assert await house.kinds(payment["id"]) == ["payment.challenged", "payment.cancelled"]
    assert await house.recover(seconds=600) == 0


async def test_a_code_is_for_one_payment_only(house: House) -> None:
    office, first, _ = await challenged(house)
    second = await office.pay(first["payer"], first["payee"], LARGE, **STRONG)
    code = await code_of(house, first["payer"])
    assert (await prove(office, first, code)).json()["code"] == "challenge_failed"
    assert (await prove(office, second, code)).json()["state"] == "SUCCEEDED"


async def test_parallel_answers_end_it_once(house: House) -> None:
    office, payment, code = await challenged(house)
    same = await asyncio.gather(*(prove(office, payment, code, key="one") for _ in range(10)))
    assert {(a.status_code, a.content) for a in same} == {(200, same[0].content)}
    assert same[0].json()["state"] == "SUCCEEDED"
    assert await office.balance(payment["payee"]) == (LARGE, LARGE)
    second = await office.pay(payment["payer"], payment["payee"], LARGE, **STRONG)
    code = await code_of(house, payment["payer"])
    many = await asyncio.gather(*(prove(office, second, wrong(code)) for _ in range(20)))
    assert sorted(a.status_code for a in many) == [200] + [409] * 15 + [422] * 4
    assert (await office.get(f"/v1/payments/{second['id']}")).json()["state"] == "BLOCKED"
    await house.check_books()


async def test_a_code_of_the_wrong_form_is_no_attempt(house: House) -> None:
    office, payment, _ = await challenged(house)
    async with house.untouched():
        for code in ("", "12345", "1234567", "12345x", "１２３４５６", "123456\n", 123456, None):
            answer = await prove(office, payment, code)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["field"]) == (422, "code")


async def test_another_merchant_knows_nothing_of_it(house: House) -> None:
    office, payment, code = await challenged(house)
    other = await house.client(merchant=await office.merchant("Other"))
    async with house.untouched():
        for answer in (
            await prove(other, payment, code),
            await other.post(f"/v1/payments/{payment['id']}/cancel"),
            await other.get(f"/v1/payments/{payment['id']}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
        messages = await other.get("/v1/development/messages", to=payment["payer"])
        assert (messages.status_code, messages.json()["code"]) == (403, "institution_only")
    own = await house.client(merchant=payment["payee"])
    assert (await prove(own, payment, code)).json()["state"] == "SUCCEEDED"


async def test_a_payment_that_was_never_challenged_takes_no_code(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=100), await office.merchant()
    payment = (await office.post("/v1/payments", order(payer, payee, 100))).json()
    async with house.untouched():
        answer = await prove(office, payment, "123456")
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_challenged")
        assert answer.json()["details"] == {"state": "SUCCEEDED"}
