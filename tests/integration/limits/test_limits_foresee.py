"""What would refuse a use, told before anything is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from anfu.limits import operations, queries
from anfu.limits.agreed.agreed import AgreedKey
from anfu.limits.agreed.operations import agree
from anfu.limits.counter import Metric, Window
from anfu.limits.multipliers.multiplier import Multiplier
from anfu.limits.multipliers.operations import decide, propose
from anfu.limits.rule import Step
from anfu.limits.rulebook import shipped_rules
from anfu.limits.stops.operations import stop
from anfu.limits.stops.stop import NewStop
from anfu.limits.use import Use, UseKind
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

RULES = shipped_rules()
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ONE = Use("a", "cus_a", 2, 1, False, "mer_a", 60_000, "CNY", UseKind.BALANCE_PAYMENT, NOON)


async def foreseen(database: Database, *uses: Use) -> dict[str, tuple[str, bool]]:
    """The rule in the way of each use, and whether another factor would lift it."""
    async with database.transaction(readonly=True) as tx:
        found = await queries.foresee(tx, uses=uses, rules=RULES)
    return {id_: (b.rule, Step.SECOND_FACTOR in b.raise_by) for id_, b in found.items()}


async def test_sums_are_read_and_nothing_is_taken(
    database: Database, owner: asyncpg.Connection
) -> None:
    two = replace(ONE, id="b")
    assert await foreseen(database) == {}
    assert await foreseen(database, ONE, two) == {}  # each by itself
    await database.run(lambda tx: operations.reserve(tx, uses=[ONE], rules=RULES))
    before = await owner.fetch("SELECT * FROM limits.counter ORDER BY metric, span")
    assert await foreseen(database, two) == {"b": ("CN-NP43-24-3", True)}
    assert await owner.fetch("SELECT * FROM limits.counter ORDER BY metric, span") == before


async def test_what_a_rating_raised_is_not_in_the_way(database: Database) -> None:
    large = replace(ONE, amount=150_000)
    assert await foreseen(database, large) == {"a": ("CN-NP43-24-3", True)}

    async def work(tx: Tx) -> None:
        wish = Multiplier("mul_a", "CN-NP43-24-3", 150, "rated A", "key_a", NOON)
        made = await propose(tx, wish=wish, rules=RULES)
        await decide(tx, found=made, by="key_b", approved=True, now=NOON)

    await database.run(work)
    assert await foreseen(database, large) == {}
    assert await foreseen(database, replace(large, amount=150_001)) == {"a": ("CN-NP43-24-3", True)}


async def test_no_factor_lifts_an_agreement_or_an_order(database: Database) -> None:
    large = replace(ONE, amount=150_000)
    key = AgreedKey("cus_a", Metric.BALANCE_PAYMENT, Window.PAYMENT, "CNY")
    wait = timedelta(hours=24)
    await database.run(lambda tx: agree(tx, key=key, most=100, cooling_off=wait, now=NOON))
    assert await foreseen(database, large) == {"a": ("AGREED-BALANCE-PAYMENT-PAYMENT", False)}
    order = NewStop("stp_a", "cus_a", "Haidian", "2026-0117")
    await database.run(lambda tx: stop(tx, order=order, now=NOON))
    assert await foreseen(database, replace(large, amount=1)) == {"a": ("CN-P86-2-2", False)}
