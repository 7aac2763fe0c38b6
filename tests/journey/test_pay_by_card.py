"""Paying through the sandbox network: decide, act, book, and whatever goes wrong between them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.channels.port import ChannelAnswer, ChannelOrder
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.payments.recover import recover

PAY, QUERY, CLOSE = "/v1/payments", "/v1/payments/query", "/v1/payments/close"


class Killed(Exception):  # noqa: N818 - what a process does not live to see
    """The process died here."""


async def parties(house: House) -> tuple[Client, str, str]:
    office = house.office
    return office, await office.customer(), await office.merchant()


async def send(office: Client, payer: str, payee: str, card: str, **more: Any) -> httpx.Response:
    return await office.post("/v1/payments", by_card(payer, payee, 5_000, card), **more)


async def read(office: Client, payment: str) -> dict[str, Any]:
    return dict((await office.get(f"/v1/payments/{payment}")).json())


async def channel_owes(house: House) -> int:
    async with house.database.transaction(readonly=True) as tx:
        return int(
            await tx.fetchval(
                "SELECT debits_posted - credits_posted FROM ledger.account WHERE key = $1",
                "anfu/channel-sandbox/CNY",
            )
        )


async def test_a_card_pays_and_the_channel_owes_us_what_the_merchant_has(house: House) -> None:
    office, payer, payee = await parties(house)
    answer = await send(office, payer, payee, "tok_good")
    payment = answer.json()
    assert (answer.status_code, payment["state"]) == (201, "SUCCEEDED")
    told = {"code": None, "debit": None, "verified_by": None, "scene": None}
    assert payment["method"] == {"type": "sandbox", "card": "tok_good", **told}
    assert payment["channel_reference"].startswith("sbx_")
    assert await office.balance(payee) == (5_000, 5_000)
    assert await channel_owes(house) == 5_000
    assert house.wire.sent == [PAY]
    assert await house.kinds(payment["id"]) == ["payment.succeeded"]
    assert await house.count("payments.open") == 0
    await house.check_books()


async def test_a_declined_card_moves_nothing_and_gives_the_limit_back(house: House) -> None:
    office, payer, payee = await parties(house)
    limit = {"window": "natural_day", "currency": "CNY", "most": 5_000}
    assert (await office.post(f"/v1/merchants/{payee}/limits", limit)).status_code == 200
    for reason in ("insufficient_funds", "stolen_card", "expired_card"):
        payment = (await send(office, payer, payee, f"tok_{reason}")).json()
        assert (payment["state"], payment["failure"]) == ("FAILED", reason)
        assert await house.kinds(payment["id"]) == ["payment.failed"]
    assert await office.balance(payee) == (0, 0)
    assert await channel_owes(house) == 0
    assert (await send(office, payer, payee, "tok_good")).json()["state"] == "SUCCEEDED"
    refused = (await send(office, payer, payee, "tok_good")).json()
    assert (refused["state"], refused["refusal"]["rule"]) == ("REFUSED", "MERCHANT-DAY")
    assert house.wire.sent == [PAY] * 4
    await house.check_books()


async def test_a_lost_answer_is_unknown_until_the_network_is_asked(house: House) -> None:
    office, payer, payee = await parties(house)
    first = await send(office, payer, payee, "tok_lose_answer", key="one")
    payment = first.json()
    assert payment["state"] == "UNKNOWN"
    assert await office.balance(payee) == (0, 0)
    assert await house.kinds(payment["id"]) == []
    assert await recover(house.tools, house.clock) == 0  # not yet
    assert await house.recover() == 1
    after = await read(office, payment["id"])
    assert (after["state"], after["failure"]) == ("SUCCEEDED", None)
    assert await office.balance(payee) == (5_000, 5_000)
    assert house.wire.sent == [PAY, QUERY]
    assert await house.kinds(payment["id"]) == ["payment.succeeded"]
    again = await send(office, payer, payee, "tok_lose_answer", key="one")
    assert (again.status_code, again.content) == (201, first.content)
    await house.check_books()


async def test_a_lost_request_is_closed_and_a_late_arrival_refused(house: House) -> None:
    office, payer, payee = await parties(house)
    payment = (await send(office, payer, payee, "tok_lose_request")).json()
    assert payment["state"] == "UNKNOWN"
    assert await house.recover() == 1
    after = await read(office, payment["id"])
    assert (after["state"], after["failure"]) == ("FAILED", "closed")
    assert house.wire.sent == [PAY, QUERY, CLOSE]
    late = await house.tools.channels["sandbox"].pay(house.order_of(payment))
    assert (late.outcome, late.reason) == ("NOT_DONE", "closed")
    assert await office.balance(payee) == (0, 0)
    assert await house.kinds(payment["id"]) == ["payment.failed"]
    await house.check_books()


async def test_work_done_late_is_found_by_asking(house: House) -> None:
    office, payer, payee = await parties(house)
    payment = (await send(office, payer, payee, "tok_late")).json()
    assert payment["state"] == "UNKNOWN"
    await asyncio.gather(*house.network._late)
    assert await house.recover() == 1
    assert (await read(office, payment["id"]))["state"] == "SUCCEEDED"
    assert await office.balance(payee) == (5_000, 5_000)
    await house.check_books()


async def test_an_unfinished_and_a_broken_answer_are_asked_about(house: House) -> None:
    office, payer, payee = await parties(house)
    for card in ("tok_processing", "tok_server_error"):
        assert (await send(office, payer, payee, card)).json()["state"] == "UNKNOWN"
    assert await house.recover() == 2
    pages = (await office.get("/v1/payments")).json()["data"]
    ends = {page["method"]["card"]: page["state"] for page in pages}
    assert ends["tok_processing"] == "SUCCEEDED"
    assert ends["tok_server_error"] in ("SUCCEEDED", "FAILED")  # before or after the work
    await house.check_books()


async def test_another_amount_in_the_answer_is_never_booked(house: House) -> None:
    office, payer, payee = await parties(house)
    payment = (await send(office, payer, payee, "tok_lose_request")).json()
    house.network.book.pay(house.statement(payment, amount=4_999), "tok_lose_request")
    assert await house.recover() == 1
    after = await read(office, payment["id"])
    assert after["state"] == "UNKNOWN"
    assert await office.balance(payee) == (0, 0)
    assert await house.kinds(payment["id"]) == []
    await house.check_books()


@pytest.mark.parametrize("paid", [False, True], ids=["before", "after"])
async def test_a_process_killed_around_the_sending_is_resolved_by_asking(
    house: House, paid: bool
) -> None:
    office, payer, payee = await parties(house)
    if paid:
        house.wire.after = Killed()
    else:
        house.wire.before = Killed()
    answer = await send(office, payer, payee, "tok_good", key="one")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    house.wire.before = house.wire.after = None
    (page,) = (await office.get("/v1/payments")).json()["data"]
    assert page["state"] == "SENDING"
    async with house.untouched():
        flying = await send(office, payer, payee, "tok_good", key="one")
        assert (flying.status_code, flying.json()["code"]) == (409, "idempotency_in_flight")
        assert flying.headers["retry-after"] == "1"
    assert await house.recover() == 1
    again = await send(office, payer, payee, "tok_good", key="one")
    assert again.status_code == 201
    assert again.json()["state"] == ("SUCCEEDED" if paid else "FAILED")
    assert (await office.balance(payee))[0] == (5_000 if paid else 0)
    assert house.wire.sent == ([PAY, QUERY] if paid else [QUERY, CLOSE])
    await house.check_books()


async def test_not_found_never_voids_while_the_network_cannot_close(house: House) -> None:
    office, payer, payee = await parties(house)
    payment = (await send(office, payer, payee, "tok_lose_request")).json()
    house.wire.before = httpx.ConnectError("down")
    for _ in range(3):
        assert await house.recover() == 1
        assert (await read(office, payment["id"]))["state"] == "UNKNOWN"
    assert await house.count("payments.open") == 1
    house.wire.before = None
    assert await house.recover() == 1
    assert (await read(office, payment["id"]))["state"] == "FAILED"
    await house.check_books()


async def test_a_network_that_cannot_be_reached_has_certainly_not_paid(house: House) -> None:
    office, payer, payee = await parties(house)
    house.wire.before = httpx.ConnectError("down")
    payment = (await send(office, payer, payee, "tok_good")).json()
    assert (payment["state"], payment["failure"]) == ("FAILED", "not_sent")
    await house.check_books()


async def test_a_network_that_is_down_is_waited_for_once(house: House) -> None:
    office, payer, payee = await parties(house)
    found = await asyncio.gather(*(send(office, payer, payee, "tok_late") for _ in range(7)))
    await asyncio.gather(*house.network._late)
    house.network.faults = Faults(rates={Fault.LOSE_REQUEST: 1.0})
    started = time.perf_counter()
    assert await house.recover() == 7
    assert time.perf_counter() - started < 3  # one after the other it takes 7
    house.network.faults = Faults()
    stuck = found[3].json()["id"]
    channel = house.tools.channels["sandbox"]
    query = channel.query

    async def broken(order: ChannelOrder) -> ChannelAnswer:
        if order.payment == stuck:
            raise RuntimeError(order.payment)
        return await query(order)

    channel.query = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match=stuck):
        await house.recover()
    channel.query = query  # type: ignore[method-assign]
    states = [page["state"] for page in (await office.get("/v1/payments")).json()["data"]]
    assert (states.count("SUCCEEDED"), states.count("UNKNOWN")) == (6, 1)
    assert await house.recover() == 1
    assert await office.balance(payee) == (35_000, 35_000)
    await house.check_books()


async def test_one_key_sent_twice_at_once_reaches_the_network_once(house: House) -> None:
    office, payer, payee = await parties(house)
    answers = await asyncio.gather(
        *(send(office, payer, payee, "tok_good", key="one") for _ in range(8))
    )
    assert house.wire.sent == [PAY]
    assert sorted(a.status_code for a in answers) == [201] + [409] * 7
    assert {a.json().get("code") for a in answers} == {None, "idempotency_in_flight"}
    assert await house.count("payments.payment") == 1
    again = await send(office, payer, payee, "tok_good", key="one")
    assert again.content == next(a for a in answers if a.status_code == 201).content
    await house.check_books()
