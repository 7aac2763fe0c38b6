"""From what the kernel gives to facts, and what it leaves for Python to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from anfu.risk.facts import Facts
from anfu.risk.packed.given import AT_ONCE
from anfu.risk.packed.layout import APPROXIMATE, VALUES, Words
from anfu.risk.packed.program import Program
from anfu.risk.passing import passed_on, passing


class Answers:
    """The array of what comes out of the kernel, and corrections to it, of values by place."""

    def __init__(self, program: Program) -> None:
        self._program = program
        count = len(program.order)
        self.array: Words = np.zeros((AT_ONCE, VALUES + 2 * count + 1), np.int64)
        self._doubles = self.array.view(np.float64)
        self._ends = VALUES + count - program.doubles, VALUES + count
        self._order = _taker(program.order)
        self._corrected: dict[int, dict[int, Any]] = {}
        self._passing = [
            tuple(program.order[number] for number in numbers)
            for numbers in passing(program.catalogue)
        ]
        self._homes = [home.name for home in program.homes]

    def correct(self, event: int, number: int, value: Any) -> None:
        """The value of the feature of that number in the catalogue, for an event."""
        place = self._program.order[number]
        self._corrected.setdefault(event, {})[place] = value

    def facts(self, inputs: Sequence[Facts]) -> list[Facts]:
        """The facts of the events with these inputs."""
        count, (middle, end) = len(inputs), self._ends
        whole = self.array[:count, VALUES:middle].tolist()
        doubles = self._doubles[:count, middle:end].tolist()
        nulls, homes = self.array[:count, : APPROXIMATE + 1].T.tolist()
        rows = []
        for n, given in enumerate(inputs):
            values = whole[n] + doubles[n]
            for place in self.array[n, end : nulls[n]].tolist():
                values[place] = None
            if n in self._corrected:
                for place, value in self._corrected[n].items():
                    values[place] = value
            for place, out, came in self._passing:
                values[place] = passed_on(values[out], values[came])
            approximate = self._named(homes[n]) if homes[n] else None
            rows.append((*given, *self._order(values), approximate))
        self._corrected.clear()
        return rows

    def _named(self, homes: int) -> str:
        """The homes of these bits."""
        return ",".join(sorted(name for n, name in enumerate(self._homes) if homes >> n & 1))


def _taker(order: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    if len(order) > 1:
        return itemgetter(*order)
    return lambda values: [values[place] for place in order]
