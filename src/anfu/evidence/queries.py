"""Reads of the log: leaves, checkpoints, tiles and proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.evidence.bundle import make_bundle
from anfu.evidence.checkpoint import Checkpoint, read_head
from anfu.evidence.log import LoggedLeaf
from anfu.evidence.merkle import HASH
from anfu.evidence.proof import (
    ConsistencyProof,
    InclusionProof,
    Range,
    consistency_ranges,
    inclusion_ranges,
)
from anfu.evidence.tiles import Place, range_hash, range_places
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.storage.transaction import Tx

_LEAF = "SELECT index, subject, at, body FROM evidence.leaf"
_CHECKPOINT = "SELECT size, at, key, note FROM evidence.checkpoint"


async def get_leaf(tx: Tx, index: int) -> LoggedLeaf:
    """Raises Refused("leaf_not_found")."""
    row = await tx.fetchrow(f"{_LEAF} WHERE index = $1", index) if 0 <= index < 1 << 63 else None
    if row is None:
        raise Refused("leaf_not_found", field="index", index=index)
    return LoggedLeaf(*row)


async def find_leaves(
    tx: Tx, subject: str, *, after: int = -1, most: int = 100
) -> list[LoggedLeaf]:
    """What is known of `subject`, oldest first; the next page is `after` the last index."""
    rows = await tx.fetch(
        f"{_LEAF} WHERE subject = $1 AND index > $2 ORDER BY index LIMIT $3", subject, after, most
    )
    return [LoggedLeaf(*row) for row in rows]


async def list_leaves(tx: Tx, *, start: int, end: int) -> list[LoggedLeaf]:
    """The leaves with an index in `[start, end)`, in order."""
    rows = await tx.fetch(f"{_LEAF} WHERE index >= $1 AND index < $2 ORDER BY index", start, end)
    return [LoggedLeaf(*row) for row in rows]


async def leaves_of(tx: Tx, subjects: Sequence[str]) -> list[LoggedLeaf]:
    """Everything that is known of `subjects`, oldest first."""
    rows = await tx.fetch(f"{_LEAF} WHERE subject = ANY($1::text[]) ORDER BY index", list(subjects))
    return [LoggedLeaf(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Acts:
    """Which leaves of people's acts: at most `most` of these `kinds`, with an index below `before`;
    of one `subject`, by one `person`, from `since` to before `until`; None narrows nothing."""

    kinds: Sequence[str]
    most: int
    before: int | None = None
    subject: str | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None


# Who acted last, by whichever name a leaf has him; an emergency is its leaf's own subject.
_PERSON = """coalesce(b->>'decided_by', b->>'approved_by', b->>'confirmed_by', b->>'second_by',
    b->>'done_by', b->>'by', b->>'first_by', b->>'author', b->>'proposed_by', b->>'declared_by',
    b->>'requested_by', b->>'staff', CASE doc->>'kind' WHEN 'emergency_act' THEN subject END)"""
_ACTS = f"""
SELECT index, subject, at, body FROM evidence.leaf
 CROSS JOIN LATERAL (SELECT convert_from(body, 'UTF8')::jsonb) d (doc)
 CROSS JOIN LATERAL (SELECT doc->'body') e (b)
 WHERE left(subject, 4) <> ALL ('{{pay_,rfd_,dec_,dep_,beh_,dss_}}'::text[])
   AND doc->>'kind' = ANY($1::text[]) AND {_PERSON} IS NOT NULL
   AND ($2::bigint IS NULL OR index < $2) AND ($3::text IS NULL OR subject = $3)
   AND ($4::text IS NULL OR {_PERSON} = $4)
   AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
 ORDER BY index DESC LIMIT $7
"""


async def list_acts(tx: Tx, acts: Acts) -> list[LoggedLeaf]:
    """Leaves that name a person, the newest first."""
    rows = await tx.fetch(
        _ACTS, list(acts.kinds), acts.before, acts.subject, acts.person, acts.since, acts.until,
        acts.most,
    )  # fmt: skip
    return [LoggedLeaf(*row) for row in rows]


async def subjects_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The next `most` subjects in the order of their names: a walk through all of them."""
    rows = await tx.fetch(
        "SELECT DISTINCT subject FROM evidence.leaf WHERE subject > $1 ORDER BY subject LIMIT $2",
        after,
        most,
    )
    return [row[0] for row in rows]


async def unsealed(tx: Tx) -> tuple[int, datetime | None]:
    """How many leaves wait to be sealed, and the time of the oldest of them."""
    row = await tx.fetchrow(
        """SELECT size - sealed AS waiting,
            (SELECT at FROM evidence.leaf WHERE index = sealed) AS since
        FROM evidence.log, (SELECT coalesce(max(size), 0) FROM evidence.checkpoint) AS c (sealed)"""
    )
    return row["waiting"], row["since"]


async def log_size(tx: Tx) -> int:
    """How many leaves the log has, sealed or not."""
    return int(await tx.fetchval("SELECT size FROM evidence.log"))


async def kinds_since(tx: Tx, index: int) -> list[str]:
    """The kinds of the leaves from `index` on."""
    rows = await tx.fetch(
        "SELECT DISTINCT convert_from(body, 'UTF8')::jsonb ->> 'kind' AS kind"
        " FROM evidence.leaf WHERE index >= $1",
        index,
    )
    return [row["kind"] for row in rows]


async def latest_checkpoint(tx: Tx) -> Checkpoint | None:
    """None before the first one. Raises BrokenInvariant when it is not what was written."""
    rows = await tx.fetch(f"{_CHECKPOINT} ORDER BY size DESC LIMIT 1")
    return _checkpoint(rows[0]) if rows else None


async def get_checkpoint(tx: Tx, size: int) -> Checkpoint:
    """Raises Refused("checkpoint_not_found")."""
    row = await tx.fetchrow(f"{_CHECKPOINT} WHERE size = $1", size) if 0 < size < 1 << 63 else None
    if row is None:
        raise Refused("checkpoint_not_found", field="size", size=size)
    return _checkpoint(row)


async def list_checkpoints(
    tx: Tx, *, before: int | None = None, most: int = 50
) -> list[Checkpoint]:
    """Newest first; the next page is `before` the last size."""
    rows = await tx.fetch(
        f"{_CHECKPOINT} WHERE $1::bigint IS NULL OR size < $1 ORDER BY size DESC LIMIT $2",
        before,
        most,
    )
    return [_checkpoint(row) for row in rows]


async def checkpoint_rows(tx: Tx, *, after: int, most: int) -> Sequence[Any]:
    """(size, at, key, note) as stored, smallest first: for who must not trust them."""
    return await tx.fetch(f"{_CHECKPOINT} WHERE size > $1 ORDER BY size LIMIT $2", after, most)


async def inclusion_bundle(tx: Tx, index: int, *, size: int | None = None) -> bytes:
    """The bundle (`bundle.verify_bundle`) for a leaf, against the checkpoint of `size`, else the
    latest.

    Raises Refused: "leaf_not_found"; "leaf_not_sealed" when no such checkpoint covers it yet;
    "checkpoint_not_found".
    """
    leaf = await get_leaf(tx, index)
    checkpoint = await latest_checkpoint(tx) if size is None else await get_checkpoint(tx, size)
    if checkpoint is None or index >= checkpoint.size:
        raise Refused("leaf_not_sealed", field="index", index=index)
    proof = await inclusion(tx, index, checkpoint.size)
    return make_bundle(leaf.body, proof, note=checkpoint.note, key=checkpoint.key)


async def inclusion(tx: Tx, index: int, size: int) -> InclusionProof:
    """That leaf `index` is in the tree of `size` sealed leaves: O(log size) tiles, one query.

    Raises ValueError unless `0 <= index < size`, BrokenInvariant when that is not sealed.
    """
    return InclusionProof(index, size, await _hashes(tx, inclusion_ranges(index, size)))


async def consistency(tx: Tx, first: int, second: int) -> ConsistencyProof:
    """That the tree of `first` leaves begins that of `second`, in one query.

    Raises Refused("size_out_of_range") unless `1 <= first <= second` and `second` is sealed.
    """
    latest = await latest_checkpoint(tx)
    if latest is None or not 1 <= first <= second <= latest.size:
        raise Refused("size_out_of_range", first=first, second=second)
    return await tile_consistency(tx, first, second)


async def tile_consistency(tx: Tx, first: int, second: int) -> ConsistencyProof:
    """The same from the tiles alone, whether or not a checkpoint covers them."""
    return ConsistencyProof(first, second, await _hashes(tx, consistency_ranges(first, second)))


async def find_tiles(tx: Tx, places: Iterable[Place]) -> dict[Place, bytes]:
    """The hashes of the tiles that are there, as wide as they are now."""
    wanted = sorted(places)
    rows = await tx.fetch(
        """SELECT level, index, hashes FROM evidence.tile
        JOIN unnest($1::smallint[], $2::bigint[]) AS wanted(level, index) USING (level, index)""",
        [level for level, _ in wanted],
        [index for _, index in wanted],
    )
    return {(row["level"], row["index"]): row["hashes"] for row in rows}


async def get_tile(tx: Tx, level: int, index: int, *, width: int) -> bytes:
    """A tile of `width` hashes as C2SP tlog-tiles serves it. Raises Refused("tile_not_found")."""
    known = 0 <= level < 8 and 0 <= index < 1 << 55 and 1 <= width <= 256
    found = await find_tiles(tx, [(level, index)]) if known else {}
    hashes = found.get((level, index), b"")[: width * HASH]
    if not hashes or len(hashes) != width * HASH:
        raise Refused("tile_not_found", level=level, index=index, width=width)
    return hashes


async def tile_counts(tx: Tx) -> tuple[int, dict[int, tuple[int, int, int]]]:
    """The size of the last checkpoint, and per level the number of tiles, the largest index and
    the number of hashes; all of one moment."""
    rows = await tx.fetch(
        """SELECT (SELECT coalesce(max(size), 0) FROM evidence.checkpoint) AS sealed,
            level, count(*) AS tiles, max(index) AS last,
            (sum(octet_length(hashes)) / 32)::bigint AS hashes
        FROM (SELECT 1) AS one LEFT JOIN evidence.tile ON true GROUP BY level ORDER BY level"""
    )
    levels = {
        row["level"]: (row["tiles"], row["last"], row["hashes"])
        for row in rows
        if row["level"] is not None
    }
    return rows[0]["sealed"], levels


async def first_stray(tx: Tx) -> tuple[int | None, int]:
    """The smallest index outside the counter's range, and the counter; of one moment."""
    row = await tx.fetchrow(
        """SELECT size, coalesce(
            (SELECT min(index) FROM evidence.leaf WHERE index < 0),
            (SELECT min(index) FROM evidence.leaf WHERE index >= log.size)
        ) AS stray FROM evidence.log"""
    )
    return row["stray"], row["size"]


async def _hashes(tx: Tx, ranges: list[Range]) -> tuple[bytes, ...]:
    tiles = await find_tiles(tx, range_places(ranges))
    return tuple(range_hash(tiles, *found) for found in ranges)


def _checkpoint(row: Any) -> Checkpoint:
    try:
        head = read_head(row["note"])
    except ValueError as error:
        raise BrokenInvariant(f"the checkpoint of size {row['size']} cannot be read") from error
    if head.size != row["size"]:
        raise BrokenInvariant(f"the checkpoint of size {row['size']} says {head.size}")
    return Checkpoint(head, row["at"], row["key"], row["note"])
