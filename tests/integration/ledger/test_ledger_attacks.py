"""What Python could get wrong, or someone inside the database could try, is refused there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.integration.ledger.ledger_books import BANK, MER, NOW, USD, A, B, Books, promise

from anfu.ledger.account import Discrepancy
from anfu.ledger.operations import post_holds, void_holds
from anfu.ledger.queries import find_discrepancies, trial_balance
from anfu.storage.database import Database

ENTRY = """
INSERT INTO ledger.entry (id, debit, credit, amount, held, asset, at)
SELECT $1, (SELECT number FROM ledger.account WHERE key = $2),
       (SELECT number FROM ledger.account WHERE key = $3), $4, $5, $6, $7
"""
HOLD = """
INSERT INTO ledger.hold (id, debit, credit, amount, asset, at, expires_at)
SELECT $1, (SELECT number FROM ledger.account WHERE key = $2),
       (SELECT number FROM ledger.account WHERE key = $3), $4, $5,
       $6::timestamptz, $6::timestamptz + interval '1 hour'
"""


def differences(found: list[Discrepancy]) -> list[tuple[str, int, int]]:
    return [(d.counted.account.key, d.counted.posted, d.summed.posted) for d in found]


@pytest.fixture
async def held(books: Books) -> Books:
    """`live` is held; `done` was posted and `gone` voided."""
    holds = [promise(name, A, MER, 100) for name in ("live", "done", "gone")]
    assert await books.hold(*holds) == {}
    async with books.database.transaction() as tx:
        await post_holds(tx, amounts={"done": 60}, now=NOW)
        await void_holds(tx, ids=["gone"], now=NOW)
    return books


@pytest.fixture
async def unchanged(held: Books) -> AsyncIterator[Books]:
    """Books that are the same after the test as before."""
    before = await held.balances()
    yield held
    assert await held.balances() == before
    await held.check()


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (("x", A, MER, 9_841, None, "CNY"), "account_is_not_overdrawn"),
        (("x", BANK, A, 0, None, "CNY"), "amount"),
        (("x", BANK, A, -5, None, "CNY"), "amount"),
        (("x", BANK, A, 1 << 53, None, "CNY"), "amount"),
        (("x", A, A, 5, None, "CNY"), "entry_check"),
        (("x", A, USD, 5, None, "CNY"), "not of its asset"),
        (("x", A, MER, 5, None, "USD"), "not of its asset"),
        (("x", USD, A, 5, None, "USD"), "not of its asset"),
        (("x", A, "nobody", 5, None, "CNY"), "null value"),
        (("seed", BANK, A, 5, None, "CNY"), "entry_pkey"),
        (("live", A, MER, 101, 100, "CNY"), "entry_check"),
        (("live", A, MER, 100, 101, "CNY"), "posts a hold"),
        (("live", A, B, 100, 100, "CNY"), "posts a hold"),
        (("live", BANK, MER, 100, 100, "CNY"), "posts a hold"),
        (("gone", A, MER, 100, 100, "CNY"), "posts a hold"),
        (("done", A, MER, 40, 100, "CNY"), "entry_pkey"),
        (("nobody", A, MER, 100, 100, "CNY"), "posts a hold"),
    ],
)
async def test_no_entry_breaks_a_rule(
    unchanged: Books, owner: asyncpg.Connection, row: tuple[object, ...], constraint: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
        await owner.execute(ENTRY, *row, NOW)
    async with unchanged.database.transaction() as tx:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
            await tx.execute(ENTRY, *row, NOW)


async def test_an_entry_on_an_account_that_never_was(
    unchanged: Books, owner: asyncpg.Connection
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="not there"):
        await owner.execute(
            "INSERT INTO ledger.entry VALUES (999, 998, 1, now(), NULL, 'x', 'CNY')"
        )


async def test_a_batch_that_is_wrong_in_one_row_writes_none(
    unchanged: Books, owner: asyncpg.Connection
) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="account_is_not_overdrawn"):
        await owner.execute(
            "INSERT INTO ledger.entry (id, debit, credit, amount, asset, at)"
            " SELECT i::text, d.number, c.number, 5000, 'CNY', now()"
            " FROM generate_series(1, 2) i, ledger.account d, ledger.account c"
            " WHERE d.key = $1 AND c.key = $2",
            A,
            MER,
        )


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (("x", A, MER, 9_841, "CNY"), "account_is_not_overdrawn"),
        (("x", A, MER, 0, "CNY"), "amount"),
        (("x", A, MER, -1, "CNY"), "amount"),
        (("x", A, A, 1, "CNY"), "hold_check"),
        (("x", A, USD, 1, "CNY"), "not of its asset"),
        (("x", A, MER, 1, "USD"), "not of its asset"),
        (("gone", A, MER, 1, "CNY"), "hold_pkey"),
    ],
)
async def test_no_hold_breaks_a_rule(
    unchanged: Books, owner: asyncpg.Connection, row: tuple[object, ...], constraint: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
        await owner.execute(HOLD, *row, NOW)
    async with unchanged.database.transaction() as tx:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
            await tx.execute(HOLD, *row, NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.hold SET state = 'POSTED', resolved_at = now() WHERE id = 'live'",
        "UPDATE ledger.hold SET state = 'VOIDED' WHERE id = 'live'",
        "UPDATE ledger.hold SET state = 'LOST', resolved_at = now() WHERE id = 'live'",
        "UPDATE ledger.hold SET resolved_at = now() WHERE id = 'live'",
        "UPDATE ledger.hold SET state = 'HELD', resolved_at = NULL WHERE id = 'gone'",
        "UPDATE ledger.hold SET state = 'EXPIRED' WHERE id = 'gone'",
        "UPDATE ledger.hold SET state = 'VOIDED' WHERE id = 'done'",
        "UPDATE ledger.hold SET amount = 1 WHERE id = 'live'",
        "UPDATE ledger.hold SET expires_at = expires_at + interval '1 day' WHERE id = 'live'",
        "DELETE FROM ledger.hold WHERE id = 'live'",
        "DELETE FROM ledger.hold WHERE id = 'gone'",
        "TRUNCATE ledger.hold",
        "INSERT INTO ledger.hold SELECT debit, credit, amount, at, expires_at, resolved_at, 'x',"
        " asset, state FROM ledger.hold WHERE id = 'done'",
        "UPDATE ledger.entry SET amount = 1",
        "UPDATE ledger.entry SET at = at - interval '1 day'",
        "DELETE FROM ledger.entry",
        "TRUNCATE ledger.entry",
        "UPDATE ledger.account SET credits_posted = credits_posted + 1",
        "UPDATE ledger.account SET debits_pending = 0",
        "UPDATE ledger.account SET overdraft = true",
        "UPDATE ledger.account SET normal = 'DEBIT'",
        "UPDATE ledger.account SET asset = 'USD'",
        "UPDATE ledger.account SET key = key || 'x'",
        "UPDATE ledger.account SET opened_at = now()",
        "UPDATE ledger.account SET closed_at = now() WHERE credits_posted > debits_posted",
        "DELETE FROM ledger.account",
        "TRUNCATE ledger.account",
        "INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at, credits_posted)"
        " VALUES ('rich', 'CNY', 'CREDIT', false, now(), 1)",
        "INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at)"
        " VALUES ('odd', 'cny', 'CREDIT', false, now())",
        "INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at)"
        " VALUES ('odd', 'CNY', 'LEFT', false, now())",
        "INSERT INTO ledger.account (key, asset, normal, overdraft, opened_at)"
        " SELECT key, 'CNY', 'CREDIT', true, now() FROM ledger.account",
    ],
)
async def test_nobody_rewrites_the_books(
    unchanged: Books, owner: asyncpg.Connection, statement: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(statement)
    async with unchanged.database.transaction() as tx:
        with pytest.raises(
            (asyncpg.IntegrityConstraintViolationError, asyncpg.InsufficientPrivilegeError)
        ):
            await tx.execute(statement)


async def test_the_application_has_no_right_to_the_counters(books: Books) -> None:
    for statement in (
        "UPDATE ledger.account SET debits_posted = debits_posted",
        "UPDATE ledger.entry SET amount = amount",
        "UPDATE ledger.hold SET amount = amount",
        "DELETE FROM ledger.hold",
    ):
        async with books.database.transaction() as tx:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await tx.execute(statement)


async def test_even_the_owners_rows_keep_the_counters_right(
    held: Books, owner: asyncpg.Connection
) -> None:
    await owner.execute(ENTRY, "x", BANK, A, 5, None, "CNY", NOW)
    await owner.execute(ENTRY, "live", A, MER, 40, 100, "CNY", NOW)
    await owner.execute(HOLD, "y", A, MER, 9, "CNY", NOW)
    await owner.execute("UPDATE ledger.hold SET state = 'EXPIRED', resolved_at = at WHERE id = 'y'")
    assert await held.counters(A, MER) == [(0, 100, 0, 10_005), (0, 0, 0, 100)]
    await held.check()


async def test_a_discrepancy_is_found(held: Books, owner: asyncpg.Connection) -> None:
    """Triggers switched off by the owner: what is left is to notice it."""
    await owner.execute(
        "ALTER TABLE ledger.account DISABLE TRIGGER account_counters_follow_entries"
    )
    await owner.execute("UPDATE ledger.account SET credits_posted = 7 WHERE key = $1", B)
    async with held.database.transaction() as tx:
        found = await find_discrepancies(tx)
        sums = (await trial_balance(tx))[0]
    assert [(d.counted.account.key, d.counted.posted, d.summed.posted) for d in found] == [
        (B, 7, 0)
    ]
    assert (sums.imbalance, sums.unexplained) == (7, 7)


async def test_a_missing_entry_is_found(held: Books, owner: asyncpg.Connection) -> None:
    await owner.execute("ALTER TABLE ledger.entry DISABLE TRIGGER entry_is_append_only")
    await owner.execute("DELETE FROM ledger.entry WHERE id = 'done'")
    async with held.database.transaction() as tx:
        found = await find_discrepancies(tx)
        sums = (await trial_balance(tx))[0]
        assert len(await find_discrepancies(tx, most=1)) == 1
    assert differences(found) == [(A, 9_940, 10_000), (MER, 60, 0)]
    assert (sums.imbalance, sums.unexplained) == (0, 120)


async def test_a_search_path_does_not_fool_the_books(books: Books, database: Database) -> None:
    """The trigger runs with the owner's rights: it must not pick up a caller's tables."""
    async with database.transaction() as tx:
        await tx.execute("CREATE TEMP TABLE account (LIKE ledger.account)")
        await tx.execute("SET LOCAL search_path = pg_temp, ledger")
        await tx.execute(ENTRY, "x", BANK, A, 5, None, "CNY", NOW)
        assert await tx.fetchval("SELECT count(*) FROM pg_temp.account") == 0
    assert await books.available(A) == [10_005]
    await books.check()
