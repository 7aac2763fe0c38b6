"""Keys with very many events: the tiles of their groups, kept beside the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from anfu.risk.features import Aggregate
from anfu.risk.packed.groups import Group, Home
from anfu.risk.packed.layout import M_FIRST, M_SLOT, SECOND
from anfu.risk.packed.program import Figures, is_of_newest
from anfu.risk.packed.quotients import tiled
from anfu.risk.tiles import Cut, Row, Tiles


class Hot:
    """Tiles by slot and number of the group in its home."""

    def __init__(self) -> None:
        self.tiles: dict[tuple[int, int], Tiles] = {}

    def add(self, slot: int, bits: int, row: Row, sign: int) -> None:
        """Add a row to the tiles of the groups of these bits, or take it out again."""
        number = 0
        while bits >> number:
            if bits >> number & 1:
                known = self.tiles[slot, number]
                (known.add if sign > 0 else known.take)(row)
            number += 1

    def make(self, slot: int, home: Home, group: Group, rows: Callable[[], Iterable[Row]]) -> Tiles:
        """The tiles of a group, of its rows if there are none yet."""
        known = self.tiles.get((slot, group.number))
        if known is None:
            known = self.tiles[slot, group.number] = Tiles(_cuts(home, group), rows())
        return known

    def drop(self, slot: int) -> None:
        for key in [key for key in self.tiles if key[0] == slot]:
            del self.tiles[key]

    def read(
        self, figures: Figures, mark: list[int], at: int, amount: int
    ) -> Iterator[tuple[int, Any]]:
        """The number and the value of each feature that `mark`, made by a walk, asks for."""
        mine, frauds, newest, other = mark[M_FIRST + 1 : M_FIRST + 5]
        whole = self.tiles[mark[M_SLOT], figures.group].read(figures.ring, at)
        for number, feature, place in figures.features:
            if is_of_newest(feature):
                last = feature.aggregate is Aggregate.LAST
                yield number, newest if last else (at - other) // SECOND
            else:
                yield (
                    number,
                    tiled(
                        feature, whole, place, at=at, amount=amount, mine=bool(mine), frauds=frauds
                    ),
                )


def _cuts(home: Home, group: Group) -> Iterator[Cut | None]:
    for span in group.spans:
        columns = tuple(2 + home.fields.index(field) for field in span.fields)
        yield None if span.window is None else Cut(span.window, span.delay, columns)
