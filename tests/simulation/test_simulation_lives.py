"""A few lives in the suite; `make simulate` leads thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from tests.simulation.city import START, City, open_city
from tests.simulation.invariants import Broken, check_tick
from tests.simulation.life import Life
from tests.simulation.mutate import ROOT, SABOTAGES, Sabotage
from tests.simulation.run import live

LIVES = 16
FOUND = (249, 1385, 4240, 7024, 8108)
"""Lives in which something was found wrong that nobody had thought of."""
HARMS = {
    "UPDATE ledger.account SET debits_posted = debits_posted + 1 WHERE key LIKE '%/bank/%'":
        "1 money out of balance",
    "UPDATE limits.counter SET amount = amount + 1": "counters of limits",
    "UPDATE ledger.hold SET state = 'VOIDED' WHERE state = 'POSTED'": "whose hold is not as",
    "UPDATE payments.payment SET state = 'SENDING', refunded = 0 WHERE state = 'SUCCEEDED'":
        "without a time to come back",
    "UPDATE payments.payment SET refunded = amount WHERE state = 'SUCCEEDED'":
        "refunds that are not as their payment",
}  # fmt: skip


@pytest.fixture
async def city(database_url: str) -> AsyncIterator[City]:
    async with open_city(database_url) as opened:
        yield opened


async def test_every_invariant_holds_in_every_life(city: City) -> None:
    lived = [await live(city, seed) for seed in (*range(LIVES), *FOUND)]
    assert [(one.seed, one.why) for one in lived if one.why is not None] == []
    met = sum((one.met for one in lived), Counter[str]())
    # What a life never meets it proves nothing about.
    assert met.keys() >= {
        "crash", "database lost", "line to the network", "post of the network",
        "shop does not answer", "payment SUCCEEDED", "payment FAILED", "payment EXPIRED",
        "payment BLOCKED", "refund SUCCEEDED", "sent again on another route",
        "payer at the network", "flaw of a bill", "resolved by the bill",
    }  # fmt: skip


async def test_a_seed_is_one_life_and_no_other(city: City) -> None:
    told: list[list[str]] = [[], [], []]
    for lines, seed in zip(told, (3, 4, 3), strict=True):
        assert (await live(city, seed, lines.append)).why is None
    assert len(told[0]) > 20
    assert told[0] == told[2] != told[1]


async def test_what_is_broken_is_seen(city: City) -> None:
    """One harm after another to a life that has ended well."""
    life = Life(city, 3, lambda _line: None)
    await life.run()
    await life.end()
    owner = city.owner
    await check_tick(owner, now=START)
    await owner.execute("SET session_replication_role = replica")  # past every guard of the tables
    for harm, seen in HARMS.items():
        undone = owner.transaction()
        await undone.start()
        await owner.execute(harm)
        with pytest.raises(Broken, match=seen):
            await check_tick(owner, now=START)
        await undone.rollback()


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=[s.name for s in SABOTAGES])
def test_a_sabotage_still_fits_the_code(sabotage: Sabotage) -> None:
    source = (ROOT / "src" / "anfu" / sabotage.file).read_text("utf-8")
    assert source.count(sabotage.right) == 1
