"""What the kernel leaves for Python to do: divisions of large numbers, and keys with many rows."""

from __future__ import annotations

from collections.abc import Iterator

from anfu.risk.packed.answers import Answers
from anfu.risk.packed.arrays import reserve
from anfu.risk.packed.entries import Entries
from anfu.risk.packed.given import Given
from anfu.risk.packed.hot import Hot
from anfu.risk.packed.layout import (
    ADD_TO_TILES,
    BITS,
    BLOCK,
    COUNT,
    DIVIDE,
    DROPPED,
    G_AMOUNT,
    G_AT,
    HOME,
    KEPT,
    LEVEL,
    LIMIT,
    M_EVENT,
    M_FIRST,
    M_SLOT,
    M_WHAT,
    MARKS,
    MISSING,
    READ_TILES,
    TIDY,
    TILED,
    State,
    Words,
)
from anfu.risk.packed.names import Names
from anfu.risk.packed.program import Program, first_field
from anfu.risk.packed.quotients import divided
from anfu.risk.packed.told import Told
from anfu.risk.tiles import Row, Tiles


class Attending:
    """`told` is what was said of the payments of keys, by slot."""

    def __init__(
        self, program: Program, state: State, names: Names, given: Given, answers: Answers,
        entries: Entries,
    ) -> None:  # fmt: skip
        self.told: dict[int, Told] = {}
        self.hot = Hot()
        self._program = program
        self._fields = [[program.given(field) for field in home.fields] for home in program.homes]
        self._do = {
            DIVIDE: self._divide, READ_TILES: self._read, ADD_TO_TILES: self._add,
            TIDY: self._tidy, DROPPED: self._drop, MISSING: self._miss,
        }  # fmt: skip
        self._state, self._names, self._given = state, names, given
        self._answers, self._entries = answers, entries
        self._missing = False

    def attend(self, marks: Words) -> None:
        """Do what is marked, in its order."""
        do = self._do
        for mark in marks[: int(self._state.meta[MARKS])].tolist():
            do[mark[M_WHAT]](mark)
        self._state.meta[MARKS] = 0

    def missed(self) -> bool:
        """Whether an event to be forgotten was not there; asked once."""
        missing, self._missing = self._missing, False
        return missing

    def rows(self, slot: int, bit: int) -> Iterator[Row]:
        """The rows of a group of a key, the oldest first."""
        first = first_field(self._program.homes[int(self._state.slots[slot, HOME])])
        for row in self.all_rows(slot):
            if row[BITS] & bit:
                yield (*row[:BITS], *map(self.text, row[first:]))

    def all_rows(self, slot: int) -> list[list[int]]:
        """The rows of a key as the kernel has them."""
        count, level = (int(self._state.slots[slot, part]) for part in (COUNT, LEVEL))
        block, home = (int(self._state.slots[slot, part]) for part in (BLOCK, HOME))
        width = self._program.row_width(home)
        words = self._state.arena[block : block + (width << level)]
        rows: list[list[int]] = words.reshape(width, 1 << level)[:, :count].T.tolist()
        return rows

    def text(self, name: int) -> str | None:
        return None if name < 0 else self._names.texts[name]

    def _divide(self, mark: list[int]) -> None:
        number = self._program.features[mark[M_FIRST]]
        amount = int(self._given.array[mark[M_EVENT], G_AMOUNT])
        sums = mark[M_FIRST + 1 : M_FIRST + 8]
        value = divided(
            self._program.catalogue.features[number], amount, sums, mine=bool(mark[M_SLOT])
        )
        self._answers.correct(mark[M_EVENT], number, value)

    def _read(self, mark: list[int]) -> None:
        event, figures = mark[M_EVENT], self._program.figures[mark[M_FIRST]]
        at, amount = self._given.array[event, : G_AMOUNT + 1].tolist()
        for number, value in self.hot.read(figures, mark, at, amount):
            self._answers.correct(event, number, value)
        if figures.approximate:
            self._answers.say_approximate(event, figures.home)

    def _add(self, mark: list[int]) -> None:
        slot, bits, sign = mark[M_SLOT], mark[M_FIRST], mark[M_FIRST + 1]
        row = self._row(mark[M_EVENT], int(self._state.slots[slot, HOME]))
        self.hot.add(slot, bits, row, sign)

    def _row(self, event: int, home: int) -> Row:
        given = self._given.array[event].tolist()
        texts = [self.text(given[column]) for column in self._fields[home]]
        return (given[G_AT], given[G_AMOUNT], *texts)

    def _tidy(self, mark: list[int]) -> None:
        slot, number = mark[M_SLOT], mark[M_FIRST]
        state, bit = self._state, 1 << number
        home = self._program.homes[int(state.slots[slot, HOME])]
        tiles = self.hot.make(slot, home, home.groups[number], lambda: self.rows(slot, bit))
        state.slots[slot, TILED] |= bit
        times = [row[0] for row in self.rows(slot, bit)]
        if len(times) > 2 * LIMIT:
            reserve(state, self._entries.for_key(state, slot))
            tiles.trimmed = int(self._entries.trim(state, slot, number, LIMIT + LIMIT // 2))
            tiles.drop(times[-1] - KEPT)

    def _drop(self, mark: list[int]) -> None:
        self.told.pop(mark[M_SLOT], None)
        if mark[M_FIRST]:
            self.hot.drop(mark[M_SLOT])

    def _miss(self, mark: list[int]) -> None:
        slot, number = mark[M_SLOT], mark[M_FIRST]
        tiles: Tiles | None = self.hot.tiles.get((slot, number))
        at, amount = (int(self._given.array[0, column]) for column in (G_AT, G_AMOUNT))
        if tiles is None or tiles.trimmed is None or at > tiles.trimmed:
            self._missing = True
        else:
            self._entries.unsettle(self._state, slot, number, amount)
