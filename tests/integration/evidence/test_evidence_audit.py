"""What someone with the owner's rights does to the log, and how the audit and the sealer see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from anfu.evidence.audit import FAULTS, Report, audit
from anfu.evidence.checkpoint import Head, sign_head
from anfu.evidence.log import Leaf, leaf_bytes
from anfu.evidence.merkle import leaf_hash
from anfu.evidence.operations import append, seal
from anfu.evidence.signer import load_signer
from anfu.kernel.errors import BrokenInvariant
from anfu.storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SIGNER = load_signer("pay.example/anfu", bytes(range(32)))
STRANGER = load_signer("pay.example/anfu", bytes(range(1, 33)))
SEALED = (1000, 3000, 3003)
UNSEALED = 3010


def leaf(number: int, amount: int | None = None) -> Leaf:
    return Leaf("payment.decided", f"pay_{number}", NOW, {"amount": amount or number})


def forged(number: int) -> bytes:
    return leaf_bytes(leaf(number, 999_999))


@pytest.fixture
async def log(database: Database) -> AsyncIterator[Database]:
    """3,010 leaves, of which 3,003 are sealed by three checkpoints."""
    size = 0
    for end in SEALED:
        async with database.transaction() as tx:
            await append(tx, leaves=[leaf(number) for number in range(size, end)])
            made = await seal(tx, signer=SIGNER, now=NOW)
        assert made is not None
        size = made.size
    async with database.transaction() as tx:
        await append(tx, leaves=[leaf(number) for number in range(size, UNSEALED)])
    yield database


@pytest.fixture
async def attacker(owner: asyncpg.Connection) -> asyncpg.Connection:
    await owner.execute("SET session_replication_role = replica")
    return owner


async def audited(database: Database) -> Report:
    async with database.transaction(readonly=True) as tx:
        return await audit(tx, keys=[SIGNER.key])


async def codes(database: Database) -> list[tuple[str, int | None, int | None]]:
    return [(f.code, f.first, f.last) for f in (await audited(database)).faults]


async def sealing_breaks(database: Database, match: str) -> None:
    before = await audited(database)
    async with database.transaction() as tx:
        counted = await tx.fetchval("SELECT count(*) FROM evidence.checkpoint")
    with pytest.raises(BrokenInvariant, match=match):
        async with database.transaction() as tx:
            await seal(tx, signer=SIGNER, now=NOW)
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM evidence.checkpoint") == counted
    assert await audited(database) == before


async def test_an_untouched_log_is_good_and_progress_is_told(log: Database) -> None:
    told: list[tuple[int, int]] = []
    async with log.transaction(readonly=True) as tx:
        report = await audit(tx, keys=[SIGNER.key], progress=lambda *now: told.append(now))
    assert (report.good, report.leaves, report.checkpoints) == (True, 3010, 3)
    assert told == [(2048, 3010), (3010, 3010)]


async def test_an_empty_log_is_good(database: Database) -> None:
    assert await audited(database) == Report(0, 0, ())


@pytest.mark.parametrize("index", [0, 255, 256, 999, 1000, 2047, 2048, 3002])
async def test_a_changed_leaf(log: Database, attacker: asyncpg.Connection, index: int) -> None:
    await attacker.execute(
        "UPDATE evidence.leaf SET body = $2 WHERE index = $1", index, forged(index)
    )
    report = await audited(log)
    (fault,) = report.faults
    assert (fault.code, fault.first) == ("leaf_changed", index)
    assert fault.reason_en == f"Leaf {index} is not the one that was sealed."
    assert fault.reason_zh == f"第 {index} 条记录与封存时不一致。"


async def test_two_leaves_exchanged(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute(
        """UPDATE evidence.leaf SET (subject, body) = (SELECT subject, body FROM evidence.leaf o
        WHERE o.index = 41 - leaf.index) WHERE index IN (20, 21)"""
    )
    assert await codes(log) == [("leaf_changed", 20, 20)]


@pytest.mark.parametrize("index", [0, 1, 2048, 3002, 3003, 3009])
async def test_a_removed_leaf(log: Database, attacker: asyncpg.Connection, index: int) -> None:
    await attacker.execute("DELETE FROM evidence.leaf WHERE index = $1", index)
    assert await codes(log) == [("leaf_missing", index, index)]
    if index >= 3003:
        await sealing_breaks(log, "missing")


async def test_a_leaf_removed_and_the_rest_moved_up(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute("DELETE FROM evidence.leaf WHERE index = 500")
    await attacker.execute("UPDATE evidence.leaf SET index = index + 1000000 WHERE index > 500")
    await attacker.execute("UPDATE evidence.leaf SET index = index - 1000001 WHERE index > 1000000")
    await attacker.execute("UPDATE evidence.log SET size = 3009")
    assert await codes(log) == [("leaf_changed", 500, 500)]


async def test_a_leaf_inserted_in_the_middle(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute("UPDATE evidence.leaf SET index = index + 1000000 WHERE index >= 500")
    await attacker.execute("UPDATE evidence.leaf SET index = index - 999999 WHERE index > 999999")
    await attacker.execute(
        "INSERT INTO evidence.leaf VALUES (500, 'pay_x', $1, $2)", NOW, forged(1)
    )
    await attacker.execute("UPDATE evidence.log SET size = 3011")
    assert await codes(log) == [("leaf_changed", 500, 500)]


async def test_a_leaf_inserted_past_the_counter(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute(
        "INSERT INTO evidence.leaf VALUES (3015, 'pay_x', $1, $2)", NOW, forged(1)
    )
    assert await codes(log) == [("leaf_beyond_counter", 3015, 3015)]


async def test_the_counter_moved(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute("UPDATE evidence.log SET size = 3012")
    assert await codes(log) == [("leaf_missing", 3010, 3010)]
    await sealing_breaks(log, "missing")
    await attacker.execute("UPDATE evidence.log SET size = 3005")
    assert await codes(log) == [("leaf_beyond_counter", 3005, 3005)]
    await attacker.execute("UPDATE evidence.log SET size = 2000")
    assert await codes(log) == [
        ("leaf_beyond_counter", 2000, 2000),
        ("checkpoint_beyond_log", None, None),
    ]
    await sealing_breaks(log, "3003 are sealed")


async def test_the_columns_beside_a_leaf(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute("UPDATE evidence.leaf SET subject = 'pay_x' WHERE index = 77")
    assert await codes(log) == [("leaf_columns_differ", 77, 77)]
    await attacker.execute("UPDATE evidence.leaf SET subject = 'pay_77' WHERE index = 77")
    await attacker.execute(
        "UPDATE evidence.leaf SET at = at + interval '1 microsecond' WHERE index = 3009"
    )
    assert await codes(log) == [("leaf_columns_differ", 3009, 3009)]


async def test_an_unsealed_leaf_that_is_no_canonical_document(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute("UPDATE evidence.leaf SET body = body || ' '::bytea WHERE index = 3005")
    assert await codes(log) == [("leaf_not_canonical", 3005, 3005)]


async def overlay(attacker: asyncpg.Connection, number: int, found: bytes) -> None:
    """Write a hash into its level-0 tile."""
    await attacker.execute(
        """UPDATE evidence.tile SET hashes = overlay(hashes PLACING $3 FROM $2 FOR 32)
        WHERE level = 0 AND index = $1""",
        number // 256,
        number % 256 * 32 + 1,
        found,
    )


async def test_a_changed_tile_is_told_from_a_changed_leaf(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await overlay(attacker, 700, b"\x07" * 32)
    assert await codes(log) == [("tile_changed", 700, 700)]


async def test_a_leaf_changed_with_its_tile(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute("UPDATE evidence.leaf SET body = $1 WHERE index = 1500", forged(1500))
    await overlay(attacker, 1500, leaf_hash(forged(1500)))
    assert await codes(log) == [("leaves_changed", 1280, 1535)]
    await attacker.execute("UPDATE evidence.leaf SET body = $1 WHERE index = 3001", forged(3001))
    await overlay(attacker, 3001, leaf_hash(forged(3001)))
    assert (await codes(log))[0] == ("leaves_changed", 1280, 1535)


async def test_a_leaf_changed_with_its_tile_near_the_edge(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute("UPDATE evidence.leaf SET body = $1 WHERE index = 3001", forged(3001))
    await overlay(attacker, 3001, leaf_hash(forged(3001)))
    assert await codes(log) == [("leaves_changed", 3000, 3002)]
    await sealing_breaks(log, "do not give the root")


async def test_a_changed_tile_above_the_leaves(log: Database, attacker: asyncpg.Connection) -> None:
    await attacker.execute(
        """UPDATE evidence.tile SET hashes = overlay(hashes PLACING sha256('x') FROM 65 FOR 32)
        WHERE level = 1"""
    )
    assert await codes(log) == [("tile_changed", 512, 767)]
    await sealing_breaks(log, "do not give the root")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM evidence.tile WHERE level = 0 AND index = 3",
        "DELETE FROM evidence.tile WHERE level = 1",
        "INSERT INTO evidence.tile VALUES (0, 12, sha256('x'))",
        "INSERT INTO evidence.tile VALUES (2, 0, sha256('x'))",
        "UPDATE evidence.tile SET hashes = substring(hashes FOR 32) WHERE level = 0 AND index = 5",
        "DELETE FROM evidence.checkpoint WHERE size = 3003",
    ],
)
async def test_tiles_and_checkpoints_removed_or_added(
    log: Database, attacker: asyncpg.Connection, statement: str
) -> None:
    await attacker.execute(statement)
    assert await codes(log) == [("tiles_do_not_fit", None, None)]


async def test_the_last_checkpoint_rolled_back_is_not_signed_over(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute("DELETE FROM evidence.checkpoint WHERE size = 3003")
    await sealing_breaks(log, "not that of size 3000")


async def test_a_checkpoint_replaced_by_a_strangers(
    log: Database, attacker: asyncpg.Connection
) -> None:
    note = sign_head(Head(SIGNER.name, 3003, b"\x01" * 32), STRANGER)
    await attacker.execute("UPDATE evidence.checkpoint SET note = $1 WHERE size = 3003", note)
    assert await codes(log) == [("checkpoint_not_signed", None, None)]
    await sealing_breaks(log, "not signed by this log")


async def test_a_checkpoint_of_another_size_or_none_at_all(
    log: Database, attacker: asyncpg.Connection
) -> None:
    await attacker.execute(
        """UPDATE evidence.checkpoint SET note = (SELECT note FROM evidence.checkpoint
        WHERE size = 1000) WHERE size = 3003"""
    )
    assert await codes(log) == [("checkpoint_unreadable", None, None)]
    await sealing_breaks(log, "says 1000")
    await attacker.execute("UPDATE evidence.checkpoint SET note = 'x' WHERE size = 3003")
    assert await codes(log) == [("checkpoint_unreadable", None, None)]
    await sealing_breaks(log, "cannot be read")


async def test_a_root_signed_by_the_key_itself_over_other_leaves(
    log: Database, attacker: asyncpg.Connection
) -> None:
    note = sign_head(Head(SIGNER.name, 3000, b"\x01" * 32), SIGNER)
    await attacker.execute("UPDATE evidence.checkpoint SET note = $1 WHERE size = 3000", note)
    assert await codes(log) == [("leaves_changed", 1000, 2999)]


def test_every_fault_is_said_in_two_languages() -> None:
    for english, chinese in FAULTS.values():
        assert english.isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
