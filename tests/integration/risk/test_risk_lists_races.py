"""Lists under races: changes come into force one by one, and every process has the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.ids import SeededEntropy
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.lists import queries
from anfu.risk.lists.amend import Amendment, apply, put_forward
from anfu.risk.lists.change import Item
from anfu.risk.lists.follow import ListFollower, load
from anfu.risk.lists.matching import Book
from anfu.risk.operations import publish
from anfu.risk.profiles import Profiles
from anfu.risk.proposals.operations import decide
from anfu.risk.proposals.proposal import State
from anfu.risk.rules import default_rule_set
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NAME = "fraud_devices"
ENTROPY = SeededEntropy(3)


def blind(_kind: str, value: str) -> bytes:
    return value.encode()


async def follower(database: Database) -> ListFollower:
    """What another process would have."""
    book = Book(blind)
    await load(database, book)
    engine = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE), lists=book)

    async def prepare(tx: Tx) -> None:
        await publish(tx, catalogue=CATALOGUE, rule_set=engine.rule_set)

    await database.run(prepare)
    return ListFollower(database, engine, book)


def order(*values: str, author: str = "key_1", added: bool = True) -> Amendment:
    items = [Item(value, "s", "r", None, added=added) for value in values]
    return Amendment(NAME, lambda _: [items], "why", author)


async def put(database: Database, *values: str, author: str = "key_1", added: bool = True) -> None:
    async def work(tx: Tx) -> None:
        await put_forward(
            tx, order(*values, author=author, added=added), entropy=ENTROPY, now=NOW,
            alone=lambda _: True,
        )  # fmt: skip

    await database.run(work)


def seen(device: str) -> Event:
    return Event("e", "a", "b", 1, "CNY", "card", None, NOW, Environment(device))


async def test_of_many_at_once_every_follower_ends_with_the_same(database: Database) -> None:
    first, second = await follower(database), await follower(database)
    stop = asyncio.Event()

    async def keep_following() -> None:
        while not stop.is_set():
            await first.turn()

    following = asyncio.create_task(keep_following())
    await asyncio.gather(
        *(put(database, f"dev_{n % 7}", author=f"key_{n}", added=n % 3 > 0) for n in range(40))
    )
    stop.set()
    await following
    await asyncio.gather(*(f.turn() for f in (first, second, first, second)))
    late = await follower(database)
    met = [[f.book.hits(seen(f"dev_{n}")) for n in range(7)] for f in (first, second, late)]
    assert met[0] == met[1] == met[2]
    async with database.transaction(readonly=True) as tx:
        version = await queries.get_version(tx)
        assert [r.version for r in await queries.list_releases(tx, 0)] == [*range(1, version + 1)]
        assert await queries.count_entries(tx, NAME) == first.book.counts()[NAME]
    assert first.book.version == second.book.version == late.book.version == version


async def test_what_is_not_committed_is_followed_by_nobody(database: Database) -> None:
    watching = await follower(database)
    async with database.transaction() as tx:
        await put_forward(tx, order("dev_x"), entropy=ENTROPY, now=NOW, alone=lambda _: True)
        assert await watching.turn() == 0
    assert await watching.turn() == 1
    assert watching.book.hits(seen("dev_x")) == f"{NAME}:device"


async def test_a_change_that_was_altered_after_it_was_proposed_never_comes_into_force(
    database: Database, owner: asyncpg.Connection
) -> None:
    async with database.transaction() as tx:
        amended = await put_forward(
            tx, order("dev_x"), entropy=ENTROPY, now=NOW, alone=lambda _: False
        )
    assert amended.proposal is not None
    assert amended.change is not None
    await owner.execute("ALTER TABLE risk.list_item DISABLE TRIGGER USER")
    await owner.execute("UPDATE risk.list_item SET value = 'dev_honest'")
    with pytest.raises(BrokenInvariant):
        async with database.transaction() as tx:
            proposal = await decide(
                tx, proposal=amended.proposal.id, state=State.APPROVED, by="key_2", now=NOW
            )
            await apply(tx, proposal, now=NOW)
    async with database.transaction(readonly=True) as tx:
        assert await queries.get_version(tx) == 0


@pytest.mark.parametrize("table", ["list_change", "list_item", "list_release"])
async def test_the_history_of_lists_cannot_be_rewritten(
    database: Database, owner: asyncpg.Connection, table: str
) -> None:
    await put(database, "dev_x")
    for command in (f"DELETE FROM risk.{table}", f"UPDATE risk.{table} SET change = 'x'"):
        with pytest.raises(asyncpg.PostgresError):
            await owner.execute(command)
        with pytest.raises(asyncpg.PostgresError):
            async with database.transaction() as tx:
                await tx.execute(command)
