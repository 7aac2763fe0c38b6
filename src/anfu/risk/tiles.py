"""Windows of a key that has more events than are kept one by one: sums of tiles of time.

Every window of the key is cut into `PARTS` tiles at fixed times. A tiled figure is that of all
events of the tiles the window touches: its two ends are rounded outward, each by less than a 128th
of the window. Numbers of different values come from a sketch (`sketch`: standard error 2.3 %).
Tiles are a function of the set of events; a forgotten event leaves counts and sums exactly, and
extremes and sketches when its tile does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from anfu.risk.sketch import Sketch

PARTS = 128
Row = tuple[Any, ...]
"""Time and amount, then what the store keeps besides."""
AT, AMOUNT = range(2)


class Cut(NamedTuple):
    """A window and its delay, in microseconds, and the columns of a row told apart in it."""

    window: int
    delay: int
    columns: tuple[int, ...]


class Tile:
    """Figures of the events of a stretch of time."""

    __slots__ = ("count", "first", "last", "least", "most", "sketches", "squares", "total")

    def __init__(self, columns: int) -> None:
        self.count = self.total = self.squares = 0
        self.most: int | None = None
        self.least: int | None = None
        # (time, amount) of the oldest and the newest.
        self.first: tuple[int, int] | None = None
        self.last: tuple[int, int] | None = None
        self.sketches = tuple(Sketch() for _ in range(columns))

    def add(self, row: Row, columns: Iterable[int]) -> None:
        at, amount = row[AT], row[AMOUNT]
        self.count += 1
        self.total += amount
        self.squares += amount * amount
        self.most = amount if self.most is None or amount > self.most else self.most
        self.least = amount if self.least is None or amount < self.least else self.least
        if self.first is None or at < self.first[0]:
            self.first = at, amount
        if self.last is None or at >= self.last[0]:
            self.last = at, amount
        for sketch, column in zip(self.sketches, columns, strict=True):
            if row[column]:
                sketch.add(row[column])

    def take(self, row: Row) -> None:
        """The opposite of `add`, as far as there is one."""
        self.count -= 1
        self.total -= row[AMOUNT]
        self.squares -= row[AMOUNT] * row[AMOUNT]


def merged(tiles: list[Tile], columns: int) -> Tile:
    """All of them as one."""
    whole = Tile(columns)
    whole.count = sum(t.count for t in tiles)
    whole.total = sum(t.total for t in tiles)
    whole.squares = sum(t.squares for t in tiles)
    whole.most = max((t.most for t in tiles if t.most is not None), default=None)
    whole.least = min((t.least for t in tiles if t.least is not None), default=None)
    whole.first = min((t.first for t in tiles if t.first is not None), default=None)
    whole.last = max((t.last for t in tiles if t.last is not None), default=None)
    parts = list(zip(*(t.sketches for t in tiles), strict=True))
    whole.sketches = tuple(Sketch.joined(sketches) for sketches in parts) or whole.sketches
    return whole


class Ring:
    """The tiles of one window, and the figures of the last stretch that was asked for."""

    __slots__ = ("columns", "delay", "ends", "tiles", "whole", "width", "window")

    def __init__(self, cut: Cut) -> None:
        self.window, self.delay, self.columns = cut
        self.width = -(-cut.window // PARTS)
        self.tiles: dict[int, Tile] = {}
        self.ends: tuple[int, int] | None = None
        self.whole = Tile(0)

    def add(self, row: Row) -> None:
        number = row[AT] // self.width
        tile = self.tiles.get(number)
        if tile is None:
            tile = self.tiles[number] = Tile(len(self.columns))
        tile.add(row, self.columns)
        if self.ends is not None and self.ends[0] <= number <= self.ends[1]:
            self.whole.add(row, self.columns)

    def take(self, row: Row) -> None:
        number = row[AT] // self.width
        if number in self.tiles:
            self.tiles[number].take(row)
            self.ends = None

    def read(self, at: int) -> Tile:
        """Figures of the window as it is at `at`."""
        until = at - self.delay
        ends = (until - self.window + 1) // self.width, until // self.width
        if ends != self.ends:
            inside = [tile for n, tile in self.tiles.items() if ends[0] <= n <= ends[1]]
            self.whole, self.ends = merged(inside, len(self.columns)), ends
        return self.whole

    def drop(self, before: int) -> None:
        """Let go of tiles that ended by then."""
        for number in [n for n in self.tiles if (n + 1) * self.width <= before]:
            del self.tiles[number]


class Tiles:
    """The rings of one group of one key, one for each span, None for those without a window."""

    __slots__ = ("rings",)

    def __init__(self, cuts: Iterable[Cut | None], rows: Iterable[Row]) -> None:
        self.rings: tuple[Ring | None, ...] = tuple(
            None if cut is None else Ring(cut) for cut in cuts
        )
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        for ring in self.rings:
            if ring is not None:
                ring.add(row)

    def take(self, row: Row) -> None:
        for ring in self.rings:
            if ring is not None:
                ring.take(row)

    def drop(self, before: int) -> None:
        for ring in self.rings:
            if ring is not None:
                ring.drop(before - ring.window - ring.delay)

    def read(self, span: int, at: int) -> Tile:
        ring: Any = self.rings[span]
        whole: Tile = ring.read(at)
        return whole
