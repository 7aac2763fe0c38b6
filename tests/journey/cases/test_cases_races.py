"""Payments, people and workers at once: no case is lost, nothing is ended twice, the books hold."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
from tests.journey.cases.case_floor import act, adopt, done, queue, rich_customer, say, worker
from tests.journey.conftest import Client, House, by_card, order

from anfu.entrypoints.worker.rounds import work_cases
from anfu.payments.payment import FINAL


async def test_payments_join_while_people_conclude(house: House) -> None:
    """Everything that was held ends as some verdict said, in exactly one case."""
    await adopt(house, two_people={"CNY": 60_000}, group_most=6)
    people = [house.office, *[await worker(house) for _ in range(3)]]
    payers = [await rich_customer(house) for _ in range(2)]
    payees = [await house.office.merchant() for _ in range(3)]
    dice = random.Random(7)

    async def pay(n: int) -> None:
        await asyncio.sleep(n * 0.01)
        payer, payee = dice.choice(payers), dice.choice(payees)
        wish = (order if n % 3 else by_card)(payer, payee, 10_000 + n)
        answer = await house.office.post("/v1/payments", wish)
        assert answer.status_code == 201, answer.text

    async def work(person: Any, rounds: int) -> None:
        for _ in range(rounds):
            for case in await queue(person):
                if case["state"] == "OPEN":
                    await _calm(act(person, case["id"], "claim"))
                await _calm(say(person, case["id"], dice.choice(["RELEASE", "REJECT"])))
                await _calm(act(person, case["id"], dice.choice(["confirm", "decline"])))
            await asyncio.sleep(0.02)

    await asyncio.gather(*(pay(n) for n in range(30)), *(work(p, 6) for p in people))
    await _finish(house, people[1])
    house.clock.advance(timedelta(minutes=1))
    await work_cases(house.tools, house.clock)
    assert await queue(house.office) == []
    async with house.database.transaction(readonly=True) as tx:
        payments = dict(await tx.fetch("SELECT id, state FROM payments.payment"))
        items = await tx.fetch("SELECT event, verdict, held, fate FROM risk.case_item")
        wrong = await tx.fetch(
            "SELECT c.id FROM risk.case c JOIN risk.case_item i ON i.case_id = c.id GROUP BY c.id"
            " HAVING c.count <> count(*) OR c.amount <> sum(i.amount) OR c.at_stake <> 0"
        )
        open_ = await tx.fetchval("SELECT count(*) FROM payments.open")
    assert wrong == []
    assert Counter(row["event"] for row in items) == Counter(dict.fromkeys(payments, 1))
    assert {row["held"] for row in items} == {False}
    ends = {"RELEASE": "SUCCEEDED", "REJECT": "REJECTED"}
    assert {payments[row["event"]] for row in items} <= FINAL
    assert all(payments[row["event"]] == ends[row["verdict"]] for row in items)
    assert open_ == 0
    await house.check_books()


async def _finish(house: House, second: Client) -> None:
    """Reject what is left: the office says, the second confirms."""
    for _ in range(60):
        found = await queue(house.office)
        if not found:
            break
        for case in found:
            # Whoever began it goes on: everything back to the office first.
            if case["holder"] not in (None, house.office.key):
                await done(house.office, case["id"], "assign", {"to": house.office.key})
            await _calm(act(house.office, case["id"], "claim"))
            await _calm(say(house.office, case["id"], "REJECT"))
            await _calm(act(second, case["id"], "confirm"))
            await _calm(act(house.office, case["id"], "confirm"))


async def _calm(work: Any) -> httpx.Response:
    """What may be refused, and must never fail."""
    answer: httpx.Response = await work
    assert answer.status_code in (200, 403, 409), answer.text
    return answer
