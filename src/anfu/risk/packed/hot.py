"""Keys with very many events: the tiles of their groups, kept beside the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from anfu.risk.features import Aggregate, Feature
from anfu.risk.packed.groups import Group, Home
from anfu.risk.packed.layout import M_FIRST, SECOND
from anfu.risk.packed.quotients import tiled
from anfu.risk.packed.tiles import Row, Tiles


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
            known = self.tiles[slot, group.number] = Tiles(group, home.fields, rows())
        return known

    def drop(self, slot: int) -> None:
        for key in [key for key in self.tiles if key[0] == slot]:
            del self.tiles[key]

    def read(self, group: Group, feature: Feature, mark: list[int], at: int, amount: int) -> Any:
        """What `mark`, made by a walk, asks for, and whether it is exact."""
        slot = mark[2]
        ring, mine, frauds, newest, other = mark[M_FIRST + 1 : M_FIRST + 6]
        if not feature.delay_s and feature.aggregate is Aggregate.LAST:
            return newest, True
        if not feature.delay_s and feature.aggregate is Aggregate.SINCE_LAST:
            return (at - other) // SECOND, True
        whole = self.tiles[slot, group.number].read(ring, at)
        fields = group.spans[ring].fields
        place = fields.index(feature.field) if feature.field in fields else 0
        return tiled(
            feature, whole, place, at=at, amount=amount, mine=bool(mine), frauds=frauds
        ), False
