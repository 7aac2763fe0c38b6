"""A refund while a person is forgotten, and after: no money comes to a closed account."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.entrypoints.worker.rounds import tidy

REASON = {"reason": "letter 2026-117"}


@pytest.fixture
async def second(house: House) -> Client:
    return await house.client()


async def leaving(house: House, *, card: bool = False) -> tuple[dict[str, Any], str]:
    """A payment of 500 by somebody who has nothing left, and the erasure that person asked for."""
    office = house.office
    payer, payee = await office.customer(deposit=0 if card else 500), await office.merchant()
    if card:
        paid = (await office.post("/v1/payments", by_card(payer, payee, 500))).json()
    else:
        paid = await office.pay(payer, payee, 500)
    assert paid["state"] == "SUCCEEDED"
    wish = await office.post(f"/v1/customers/{payer}/erasures", REASON)
    assert wish.status_code == 201, wish.text
    return paid, str(wish.json()["id"])


async def give(house: House, paid: dict[str, Any]) -> httpx.Response:
    return await house.office.post("/v1/refunds", {"payment": paid["id"], "amount": 300})


async def waiting(owner: asyncpg.Connection, count: int) -> None:
    """Until so many transactions wait for a lock."""
    for _ in range(1_000):
        await owner.execute("SELECT pg_stat_clear_snapshot()")
        found = await owner.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if found == count:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{found} wait, not {count}")


@pytest.mark.parametrize("refund_first", [True, False])
async def test_of_a_refund_and_an_erasure_at_once_the_second_finds_what_the_first_did(
    house: House, second: Client, owner: asyncpg.Connection, refund_first: bool
) -> None:
    paid, erasure = await leaving(house)
    asks = [give(house, paid), second.post(f"/v1/erasures/{erasure}/approve")]
    tasks: list[asyncio.Task[httpx.Response]] = []
    async with owner.transaction():
        await owner.execute(
            "SELECT FROM ledger.account WHERE key = $1 FOR UPDATE", f"{paid['payer']}/balance/CNY"
        )
        for ask in asks if refund_first else reversed(asks):
            tasks.append(asyncio.create_task(ask))
            await waiting(owner, len(tasks))
    first, late = [(await task).json() for task in tasks]
    if refund_first:
        assert first["state"] == "SUCCEEDED"
        assert (late["code"], late["details"]) == (
            "erasure_not_settled", {"left": {"CNY": 300}, "open": 0},
        )  # fmt: skip
        assert (await house.office.get(f"/v1/customers/{paid['payer']}")).status_code == 200
    else:
        assert first["state"] == "STORED"
        assert (late["code"], late["status"]) == ("account_closed", 409)
    assert await house.office.balance(paid["payer"]) == (300 if refund_first else 0,) * 2
    await house.check_books()


async def test_a_refund_to_a_closed_account_is_refused(house: House, second: Client) -> None:
    paid, erasure = await leaving(house)
    assert (await second.post(f"/v1/erasures/{erasure}/approve")).json()["state"] == "STORED"
    async with house.untouched():
        refused = await give(house, paid)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_closed")
    assert await house.office.balance(paid["payee"]) == (500, 500)


async def test_a_refund_to_a_card_after_the_erasure_begins_the_ten_years_anew(
    house: House, second: Client
) -> None:
    paid, erasure = await leaving(house, card=True)
    done = (await second.post(f"/v1/erasures/{erasure}/approve")).json()
    assert done["keep_until"] == "2036-11-23"
    house.clock.advance(timedelta(days=365))
    assert (await give(house, paid)).json()["state"] == "SUCCEEDED"
    house.clock.advance(timedelta(days=3653 - 364))  # 2036-11-24
    await tidy(house.tools, house.clock)
    kept = (await second.get(f"/v1/erasures/{erasure}")).json()
    assert (kept["state"], kept["keep_until"]) == ("STORED", "2037-11-23")
    house.clock.advance(timedelta(days=364))  # 2037-11-23
    await tidy(house.tools, house.clock)
    assert (await second.get(f"/v1/erasures/{erasure}")).json()["state"] == "STORED"
    house.clock.advance(timedelta(days=1))
    await tidy(house.tools, house.clock)
    assert (await second.get(f"/v1/erasures/{erasure}")).json()["state"] == "ERASED"
