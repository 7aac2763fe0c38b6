"""The tree cut into tiles of 256 hashes (C2SP tlog-tiles), and its growing right edge.

Tile `index` of `level` holds the roots of the perfect subtrees of 256^level leaves. A partial
tile is the beginning of the full one, so that the widest tile stored serves every earlier size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anfu.evidence.merkle import HASH, fold, join, perfect
from anfu.kernel.errors import BrokenInvariant

WIDTH = 256
_HEIGHT = 8
_FULL = WIDTH * HASH

# (level, index)
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tile:
    """`hashes` are 1 to 256 concatenated hashes."""

    level: int
    index: int
    hashes: bytes

    @property
    def place(self) -> Place:
        return self.level, self.index


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where C2SP tlog-tiles serves a tile: `tile/<L>/<N>[.p/<W>]`."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes tile `index` of `level` has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> (_HEIGHT * level)) - index * WIDTH))


def edge_places(size: int) -> list[Place]:
    """The partial tiles of a tree of `size` leaves."""
    found = []
    level = 0
    while size >> (_HEIGHT * level):
        place = level, size >> (_HEIGHT * (level + 1))
        if width_at(*place, size):
            found.append(place)
        level += 1
    return found


def range_places(ranges: Iterable[tuple[int, int]]) -> set[Place]:
    """The tiles `range_hash` needs for these ranges of leaves."""
    return {_seat(*node)[0] for start, end in ranges for node in perfect(start, end)}


def range_hash(tiles: Mapping[Place, bytes], start: int, end: int) -> bytes:
    """The hash of the node over the leaves `[start, end)`.

    Raises BrokenInvariant when a hash is not in `tiles`.
    """
    return join([_node(tiles, *node) for node in perfect(start, end)])


def _node(tiles: Mapping[Place, bytes], height: int, index: int) -> bytes:
    place, first, count = _seat(height, index)
    hashes = tiles.get(place, b"")[first * HASH : (first + count) * HASH]
    if len(hashes) != count * HASH:
        raise BrokenInvariant(f"tile {place} does not reach hash {first + count}")
    return fold(hashes)


def _seat(height: int, index: int) -> tuple[Place, int, int]:
    """The tile, the first hash and the number of hashes that make a perfect subtree."""
    level, rest = divmod(height, _HEIGHT)
    tile, first = divmod(index << rest, WIDTH)
    return (level, tile), first, 1 << rest


class Edge:
    """The right edge of a tree: its partial tiles. All that is needed to grow it."""

    def __init__(self, size: int = 0, tiles: Mapping[Place, bytes] | None = None) -> None:
        """`tiles` are those at `edge_places(size)`.

        Raises BrokenInvariant when one is missing or is not as wide as a tree of `size` has it.
        """
        self.size = size
        self._levels = [bytearray()]
        for level, index in edge_places(size):
            hashes = (tiles or {}).get((level, index), b"")
            if len(hashes) != width_at(level, index, size) * HASH:
                raise BrokenInvariant(f"tile {(level, index)} is not that of size {size}")
            while len(self._levels) <= level:
                self._levels.append(bytearray())
            self._levels[level] += hashes

    def grow(self, hashes: bytes) -> list[Tile]:
        """Append concatenated leaf hashes; returns the tiles that became full."""
        full: list[Tile] = []
        done = 0
        while done < len(hashes):
            taken = hashes[done : done + _FULL - len(self._levels[0])]
            self._levels[0] += taken
            self.size += len(taken) // HASH
            done += len(taken)
            self._carry(full)
        return full

    def _carry(self, full: list[Tile]) -> None:
        level = 0
        while len(self._levels[level]) == _FULL:
            hashes = bytes(self._levels[level])
            full.append(Tile(level, (self.size >> (_HEIGHT * (level + 1))) - 1, hashes))
            self._levels[level].clear()
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += fold(hashes)

    def partial(self) -> list[Tile]:
        """The partial tiles as they are now."""
        return [Tile(*place, bytes(self._levels[place[0]])) for place in edge_places(self.size)]

    def root(self) -> bytes:
        """The root of the tree."""
        subtrees = []
        for hashes in reversed(self._levels):
            for height, index in perfect(0, len(hashes) // HASH):
                start = index << height
                subtrees.append(fold(bytes(hashes[start * HASH : (start + (1 << height)) * HASH])))
        return join(subtrees)
