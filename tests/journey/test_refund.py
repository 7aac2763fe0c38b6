"""Refunds: back to where the money came from, never more than was paid."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.channels.port import ChannelAnswer
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.kernel.errors import Outcome
from anfu.payments.payment import Refund
from anfu.payments.recover import recover
from anfu.payments.refund import RefundOrder, book_refund, refund
from anfu.storage.idempotency import Claim

REFUND, QUERY_REFUND = "/v1/refunds", "/v1/refunds/query"


async def paid(house: House, amount: int = 10_000) -> tuple[Client, dict[str, Any]]:
    office = house.office
    payer, payee = await office.customer(deposit=amount), await office.merchant()
    payment = await office.pay(payer, payee, amount)
    assert payment["state"] == "SUCCEEDED"
    return office, payment


async def paid_by_card(house: House) -> tuple[Client, dict[str, Any]]:
    office = house.office
    payer, payee = await office.customer(), await office.merchant()
    payment = (await office.post("/v1/payments", by_card(payer, payee, 10_000))).json()
    assert payment["state"] == "SUCCEEDED"
    house.wire.sent.clear()
    return office, payment


async def give(
    office: Client, payment: dict[str, Any], amount: int | None = None, **more: Any
) -> httpx.Response:
    wish = {"payment": payment["id"], "reason": "broken cup"}
    return await office.post(
        "/v1/refunds", wish if amount is None else {**wish, "amount": amount}, **more
    )


async def refunded(office: Client, payment: dict[str, Any]) -> int:
    return int((await office.get(f"/v1/payments/{payment['id']}")).json()["refunded"])


async def test_several_parts_and_then_the_rest(house: House) -> None:
    office, payment = await paid(house)
    first = await give(office, payment, 2_500, key="one")
    assert (first.status_code, first.json()["state"]) == (201, "SUCCEEDED")
    assert first.json()["reason"] == "broken cup"
    async with house.untouched():
        again = await give(office, payment, 2_500, key="one")
        assert (again.status_code, again.content) == (201, first.content)
        other = await give(office, payment, 2_501, key="one")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await give(office, payment, 1)).json()["amount"] == 1
    assert await refunded(office, payment) == 2_501
    async with house.untouched():
        more = await give(office, payment, 7_500)
        assert (more.status_code, more.json()["code"]) == (422, "refund_too_large")
        assert more.json()["details"] == {"left": 7_499}
    rest = (await give(office, payment)).json()
    assert (rest["amount"], rest["state"]) == (7_499, "SUCCEEDED")
    assert await refunded(office, payment) == 10_000
    assert await office.balance(payment["payer"]) == (10_000, 10_000)
    assert await office.balance(payment["payee"]) == (0, 0)
    async with house.untouched():
        for amount in (None, 1):
            none = await give(office, payment, amount)
            assert (none.status_code, none.json()["code"]) == (422, "refund_too_large")
            assert none.json()["details"] == {"left": 0}
    assert await house.kinds(rest["id"]) == ["refund.succeeded"]
    assert await house.kinds(payment["id"]) == ["payment.succeeded"]
    listed = (await office.get("/v1/refunds", payment=payment["id"])).json()["data"]
    assert [r["amount"] for r in listed] == [7_499, 1, 2_500]
    await house.check_books()


@pytest.mark.parametrize("method", ["balance", "sandbox"])
async def test_fifty_parallel_refunds_never_give_more_than_was_paid(
    house: House, method: str
) -> None:
    office, payment = await (paid if method == "balance" else paid_by_card)(house)
    answers = await asyncio.gather(*(give(office, payment, 300) for _ in range(50)))
    assert sorted(a.status_code for a in answers) == [201] * 33 + [422] * 17
    assert {a.json()["state"] for a in answers if a.status_code == 201} == {"SUCCEEDED"}
    assert await refunded(office, payment) == 9_900
    assert await office.balance(payment["payee"]) == (100, 100)
    assert len(house.wire.sent) == (33 if method == "sandbox" else 0)
    await house.check_books()


async def test_one_key_sent_fifty_times_at_once_gives_once(house: House) -> None:
    for make in (paid, paid_by_card):
        office, payment = await make(house)
        house.wire.sent.clear()
        key = f"one-{payment['id']}"
        answers = await asyncio.gather(*(give(office, payment, key=key) for _ in range(50)))
        assert {a.status_code for a in answers} <= {201, 409}
        assert {a.json().get("code") for a in answers} <= {None, "idempotency_in_flight"}
        assert len({a.content for a in answers if a.status_code == 201}) == 1
        assert (await give(office, payment, key=key)).status_code == 201
        assert await refunded(office, payment) == 10_000
        assert len(house.wire.sent) == (make is paid_by_card)
    await house.check_books()


async def test_a_merchant_that_spent_it_cannot_give_it_back(house: House) -> None:
    office, payment = await paid(house)
    # What a merchant has taken in leaves it by other refunds and, later, by settlement.
    other = await office.pay(await office.customer(deposit=5_000), payment["payee"], 5_000)
    assert (await give(office, other)).json()["state"] == "SUCCEEDED"
    async with house.database.transaction() as tx:
        from anfu.ledger import operations as ledger  # noqa: PLC0415
        from anfu.ledger.entry import EntryOrder  # noqa: PLC0415

        out = EntryOrder(
            "out_1", f"{payment['payee']}/balance/CNY", "anfu/bank/CNY", "CNY", 4_000
        )  # fmt: skip
        assert await ledger.post(tx, orders=[out], now=house.clock.now()) == {}
    async with house.untouched():
        answer = await give(office, payment, 6_001)
        assert (answer.status_code, answer.json()["code"]) == (422, "insufficient_funds")
        assert answer.json()["details"] == {"available": 6_000}
    assert (await give(office, payment, 6_000)).json()["state"] == "SUCCEEDED"
    await house.check_books()


async def test_only_what_succeeded_is_refunded(house: House) -> None:
    office = house.office
    payer, payee = await office.customer(deposit=100), await office.merchant()
    other, shop = await office.customer(), await office.merchant("Other")
    states = {
        "CHALLENGED": await office.pay(payer, payee, 1_000_000),
        "REFUSED": await office.pay(payer, payee, 101),
        "FAILED": (await office.post("/v1/payments", by_card(payer, payee, 1, "tok_stolen_card"))),
        "UNKNOWN": (await office.post("/v1/payments", by_card(other, shop, 1, "tok_processing"))),
    }
    async with house.untouched():
        for state, found in states.items():
            payment = found.json() if isinstance(found, httpx.Response) else found
            assert payment["state"] == state
            answer = await give(office, payment)
            assert (answer.status_code, answer.json()["code"]) == (409, "payment_not_refundable")
            assert answer.json()["details"] == {"state": state}
        nobody = await give(office, {"id": "pay_01kaw000000000000000000000"})
        assert (nobody.status_code, nobody.json()["code"]) == (404, "payment_not_found")


async def test_a_refund_by_card_goes_to_the_card_and_not_to_a_balance(house: House) -> None:
    office, payment = await paid_by_card(house)
    answer = (await give(office, payment, 4_000)).json()
    assert (answer["state"], answer["method"]) == ("SUCCEEDED", "sandbox")
    assert answer["channel_reference"].startswith("sbx_")
    assert house.wire.sent == [REFUND]
    assert await office.balance(payment["payer"]) == (0, 0)
    assert await office.balance(payment["payee"]) == (6_000, 6_000)
    await house.check_books()


async def test_a_refund_whose_answer_is_lost_is_asked_about(house: House) -> None:
    office, payment = await paid_by_card(house)
    house.network.faults = Faults(rates={Fault.LOSE_ANSWER: 1.0})
    answer = await give(office, payment, 4_000, key="one")
    house.network.faults = Faults()
    made = answer.json()
    assert (answer.status_code, made["state"]) == (201, "UNKNOWN")
    assert await office.balance(payment["payee"]) == (10_000, 6_000)
    assert await refunded(office, payment) == 4_000
    assert await house.kinds(made["id"]) == []
    assert await house.recover() == 1
    after = (await office.get(f"/v1/refunds/{made['id']}")).json()
    assert (after["state"], after["failure"]) == ("SUCCEEDED", None)
    assert house.wire.sent == [REFUND, QUERY_REFUND]
    assert await office.balance(payment["payee"]) == (6_000, 6_000)
    assert await house.kinds(made["id"]) == ["refund.succeeded"]
    assert (await give(office, payment, 4_000, key="one")).content == answer.content
    assert await house.recover() == 0
    await house.check_books()


async def test_a_refund_whose_request_is_lost_is_sent_again(house: House) -> None:
    office, payment = await paid_by_card(house)
    house.network.faults = Faults(rates={Fault.LOSE_REQUEST: 1.0})
    made = (await give(office, payment, 4_000)).json()
    house.network.faults = Faults()
    assert made["state"] == "UNKNOWN"
    assert await house.recover() == 1
    assert (await office.get(f"/v1/refunds/{made['id']}")).json()["state"] == "SUCCEEDED"
    assert house.wire.sent == [REFUND, QUERY_REFUND, REFUND]
    assert await office.balance(payment["payee"]) == (6_000, 6_000)
    await house.check_books()


async def test_a_process_killed_around_a_refund_is_resolved(house: House) -> None:
    for side in ("before", "after"):
        office, payment = await paid_by_card(house)
        setattr(house.wire, side, RuntimeError("killed"))
        answer = await give(office, payment, 4_000, key=f"one-{side}")
        setattr(house.wire, side, None)
        assert answer.status_code == 500
        async with house.untouched():
            flying = await give(office, payment, 4_000, key=f"one-{side}")
            assert (flying.status_code, flying.json()["code"]) == (409, "idempotency_in_flight")
        assert await house.recover() == 1
        again = await give(office, payment, 4_000, key=f"one-{side}")
        assert (again.status_code, again.json()["state"]) == (201, "SUCCEEDED")
        assert await refunded(office, payment) == 4_000
        assert await office.balance(payment["payee"]) == (6_000, 6_000)
    await house.check_books()


async def test_a_refund_the_network_declines_gives_the_money_back_to_the_merchant(
    house: House,
) -> None:
    office, payment = await paid_by_card(house)
    house.network.book._refunded[payment["id"]] = 10_000
    made = (await give(office, payment, 4_000)).json()
    assert (made["state"], made["failure"]) == ("FAILED", "refund_exceeds_payment")
    assert await refunded(office, payment) == 0
    assert await office.balance(payment["payee"]) == (10_000, 10_000)
    assert sorted(await house.kinds(made["id"])) == ["refund.failed", "task.opened"]
    await house.check_books()


async def test_another_merchant_refunds_nothing(house: House) -> None:
    office, payment = await paid(house)
    made = (await give(office, payment, 1)).json()
    other = await house.client(merchant=await office.merchant("Other"))
    async with house.untouched():
        answer = await give(other, payment, 1)
        assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
        read = await other.get(f"/v1/refunds/{made['id']}")
        assert (read.status_code, read.json()["code"]) == (404, "refund_not_found")
        assert (await other.get("/v1/refunds")).json()["data"] == []
    own = await house.client(merchant=payment["payee"])
    assert (await give(own, payment, 1)).status_code == 201


async def test_the_answer_to_the_first_sending_does_not_fail_what_was_sent_again(
    house: House,
) -> None:
    """Its process slept between the answer and the books, and the worker sent the refund again."""
    office, payment = await paid_by_card(house)
    order = RefundOrder(
        Claim(house.office.key, "late", b"l" * 32), None, payment["id"], 4_000, None
    )
    made = await refund(house.tools, order, now=house.clock.now())
    assert isinstance(made, Refund)
    refused = ChannelAnswer(Outcome.NOT_DONE, None, "not_sent")
    house.clock.advance(timedelta(minutes=1))
    house.network.faults = Faults(rates={Fault.LOSE_ANSWER: 1.0})
    await recover(house.tools, house.clock)
    house.network.faults = Faults()
    now = house.clock.now()
    async with house.untouched():
        await book_refund(house.tools, made.id, refused, now=now, first=True)
    assert await house.recover() == 1
    assert (await office.get(f"/v1/refunds/{made.id}")).json()["state"] == "SUCCEEDED"
    await house.check_books()
