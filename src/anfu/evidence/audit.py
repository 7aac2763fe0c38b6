"""The whole log read again: every leaf, tile, root, signature and count.

Leaves stream by in pages and only the right edge of the tree is kept, so memory does not grow
with the log. What cannot be seen from inside: a leaf changed before it was sealed, and a log
rewritten whole by someone who holds the signing key. Checkpoints kept outside show the latter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anfu.evidence import queries
from anfu.evidence.checkpoint import read_head, signed_by_any
from anfu.evidence.log import LoggedLeaf, read_leaf
from anfu.evidence.merkle import HASH, leaf_hash
from anfu.evidence.proof import verify_inclusion
from anfu.evidence.signer import VerifierKey
from anfu.evidence.tiles import WIDTH, Edge, Place, Tile
from anfu.kernel.errors import BrokenInvariant
from anfu.storage.transaction import Tx

PAGE = 1 << 11
_CHECKPOINTS = 256
_LEVELS = 8

# code -> what it says; {first} and {last} are indices of leaves, {size} that of a checkpoint.
FAULTS: dict[str, tuple[str, str]] = {
    "leaf_missing": ("Leaf {first} is missing.", "第 {first} 条记录缺失。"),
    "leaf_changed": (
        "Leaf {first} is not the one that was sealed.",
        "第 {first} 条记录与封存时不一致。",
    ),
    "leaves_changed": (
        "The leaves {first} to {last} do not give the root signed for size {size}.",
        "第 {first} 至 {last} 条记录与规模 {size} 的签名根不符。",
    ),
    "leaf_not_canonical": (
        "Leaf {first} is not a document in canonical form.",
        "第 {first} 条记录不是规范格式的文档。",
    ),
    "leaf_columns_differ": (
        "Subject or time beside leaf {first} are not those in it.",
        "第 {first} 条记录旁的对象或时间与正文不符。",
    ),
    "leaf_beyond_counter": (
        "Leaf {first} lies outside the {size} leaves the log counts.",
        "第 {first} 条记录超出日志计数（{size} 条）。",
    ),
    "tile_changed": (
        "The tree stored over the leaves {first} to {last} is not theirs.",
        "第 {first} 至 {last} 条记录之上所存的树节点与记录不符。",
    ),
    "tiles_do_not_fit": (
        "The tiles are not those of a tree of {size} leaves, or the last checkpoint is gone.",
        "树节点块与 {size} 条记录的树不符，或最后的检查点已被删除。",
    ),
    "checkpoint_unreadable": (
        "The checkpoint of size {size} is not a signed note for that size.",
        "规模 {size} 的检查点不是该规模的签名文本。",
    ),
    "checkpoint_not_signed": (
        "The checkpoint of size {size} is not signed by a trusted key.",
        "规模 {size} 的检查点不是由受信任的密钥签名。",
    ),
    "checkpoint_beyond_log": (
        "The checkpoint of size {size} covers more leaves than the log has.",
        "规模 {size} 的检查点超出日志的记录数。",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`first` is the first bad leaf index where a leaf is at fault; the fault lies between it and
    `last`."""

    code: str
    first: int | None
    last: int | None
    reason_en: str
    reason_zh: str


@dataclass(frozen=True, slots=True)
class Report:
    """`leaves` and `checkpoints` are how many were checked and found good."""

    leaves: int
    checkpoints: int
    faults: tuple[Fault, ...]

    @property
    def good(self) -> bool:
        return not self.faults


async def audit(
    tx: Tx,
    *,
    keys: Sequence[VerifierKey],
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Check the log as it is now against the trusted `keys` (the present and all former ones).

    1. every index from 0 to the counter is there once
    2. every leaf is in canonical form and agrees with its columns
    3. every leaf hash and every tree node is the one in its tile
    4. every checkpoint is signed and its root is that of the leaves
    5. no leaf, tile or checkpoint is there besides

    The reading of leaves ends at the first fault, 5 is checked all the same. Writers may go on.
    `progress(done, all)` is told after each page.
    """
    total = await queries.log_size(tx)
    reading = _Reading(tx, tuple(keys), total)
    faults = []
    try:
        while reading.edge.size < total:
            await reading.page()
            if progress is not None:
                progress(reading.edge.size, total)
        await reading.finish()
    except _Found as found:
        faults.append(found.fault)
    faults += await _strays(tx)
    return Report(reading.edge.size, reading.checkpoints, tuple(faults))


async def _strays(tx: Tx) -> list[Fault]:
    """5. The comparisons are made by statements that see one moment: sealing goes on."""
    faults = []
    stray, size = await queries.first_stray(tx)
    if stray is not None:
        faults.append(_fault("leaf_beyond_counter", stray, size=size))
    sealed, levels = await queries.tile_counts(tx)
    if levels != _expected_tiles(sealed):
        faults.append(_fault("tiles_do_not_fit", size=sealed))
    if sealed > await queries.log_size(tx):
        faults.append(_fault("checkpoint_beyond_log", size=sealed))
    return faults


def _expected_tiles(size: int) -> dict[int, tuple[int, int, int]]:
    hashes = {level: size >> (8 * level) for level in range(_LEVELS) if size >> (8 * level)}
    return {
        level: (-(-count // WIDTH), -(-count // WIDTH) - 1, count)
        for level, count in hashes.items()
    }


class _Found(Exception):  # noqa: N818 - the way out of the reading, never seen outside
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


class _Reading:
    """The state of one pass over the leaves."""

    def __init__(self, tx: Tx, keys: tuple[VerifierKey, ...], total: int) -> None:
        self.edge = Edge()
        self.checkpoints = 0
        self._tx = tx
        self._keys = keys
        self._total = total
        self._good = 0
        self._ahead: deque[Any] = deque()
        self._asked = 0

    async def page(self) -> None:
        """Read and check the leaves up to the next border of pages."""
        start = self.edge.size
        end = min(self._total, start - start % PAGE + PAGE)
        leaves = await queries.list_leaves(self._tx, start=start, end=end)
        places = [(0, index) for index in range(start // WIDTH, -(-end // WIDTH))]
        tiles = await queries.find_tiles(self._tx, places)
        hashes = []
        for index in range(start, end):
            if index - start == len(leaves) or leaves[index - start].index != index:
                raise _Found(_fault("leaf_missing", index))
            hashes.append(await self._leaf(leaves[index - start], tiles))
        await self._grow(b"".join(hashes), end)

    async def finish(self) -> None:
        """Compare the partial tiles, which sealing may have made wider since."""
        await self._nodes(self.edge.partial())

    async def _leaf(self, leaf: LoggedLeaf, tiles: Mapping[Place, bytes]) -> bytes:
        found = leaf_hash(leaf.body)
        tile, at = divmod(leaf.index, WIDTH)
        stored = tiles.get((0, tile), b"")[at * HASH : (at + 1) * HASH]
        if stored and stored != found:
            raise _Found(await self._blame(leaf.index, found, stored))
        try:
            read = read_leaf(leaf.body)
        except ValueError:
            raise _Found(_fault("leaf_not_canonical", leaf.index)) from None
        if (read.subject, read.at) != (leaf.subject, leaf.at):
            raise _Found(_fault("leaf_columns_differ", leaf.index))
        return found

    async def _blame(self, index: int, found: bytes, stored: bytes) -> Fault:
        """Whether leaf or tile was changed: the signed root tells which of them belongs there."""
        rows = await queries.checkpoint_rows(self._tx, after=index, most=1)
        try:
            root = read_head(rows[0]["note"]).root
            proof = await queries.inclusion(self._tx, index, rows[0]["size"])
        except (IndexError, ValueError, BrokenInvariant):
            return _fault("leaf_changed", index)
        right = verify_inclusion(proof, found, root) and not verify_inclusion(proof, stored, root)
        return _fault("tile_changed" if right else "leaf_changed", index)

    async def _grow(self, hashes: bytes, end: int) -> None:
        """Grow the tree to `end`, stopping at each checkpoint on the way."""
        start = self.edge.size
        full: list[Tile] = []
        while self.edge.size < end:
            row = await self._next()
            stop = end if row is None else min(end, row["size"])
            at = (self.edge.size - start) * HASH
            full += self.edge.grow(hashes[at : (stop - start) * HASH])
            if row is not None and stop == row["size"]:
                await self._checkpoint(row, full)
                self._ahead.popleft()
        await self._nodes(full)

    async def _next(self) -> Any:
        """The next checkpoint, None when there is none."""
        if not self._ahead:
            rows = await queries.checkpoint_rows(self._tx, after=self.edge.size, most=_CHECKPOINTS)
            self._ahead.extend(rows)
        return self._ahead[0] if self._ahead else None

    async def _checkpoint(self, row: Any, full: Sequence[Tile]) -> None:
        size = row["size"]
        try:
            head = read_head(row["note"])
            signed = signed_by_any(row["note"], self._keys)
        except ValueError:
            raise _Found(_fault("checkpoint_unreadable", size=size)) from None
        if not signed:
            raise _Found(_fault("checkpoint_not_signed", size=size))
        if head.size != size:
            raise _Found(_fault("checkpoint_unreadable", size=size))
        if head.root != self.edge.root():
            # Whoever changed a leaf and its tile may have left the nodes above: they say where.
            place = await self._first_difference([*full, *self.edge.partial()])
            first, last = place or (self._good, size - 1)
            raise _Found(_fault("leaves_changed", first, last, size=size))
        self._good = size
        self.checkpoints += 1

    async def _nodes(self, tiles: Sequence[Tile]) -> None:
        place = await self._first_difference(tiles)
        if place is not None:
            raise _Found(_fault("tile_changed", *place))

    async def _first_difference(self, tiles: Sequence[Tile]) -> tuple[int, int] | None:
        """The first and last leaf below a node that is not as stored. Leaf hashes are compared
        one by one as they are read, and what is not stored is missed by 5."""
        stored = await queries.find_tiles(self._tx, [tile.place for tile in tiles])
        for tile in tiles:
            there = stored.get(tile.place, b"")
            for at in range(0, min(len(there), len(tile.hashes)), HASH):
                if there[at : at + HASH] != tile.hashes[at : at + HASH]:
                    number, below = tile.index * WIDTH + at // HASH, 1 << (8 * tile.level)
                    return number * below, (number + 1) * below - 1
        return None


def _fault(
    code: str, first: int | None = None, last: int | None = None, *, size: int | None = None
) -> Fault:
    last = first if last is None else last
    english, chinese = (text.format(first=first, last=last, size=size) for text in FAULTS[code])
    return Fault(code, first, last, english, chinese)
