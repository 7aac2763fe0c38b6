"""Appending, sealing and proving on a real server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from anfu.evidence import queries
from anfu.evidence.audit import audit
from anfu.evidence.bundle import verify_bundle
from anfu.evidence.checkpoint import Checkpoint, signed_by
from anfu.evidence.log import Leaf, leaf_bytes
from anfu.evidence.merkle import leaf_hash
from anfu.evidence.operations import append, seal
from anfu.evidence.proof import verify_consistency
from anfu.evidence.signer import Signer, load_signer
from anfu.evidence.tiles import Edge
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SIGNER = load_signer("pay.example/anfu", bytes(range(32)))


def some(count: int, start: int = 0) -> list[Leaf]:
    return [
        Leaf("payment.decided", f"pay_{number % 7}", NOW, {"amount": number, "说明": "午餐"})
        for number in range(start, start + count)
    ]


async def write(database: Database, count: int, start: int = 0) -> int:
    async with database.transaction() as tx:
        return await append(tx, leaves=some(count, start))


async def sealed(
    database: Database, *, signer: Signer = SIGNER, most: int = 1 << 16
) -> Checkpoint | None:
    async with database.transaction() as tx:
        return await seal(tx, signer=signer, now=NOW, most=most)


async def test_what_is_appended_is_found_by_index_and_by_subject(database: Database) -> None:
    assert await write(database, 10) == 0
    assert await write(database, 5, 10) == 10
    async with database.transaction(readonly=True) as tx:
        assert await queries.log_size(tx) == 15
        leaf = await queries.get_leaf(tx, 3)
        assert (leaf.index, leaf.subject, leaf.at) == (3, "pay_3", NOW)
        assert leaf.body == leaf_bytes(some(1, 3)[0])
        assert [leaf.index for leaf in await queries.find_leaves(tx, "pay_0")] == [0, 7, 14]
        page = await queries.find_leaves(tx, "pay_0", after=0, most=1)
        assert [leaf.index for leaf in page] == [7]
        assert await queries.find_leaves(tx, "pay_x") == []
        for index in (-1, 15, 1 << 70):
            with pytest.raises(Refused, match="leaf_not_found"):
                await queries.get_leaf(tx, index)


async def test_no_leaves_take_no_index_and_no_lock(database: Database) -> None:
    await write(database, 2)
    async with database.transaction() as one, database.transaction() as two:
        assert await append(one, leaves=some(1)) == 2
        assert await append(two, leaves=[]) == 2
    assert await write(database, 1) == 3


async def test_a_leaf_without_canonical_form_writes_nothing(database: Database) -> None:
    bad = [
        Leaf("payment.decided", "pay_1", NOW, {"amount": float("nan")}),
        Leaf("payment.decided", "pay_1", NOW, {"amount": 1 << 60}),
        Leaf("payment.decided", "pay_1", NOW.replace(tzinfo=None), {}),
        Leaf("", "pay_1", NOW, {}),
        Leaf("payment.decided", "", NOW, {}),
    ]
    for leaf in bad:
        async with database.transaction() as tx:
            with pytest.raises(ValueError, match=r"canonical|zone|names"):
                await append(tx, leaves=[*some(1), leaf])
            assert await queries.log_size(tx) == 0
            assert await queries.list_leaves(tx, start=0, end=9) == []


async def test_twenty_parallel_writers_leave_no_gap(database: Database) -> None:
    async def writer(number: int) -> None:
        for step in range(5):
            try:
                async with database.transaction() as tx:
                    await append(tx, leaves=some(3, number * 100 + step))
                    if (number + step) % 4 == 0:
                        raise Refused("given_up")
            except Refused:
                pass

    async def sealer() -> None:
        for _ in range(10):
            await sealed(database)
            await asyncio.sleep(0.005)

    await asyncio.gather(sealer(), *(writer(number) for number in range(20)))
    await sealed(database)
    async with database.transaction(readonly=True) as tx:
        leaves = await queries.list_leaves(tx, start=0, end=1000)
        assert [leaf.index for leaf in leaves] == list(range(225))
        report = await audit(tx, keys=[SIGNER.key])
    assert report.good
    assert report.leaves == 225


async def test_the_audit_is_not_disturbed_by_writers_and_the_sealer(database: Database) -> None:
    await write(database, 5000)
    await sealed(database)

    async def work() -> None:
        for _ in range(20):
            await write(database, 50)
            await sealed(database)

    async def audits() -> list[bool]:
        async with database.transaction(readonly=True) as tx:
            return [(await audit(tx, keys=[SIGNER.key])).good for _ in range(3)]

    good, _ = await asyncio.gather(audits(), work())
    assert good == [True, True, True]
    async with database.transaction(readonly=True) as tx:
        report = await audit(tx, keys=[SIGNER.key])
    assert (report.good, report.leaves, report.checkpoints) == (True, 6000, 21)


async def test_a_rolled_back_leaf_gives_its_index_to_the_next(database: Database) -> None:
    with pytest.raises(Refused):
        async with database.transaction() as tx:
            assert await append(tx, leaves=some(4)) == 0
            raise Refused("given_up")
    assert await write(database, 1) == 0


async def test_checkpoints_grow_and_every_pair_is_consistent(database: Database) -> None:
    assert await sealed(database) is None
    sizes, made = [1, 2, 255, 256, 257, 600, 4096, 4100], []
    for before, size in zip([0, *sizes], sizes, strict=False):
        await write(database, size - before, before)
        checkpoint = await sealed(database)
        assert checkpoint is not None
        assert checkpoint.size == size
        assert signed_by(checkpoint.note, SIGNER.key)
        made.append(checkpoint)
    assert await sealed(database) is None
    edge = Edge()
    async with database.transaction(readonly=True) as tx:
        leaves = await queries.list_leaves(tx, start=0, end=5000)
        for checkpoint in made:
            for leaf in leaves[edge.size : checkpoint.size]:
                edge.grow(leaf_hash(leaf.body))
            assert edge.root() == checkpoint.root
        for one in made:
            for two in made:
                if one.size <= two.size:
                    proof = await queries.consistency(tx, one.size, two.size)
                    assert verify_consistency(proof, one.root, two.root)
        assert await queries.list_checkpoints(tx, most=3) == made[:-4:-1]
        assert await queries.list_checkpoints(tx, before=256) == [made[2], made[1], made[0]]
        assert await queries.latest_checkpoint(tx) == made[-1]
        for first, second in ((0, 5), (6, 5), (5, 4101)):
            with pytest.raises(Refused, match="size_out_of_range"):
                await queries.consistency(tx, first, second)


async def test_one_call_seals_at_most_what_it_is_told(database: Database) -> None:
    await write(database, 700)
    sizes = []
    while checkpoint := await sealed(database, most=300):
        sizes.append(checkpoint.size)
    assert sizes == [300, 600, 700]


async def test_only_one_seals_at_a_time_and_writers_go_on(database: Database) -> None:
    await write(database, 3)
    async with database.transaction() as tx:
        assert await seal(tx, signer=SIGNER, now=NOW) is not None
        assert await write(database, 2, 3) == 3
        assert await sealed(database) is None
    checkpoint = await sealed(database)
    assert checkpoint is not None
    assert checkpoint.size == 5


async def test_every_leaf_has_a_bundle_that_verifies_offline(database: Database) -> None:
    await write(database, 300)
    await sealed(database)
    await write(database, 300, 300)
    await sealed(database)
    await write(database, 1, 600)
    vkey = str(SIGNER.key)
    async with database.transaction(readonly=True) as tx:
        for index in (*range(0, 600, 23), 255, 256, 299, 300, 599):
            verdict = verify_bundle(await queries.inclusion_bundle(tx, index), vkey)
            assert verdict.valid
            assert (verdict.index, verdict.size) == (index, 600)
            assert verdict.leaf == some(1, index)[0]
        older = verify_bundle(await queries.inclusion_bundle(tx, 7, size=300), vkey)
        assert (older.valid, older.size) == (True, 300)
        for index, size, code in (
            (600, None, "leaf_not_sealed"),
            (601, None, "leaf_not_found"),
            (400, 300, "leaf_not_sealed"),
            (4, 299, "checkpoint_not_found"),
        ):
            with pytest.raises(Refused, match=code):
                await queries.inclusion_bundle(tx, index, size=size)


async def test_tiles_are_served_at_every_width_once_there(database: Database) -> None:
    await write(database, 260)
    await sealed(database)
    async with database.transaction(readonly=True) as tx:
        hashes = [leaf_hash(leaf_bytes(leaf)) for leaf in some(260)]
        assert await queries.get_tile(tx, 0, 0, width=256) == b"".join(hashes[:256])
        assert await queries.get_tile(tx, 0, 0, width=9) == b"".join(hashes[:9])
        assert await queries.get_tile(tx, 0, 1, width=4) == b"".join(hashes[256:])
        assert len(await queries.get_tile(tx, 1, 0, width=1)) == 32
        for place, width in (((0, 1), 5), ((0, 2), 1), ((1, 0), 2), ((9, 0), 1), ((0, 0), 0)):
            with pytest.raises(Refused, match="tile_not_found"):
                await queries.get_tile(tx, *place, width=width)


async def test_a_new_key_continues_the_log_of_the_former(database: Database) -> None:
    await write(database, 3)
    await sealed(database)
    await write(database, 3, 3)
    secret = bytes(range(1, 33))
    with pytest.raises(BrokenInvariant, match="not signed"):
        await sealed(database, signer=load_signer(SIGNER.name, secret))
    newer = load_signer(SIGNER.name, secret, former=(SIGNER.key,))
    assert await sealed(database, signer=newer) is not None
    async with database.transaction(readonly=True) as tx:
        assert (await audit(tx, keys=[newer.key, *newer.former])).good
        report = await audit(tx, keys=[newer.key])
        assert [fault.code for fault in report.faults] == ["checkpoint_not_signed"]
        bundle = await queries.inclusion_bundle(tx, 0)
    assert verify_bundle(bundle, str(newer.key)).valid
    assert verify_bundle(bundle, str(SIGNER.key)).failed == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence.leaf SET at = at",
        "DELETE FROM evidence.leaf",
        "TRUNCATE evidence.leaf",
        "DELETE FROM evidence.tile",
        "UPDATE evidence.tile SET index = 5",
        "UPDATE evidence.checkpoint SET at = at",
        "DELETE FROM evidence.checkpoint",
        "DELETE FROM evidence.log",
        "INSERT INTO evidence.log (size) VALUES (1)",
    ],
)
async def test_the_application_has_no_right_to_change_the_past(
    database: Database, statement: str
) -> None:
    await write(database, 3)
    await sealed(database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence.leaf SET subject = 'pay_9' WHERE index = 1",
        "DELETE FROM evidence.leaf WHERE index = 1",
        "TRUNCATE evidence.leaf",
        "UPDATE evidence.tile SET hashes = substring(hashes FOR 32)",
        "UPDATE evidence.tile SET hashes = sha256('x')",
        "DELETE FROM evidence.tile",
        "TRUNCATE evidence.tile",
        "UPDATE evidence.checkpoint SET note = 'x'",
        "DELETE FROM evidence.checkpoint",
        "TRUNCATE evidence.checkpoint",
        "INSERT INTO evidence.checkpoint VALUES (2, now(), 'k', 'n')",
        "INSERT INTO evidence.checkpoint VALUES (3, now(), 'k', 'n')",
    ],
)
async def test_even_the_owner_is_refused_by_the_triggers(
    database: Database, owner: asyncpg.Connection, statement: str
) -> None:
    await write(database, 3)
    await sealed(database)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(statement)
    async with database.transaction(readonly=True) as tx:
        assert (await audit(tx, keys=[SIGNER.key])).good


async def test_sealing_keeps_the_time_it_is_told(database: Database) -> None:
    await write(database, 1)
    async with database.transaction() as tx:
        made = await seal(tx, signer=SIGNER, now=NOW + timedelta(seconds=5))
    async with database.transaction(readonly=True) as tx:
        found = await queries.get_checkpoint(tx, 1)
        assert found == made
        assert found.at == NOW + timedelta(seconds=5)
        with pytest.raises(Refused, match="checkpoint_not_found"):
            await queries.get_checkpoint(tx, 2)
