"""What one entity did: its events of the last days as columns in time order, and the rest summed.

State is a function of the set of events learned and not of their order: a late event is put in
its place, a forgotten one is taken out, and what leaves the columns is kept as sums and minima.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.features import AMOUNTS, PLACES, VALUES, Aggregate, Catalogue, Entity

# An event up to this much older than the newest of its entity still gets exact answers.
LATE_S = 3_600
# Windows longer than this are followed by running sums; shorter ones are added up each time.
LONG = 192
NOWHERE = 999.0
_CELLS_A_DEGREE = 2
_ROUND = 360 * _CELLS_A_DEGREE
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns one entity's catalogue needs: time, then amount, texts, flags and position."""

    entity: Entity
    amounts: bool
    texts: tuple[str, ...]
    conditions: tuple[str, ...]
    placed: bool
    pairs: tuple[str, ...]
    windows_s: tuple[int, ...]  # longest first
    makers: tuple[Callable[[], Any], ...]  # of empty columns

    @property
    def keep(self) -> int:
        """How long events stay in the columns, in microseconds."""
        return (max(self.windows_s, default=0) + LATE_S) * 1_000_000

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        flags = [f"flag {condition}" for condition in self.conditions]
        place = ["latitude", "longitude", "cell"] if self.placed else []
        return ("at", *(["amount"] if self.amounts else []), *self.texts, *flags, *place)


def layout(catalogue: Catalogue, entity: Entity) -> Layout:
    """What must be kept of `entity`."""
    features = [f for f in catalogue.features if f.entity is entity]
    amounts = any(f.aggregate in AMOUNTS for f in features)
    texts = {f.field for f in features if f.field is not None and f.aggregate in VALUES}
    conditions = {f.condition for f in features if f.condition is not None}
    placed = any(f.aggregate in PLACES for f in features)
    numbers, degrees, cells = (partial(array, code) for code in "qdi")
    makers: list[Callable[[], Any]] = [numbers, *([numbers] if amounts else [])]
    makers += [list for _ in texts]
    makers += [bytearray for _ in conditions]
    makers += [degrees, degrees, cells] if placed else []
    return Layout(
        entity,
        amounts=amounts,
        texts=tuple(sorted(texts)),
        conditions=tuple(sorted(conditions)),
        placed=placed,
        pairs=tuple(sorted({str(f.field) for f in features if f.aggregate is Aggregate.PAIR_AGE})),
        windows_s=tuple(sorted({f.window_s for f in features if f.window_s}, reverse=True)),
        makers=tuple(makers),
    )


def cell_of(latitude: float, longitude: float) -> int:
    """The number of the half-degree cell a position lies in."""
    row = int((latitude + 90) * _CELLS_A_DEGREE)
    return row * _ROUND + int((longitude + 180) * _CELLS_A_DEGREE) % _ROUND


def centre_of(cell: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of a cell."""
    row, column = divmod(cell, _ROUND)
    half = 0.5
    latitude = min((row + half) / _CELLS_A_DEGREE - 90, 90.0)
    return latitude, (column + half) / _CELLS_A_DEGREE - 180


class Settled:
    """The sum of the events that have left the columns."""

    __slots__ = ("cells", "count", "first", "last", "most", "pairs", "place", "total")

    def __init__(self, at: int, pairs: int) -> None:
        self.first = self.last = at
        self.count = self.total = self.most = 0
        self.pairs: tuple[dict[str, int], ...] = tuple({} for _ in range(pairs))
        self.cells: dict[int, int] = {}
        self.place: tuple[int, float, float] | None = None


class Track:
    """The events of one key. Columns are as long as one another and sorted by time."""

    __slots__ = ("columns", "cursors", "settled")

    def __init__(self, plan: Layout) -> None:
        self.columns: tuple[Any, ...] = tuple([make() for make in plan.makers])
        self.settled: Settled | None = None
        self.cursors: dict[int, Cursor] | None = None

    def insert(self, row: Row) -> int:
        """Put a late row in its place, after those of the same instant; returns the place after."""
        place = bisect_right(self.columns[0], row[0])
        for column, value in zip(self.columns, row, strict=True):
            column.insert(place, value)
        for cursor in self._cursors():
            cursor.inserted(place)
        return place + 1

    def remove(self, row: Row) -> None:
        """Take out one row of that content. Raises BrokenInvariant when there is none."""
        times = self.columns[0]
        for place in range(bisect_left(times, row[0]), bisect_right(times, row[0])):
            if all(c[place] == v for c, v in zip(self.columns, row, strict=True)):
                break
        else:
            raise BrokenInvariant("an event to be forgotten was never learned, or too long ago")
        for cursor in self._cursors():
            cursor.removed(place)
        for column in self.columns:
            column.pop(place)

    def long(self, number: int, column: int, low: int, high: int) -> Cursor:
        """The running sums numbered `number`, over `column`, brought to rows [low, high)."""
        if self.cursors is None:
            self.cursors = {}
        cursor = self.cursors.get(number)
        if cursor is None:
            cursor = self.cursors[number] = Cursor(self.columns[column], low)
        cursor.seek(low, high)
        return cursor

    def settle(self, before: int, plan: Layout) -> None:
        """Move rows up to the time `before` from the columns into the sums."""
        end = bisect_right(self.columns[0], before)
        if self.settled is None:
            self.settled = Settled(self.columns[0][0], len(plan.pairs))
        named = dict(zip(plan.names, self.columns, strict=True))
        _settle(self.settled, named, end, plan)
        if len(self.columns[0]) - end < LONG // 2:
            self.cursors = None
        for cursor in self._cursors():
            cursor.dropped(end)
        for column in self.columns:
            del column[:end]

    def _cursors(self) -> list[Cursor]:
        return [] if self.cursors is None else list(self.cursors.values())


def _settle(settled: Settled, named: dict[str, Any], end: int, plan: Layout) -> None:
    times = named["at"]
    settled.first = min(settled.first, times[0])
    settled.last = max(settled.last, times[end - 1])
    settled.count += end
    if plan.amounts:
        settled.total += sum(named["amount"][:end])
        settled.most = max(settled.most, *named["amount"][:end])
    for known, field in zip(settled.pairs, plan.pairs, strict=True):
        for at, value in zip(times[:end], named[field], strict=False):
            if value is not None and at < known.get(value, at + 1):
                known[value] = at
    if plan.placed:
        for i in range(end):
            cell = named["cell"][i]
            if cell >= 0:
                settled.cells[cell] = settled.cells.get(cell, 0) + 1
                place = (times[i], named["latitude"][i], named["longitude"][i])
                settled.place = place if settled.place is None else max(settled.place, place)


class Cursor:
    """Running sum (numbers) or counts of different values (texts) of the rows [low, high)."""

    __slots__ = ("column", "counts", "high", "low", "total")

    def __init__(self, column: Any, low: int) -> None:
        self.column = column
        self.low = self.high = low
        self.total = 0
        self.counts: dict[Any, int] | None = {} if isinstance(column, list) else None

    def seek(self, low: int, high: int) -> None:
        """Move there step by step, in either direction."""
        column = self.column
        if self.counts is None:
            if low >= self.high or high <= self.low:
                self.low = self.high = low
                self.total = 0
            self.total += sum(column[self.high : high]) - sum(column[high : self.high])
            self.total += sum(column[low : self.low]) - sum(column[self.low : low])
            self.low, self.high = low, high
            return
        while self.high < high:
            self._add(column[self.high])
            self.high += 1
        while self.low > low:
            self.low -= 1
            self._add(column[self.low])
        while self.high > high:
            self.high -= 1
            self._take(column[self.high])
        while self.low < low:
            self._take(column[self.low])
            self.low += 1

    def inserted(self, place: int) -> None:
        if place < self.low:
            self.low += 1
            self.high += 1
        elif place < self.high:
            self._add(self.column[place])
            self.high += 1

    def removed(self, place: int) -> None:
        """Called while the row is still there."""
        if place < self.low:
            self.low -= 1
            self.high -= 1
        elif place < self.high:
            self._take(self.column[place])
            self.high -= 1

    def dropped(self, count: int) -> None:
        """Called while the first `count` rows are still there."""
        self.seek(max(self.low, count), max(self.high, count))
        self.low -= count
        self.high -= count

    def different(self) -> int:
        """How many values, NULL not counted."""
        assert self.counts is not None
        return len(self.counts) - (None in self.counts)

    def _add(self, value: Any) -> None:
        if self.counts is None:
            self.total += value
        else:
            self.counts[value] = self.counts.get(value, 0) + 1

    def _take(self, value: Any) -> None:
        if self.counts is None:
            self.total -= value
        elif self.counts[value] == 1:
            del self.counts[value]
        else:
            self.counts[value] -= 1
