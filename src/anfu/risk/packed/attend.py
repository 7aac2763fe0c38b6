"""What the kernel leaves for Python to do: divisions of large numbers, and keys that outgrow their
memory."""

from __future__ import annotations

from anfu.risk.packed.answers import Answers
from anfu.risk.packed.arrays import reserve
from anfu.risk.packed.entries import Entries
from anfu.risk.packed.given import Given
from anfu.risk.packed.layout import (
    DIVIDE,
    DROPPED,
    G_AMOUNT,
    M_EVENT,
    M_FIRST,
    M_SLOT,
    M_WHAT,
    MARKS,
    MISSING,
    TIDY,
    State,
    Words,
)
from anfu.risk.packed.program import Program
from anfu.risk.packed.quotients import divided
from anfu.risk.packed.told import Told


class Attending:
    """`told` is what was said of the payments of keys, by slot."""

    def __init__(
        self, program: Program, state: State, given: Given, answers: Answers, entries: Entries
    ) -> None:
        self.told: dict[int, Told] = {}
        self._program = program
        self._do = {
            DIVIDE: self._divide, TIDY: self._tidy, DROPPED: self._drop, MISSING: self._miss,
        }  # fmt: skip
        self._state, self._given = state, given
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

    def _divide(self, mark: list[int]) -> None:
        number = self._program.features[mark[M_FIRST]]
        amount = int(self._given.array[mark[M_EVENT], G_AMOUNT])
        sums = mark[M_FIRST + 1 : M_FIRST + 8]
        value = divided(
            self._program.catalogue.features[number], amount, sums, mine=bool(mark[M_SLOT])
        )
        self._answers.correct(mark[M_EVENT], number, value)

    def _tidy(self, mark: list[int]) -> None:
        slot, group = mark[M_SLOT], mark[M_FIRST]
        reserve(self._state, self._entries.for_key(self._state, slot))
        self._entries.tidy(self._state, slot, group)

    def _drop(self, mark: list[int]) -> None:
        self.told.pop(mark[M_SLOT], None)

    def _miss(self, _mark: list[int]) -> None:
        self._missing = True
