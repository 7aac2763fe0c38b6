"""A release and what forbids it at the same instant: one is first, and the other finds it done."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from tests.journey.conftest import Client, House
from tests.journey.test_erasure_races import waiting
from tests.journey.test_review import AMOUNT, STOP, end, in_review

from anfu.parties.operations import set_customer_status, set_merchant_status
from anfu.parties.party import Status
from anfu.storage.transaction import Tx

# Where an order waits that has done all but its commit, and a release that has looked.
LOG = "SELECT FROM evidence.log FOR UPDATE"
BALANCE = "SELECT FROM ledger.account WHERE key LIKE 'cus_%/balance/CNY' FOR UPDATE"


async def at_once(owner: asyncpg.Connection, gate: str, *asks: Any) -> list[httpx.Response]:
    """The answers: the first ask waits at the gate when the second begins."""
    tasks: list[asyncio.Task[httpx.Response]] = []
    async with owner.transaction():
        await owner.execute(gate)
        for ask in asks:
            tasks.append(asyncio.create_task(ask))
            await waiting(owner, len(tasks))
    return [await task for task in tasks]


async def stop(office: Client, payment: dict[str, Any]) -> httpx.Response:
    return await office.post(f"/v1/customers/{payment['payer']}/stop_orders", STOP)


async def test_an_order_that_is_being_written_stops_a_release(
    house: House, owner: asyncpg.Connection
) -> None:
    """The release once looked, saw no order yet, and let the money go after it."""
    office, payment = await in_review(house)
    made, released = await at_once(
        owner, LOG, stop(office, payment), end(office, payment, "release")
    )
    assert made.status_code == 201
    assert (released.status_code, released.json()["code"]) == (409, "payment_stopped")
    assert released.json()["details"]["until"] == made.json()["ends_at"]
    assert await office.balance(payment["payer"]) == (497_000, 397_000)
    await house.check_books()


async def test_an_order_waits_for_a_release_that_has_looked(
    house: House, owner: asyncpg.Connection
) -> None:
    """Whoever is told that the account is stopped sees no money leave it afterwards."""
    office, payment = await in_review(house)
    done: list[str] = []

    async def noted(name: str, ask: Any) -> httpx.Response:
        answer: httpx.Response = await ask
        done.append(name)
        return answer

    released, made = await at_once(
        owner, BALANCE, noted("release", end(office, payment, "release")),
        noted("order", stop(office, payment)),
    )  # fmt: skip
    assert (released.json()["state"], made.status_code) == ("SUCCEEDED", 201)
    assert done == ["release", "order"]
    assert await office.balance(payment["payee"]) == (AMOUNT, AMOUNT)
    await house.check_books()


@pytest.mark.parametrize("who", ["payer", "payee"])
async def test_a_suspension_that_is_being_written_stops_a_release(
    house: House, owner: asyncpg.Connection, who: str
) -> None:
    office, payment = await in_review(house)
    written, go = asyncio.Event(), asyncio.Event()

    async def suspend(tx: Tx) -> None:
        if who == "payee":
            await set_merchant_status(tx, merchant_id=payment[who], status=Status.SUSPENDED)
        else:
            await set_customer_status(
                tx, customer_id=payment[who], merchant=None, status=Status.SUSPENDED
            )
        written.set()
        await go.wait()

    suspending = asyncio.create_task(house.database.run(suspend))
    await written.wait()
    releasing = asyncio.create_task(end(office, payment, "release"))
    await waiting(owner, 1)
    go.set()
    await suspending
    answer = await releasing
    assert (answer.status_code, answer.json()["code"]) == (422, "party_suspended")
    assert await office.balance(payment["payer"]) == (497_000, 397_000)
