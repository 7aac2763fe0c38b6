"""Writes of the log: appending leaves, and sealing them under a signed checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.evidence.checkpoint import Checkpoint, Head, sign_head, signed_by_any
from anfu.evidence.log import Leaf, leaf_bytes
from anfu.evidence.merkle import HASH
from anfu.evidence.proof import verify_consistency
from anfu.evidence.queries import find_tiles, latest_checkpoint, log_size, tile_consistency
from anfu.evidence.signer import Signer
from anfu.evidence.tiles import Edge, Tile, edge_places
from anfu.kernel.clock import aware
from anfu.kernel.errors import BrokenInvariant
from anfu.storage.transaction import Tx

# Any constant: it keeps two processes from sealing at once.
_SEALER = 0x616E66755EA1
# How much is sealed at most by one call, and read at most by one statement: a multiple of a tile.
SEAL_MOST = 1 << 16
_CHUNK = 1 << 12

_APPEND = """
WITH counter AS (
    UPDATE evidence.log SET size = size + cardinality($1::text[])
    RETURNING size - cardinality($1::text[]) AS first
), written AS (
    INSERT INTO evidence.leaf (index, subject, at, body)
    SELECT counter.first + given.n - 1, given.subject, given.at, given.body
    FROM counter, unnest($1::text[], $2::timestamptz[], $3::bytea[])
        WITH ORDINALITY AS given (subject, at, body, n)
)
SELECT first FROM counter
"""

# The leaves are hashed where they are, so that their bodies do not travel.
_LEAF_HASHES = r"""
SELECT count(*) AS count, string_agg(sha256('\x00'::bytea || body), ''::bytea ORDER BY index)
    AS hashes
FROM evidence.leaf WHERE index >= $1 AND index < $2
"""


async def append(tx: Tx, *, leaves: Sequence[Leaf]) -> int:
    """Write the leaves in order and return the index of the first; one statement.

    Holds the log until the transaction ends: the last thing a transaction does. Without leaves
    nothing is written or held, and the size of the log is returned. Raises ValueError for a leaf
    that `leaf_bytes` refuses.
    """
    if not leaves:
        return await log_size(tx)
    bodies = [leaf_bytes(leaf) for leaf in leaves]
    first = await tx.fetchval(
        _APPEND, [leaf.subject for leaf in leaves], [aware(leaf.at) for leaf in leaves], bodies
    )
    return int(first)


async def seal(
    tx: Tx, *, signer: Signer, now: datetime, most: int = SEAL_MOST
) -> Checkpoint | None:
    """Hash the leaves that came since the last checkpoint, at most `most`, and sign a new one.

    None when there are none or another process is sealing. Writers are not held up. Before it
    signs:
    1. the last checkpoint is signed by the signer or a former key of it
    2. the stored tiles give that checkpoint's root
    3. no leaf is missing
    4. the tree as stored is consistent with that checkpoint (RFC 9162, 2.1.4)
    Raises BrokenInvariant when one of these fails; nothing is written then.
    """
    if not await tx.fetchval("SELECT pg_try_advisory_xact_lock($1)", _SEALER):
        return None
    before = await latest_checkpoint(tx)
    edge = await _edge(tx, before, signer)
    size = await log_size(tx)
    if size < edge.size:
        raise BrokenInvariant(f"the log has {size} leaves, {edge.size} are sealed")
    end = min(size, edge.size + most)
    if end <= edge.size:
        return None
    await _grow(tx, edge, end)
    head = Head(signer.name, end, edge.root())
    await _check_growth(tx, before, head)
    return await _write_checkpoint(tx, head, signer=signer, now=now)


async def _edge(tx: Tx, before: Checkpoint | None, signer: Signer) -> Edge:
    if before is None:
        return Edge()
    if not signed_by_any(before.note, (signer.key, *signer.former)):  # 1
        raise BrokenInvariant(f"the checkpoint of size {before.size} is not signed by this log")
    edge = Edge(before.size, await find_tiles(tx, edge_places(before.size)))
    if edge.root() != before.root:  # 2
        raise BrokenInvariant(f"the tiles do not give the root of size {before.size}")
    return edge


async def _grow(tx: Tx, edge: Edge, end: int) -> None:
    """Tiles are written as they become full, so that memory does not grow with the log."""
    while edge.size < end:
        start = edge.size
        stop = min(end, start - start % _CHUNK + _CHUNK)
        row = await tx.fetchrow(_LEAF_HASHES, start, stop)
        if row["count"] != stop - start:  # 3
            raise BrokenInvariant(f"a leaf from {start} to {stop - 1} is missing")
        assert len(row["hashes"]) == (stop - start) * HASH
        await _write_tiles(tx, edge.grow(row["hashes"]))
    await _write_tiles(tx, edge.partial())


async def _write_tiles(tx: Tx, tiles: Sequence[Tile]) -> None:
    if tiles:
        await tx.execute(
            """INSERT INTO evidence.tile (level, index, hashes)
            SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
            ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes""",
            [tile.level for tile in tiles],
            [tile.index for tile in tiles],
            [tile.hashes for tile in tiles],
        )


async def _check_growth(tx: Tx, before: Checkpoint | None, head: Head) -> None:
    if before is None:
        return
    proof = await tile_consistency(tx, before.size, head.size)
    if not verify_consistency(proof, before.root, head.root):  # 4
        raise BrokenInvariant(f"the log of {head.size} does not continue that of {before.size}")


async def _write_checkpoint(tx: Tx, head: Head, *, signer: Signer, now: datetime) -> Checkpoint:
    made = Checkpoint(head, aware(now), str(signer.key), sign_head(head, signer))
    await tx.execute(
        "INSERT INTO evidence.checkpoint (size, at, key, note) VALUES ($1, $2, $3, $4)",
        made.size,
        made.at,
        made.key,
        made.note,
    )
    return made
