"""Everything that is kept of the keys of one process, and what may be done to it.

Not shared between threads. An operation that raises for what it was given has changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.event import Event
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.packed import arrays
from anfu.risk.packed.answers import Answers
from anfu.risk.packed.attend import Attending
from anfu.risk.packed.entries import Payment, make_entries
from anfu.risk.packed.given import Given
from anfu.risk.packed.layout import DONE, G_AT, G_BITS, GROW, HOME, MARKS, NONE, SLOT_OF, SLOTS
from anfu.risk.packed.names import Names
from anfu.risk.packed.program import Program
from anfu.risk.packed.told import Span, Told

# More words than a first row, what is kept besides, and a first word take in any home.
_NEW_KEY = 1_024


class Shelves:
    """Events are learned at most `AT_ONCE` together."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.program = program = Program(catalogue)
        self.state = arrays.make_state(program)
        self.names = Names(self.state)
        self.given = Given(catalogue, program, self.names)
        self._answers = Answers(program)
        self._desk = arrays.make_desk(self.given.array, self._answers.array)
        self._entries = make_entries(self.state, self._desk)
        self._attending = Attending(program, self.state, self.given, self._answers, self._entries)
        self._told = self._attending.told
        self._labelled = [
            (home.number, program.given(home.entity, home.also), bits)
            for home in program.homes
            if (bits := sum(1 << group.number for group in home.groups if group.labelled))
        ]

    def learn(self, events: Sequence[Event], *, sweep: bool) -> list[Facts]:
        """Learn payments in turn; the facts of each. `sweep`: keys that are dead may go."""
        try:
            inputs = [self.given.write(n, e, read=True) for n, e in enumerate(events)]
            self.run(len(events), sweep=sweep)
            return self._answers.facts(inputs)
        finally:
            self.names.tidy()

    def observe(self, events: Sequence[Event], *, sweep: bool) -> None:
        """Learn events of any kind of which no facts are asked."""
        try:
            for n, event in enumerate(events):
                self.given.write(n, event, read=False)
            self.run(len(events), sweep=sweep)
        finally:
            self.names.tidy()

    def look(self, event: Event) -> Facts:
        """What learning a payment would give."""
        try:
            inputs = self.given.write(0, event, read=True)
            self.run(1, sweep=False, tidy=False)
            [facts] = self._answers.facts([inputs])
            self.take_out()
            return facts
        finally:
            self.names.tidy()

    def forget(self, event: Event) -> None:
        """Take one learning of an event back. Raises BrokenInvariant when it was not learned, or is
        in what is kept for ever."""
        try:
            self.given.write(0, event, read=False)
            self.forget_given(event.id)
        finally:
            self.names.tidy()

    def label(self, event: Event, word: tuple[int, bool]) -> None:
        """Something was said of a payment: when, and whether that it is fraud."""
        try:
            self.given.write(0, event, read=False)
            self.hear_given(event.id, word)
        finally:
            self.names.tidy()

    def run(self, count: int, *, sweep: bool, tidy: bool = True) -> None:
        """Let the kernel run through the events that are given."""
        state, at = self.state, 0
        while True:
            at, why = self._entries.run(state, self._desk, at, count, tidy, sweep)
            if state.meta[MARKS]:
                self._attending.attend(self._desk.marks)
            if why == DONE:
                return
            if why == GROW:
                arrays.grow(state)

    def take_out(self) -> None:
        """Take out the row of the first event that is given."""
        self._entries.forget(self.state, self.given.array[0], self._desk.marks)
        self._attending.attend(self._desk.marks)

    def forget_given(self, payment: str) -> None:
        """As `forget`, of the first event that is given."""
        self.take_out()
        for home, name, bits in self._labelled_keys():
            slot = int(self.state.ids[name, SLOT_OF + home])
            told = self._told.get(slot) if slot >= 0 else None
            if told is None or self._entries.has_row(self.state, self.given.array[0], home, slot):
                continue
            at = int(self.given.array[0, G_AT])
            gone = told.unhear(at, payment)
            self._tell(home, name, at, gone, [], bits, known=at if told.words else NONE)
            if not told.words:
                self._told.pop(slot, None)
        if self._attending.missed():
            raise BrokenInvariant("an event to be forgotten was never learned, or too long ago")

    def hear_given(self, payment: str, word: tuple[int, bool]) -> None:
        """As `label`, of the first event that is given."""
        at = int(self.given.array[0, G_AT])
        for home, name, bits in self._labelled_keys():
            slot = int(self.state.ids[name, SLOT_OF + home])
            told = self._told.get(slot) if slot >= 0 else None
            if told is None:
                told = Told()
            gone, come = told.hear(at, payment, word)
            slot = self._tell(home, name, at, gone, come, bits, known=at)
            self._told[slot] = told

    def sweep(self, at: int) -> int:
        """Drop the keys that no feature can see any more at `at`; how many."""
        dropped = 0
        for slot in range(int(self.state.meta[SLOTS])):
            if self.state.slots[slot, HOME] != NONE:
                dropped += bool(self._entries.look_at(self.state, self._desk.marks, slot, at))
                self._attending.attend(self._desk.marks)
        self.names.tidy()
        return dropped

    def clear(self) -> None:
        """Forget everything."""
        arrays.clear(self.state)
        self.names.forget()
        self._told.clear()

    def counts(self) -> dict[str, tuple[int, int]]:
        """For each home: how many keys, and how many rows."""
        homes = self.program.homes
        found = arrays.counts(self.state, len(homes))
        return {home.name: counts for home, counts in zip(homes, found, strict=True)}

    def _labelled_keys(self) -> Iterator[tuple[int, int, int]]:
        """The home, the id of the key there, and the groups that hear words, of the first event
        that is given."""
        given = self.given.array[0].tolist()
        for home, column, labelled in self._labelled:
            bits = given[G_BITS + home] & labelled
            if bits and given[column] >= 0:
                yield home, given[column], bits

    def _tell(  # noqa: PLR0913
        self, home: int, name: int, at: int, gone: list[Span], come: list[Span], bits: int,
        *, known: int,
    ) -> int:  # fmt: skip
        slot = int(self.state.ids[name, SLOT_OF + home])
        wanted = self._entries.for_key(self.state, slot) if slot >= 0 else _NEW_KEY
        arrays.reserve(self.state, wanted)
        before, after = (np.array(spans, np.int64).reshape(-1, 2) for spans in (gone, come))
        return int(
            self._entries.tell(self.state, Payment(home, name, at, bits), before, after, known)
        )
