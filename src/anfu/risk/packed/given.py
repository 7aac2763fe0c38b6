"""An event as the kernel is given it: whole numbers, ids of its texts, bits of its groups."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from struct import Struct
from typing import Any

import numpy as np

from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.event import EPOCH, MICROSECOND, Event, Kind
from anfu.risk.facts import Facts
from anfu.risk.features import Catalogue
from anfu.risk.packed.groups import Group, conditions_of
from anfu.risk.packed.layout import Words
from anfu.risk.packed.names import Names
from anfu.risk.packed.program import Program

# Events that the kernel is given at once.
AT_ONCE = 64
_ELSEWHERE = {
    "event": "id", "kind": "kind.value", "device": "environment.device",
    "address": "environment.address", "latitude": "environment.latitude",
    "longitude": "environment.longitude",
}  # fmt: skip
_NOWHERE = float("nan")


class Given:
    """The array of what is given, and what writes events into it."""

    def __init__(self, catalogue: Catalogue, program: Program, names: Names) -> None:
        self.array: Words = np.zeros((AT_ONCE, program.width), np.int64)
        self._buffer = self.array.reshape(-1).view(np.uint8).data
        self._names = names
        numbers = {i.name: n for n, i in enumerate(catalogue.inputs)}
        self._values = attrgetter(*(_ELSEWHERE.get(name, name) for name in numbers))
        self._at = numbers["at"]
        places = [numbers[name] for name in program.texts]
        self._texts: Any = itemgetter(*places) if len(places) > 1 else _only(places)
        self._pairs = tuple((numbers[one], numbers[other]) for one, other in program.pairs)
        self._plain = itemgetter(*(numbers[n] for n in ("amount", "latitude", "longitude")))
        conditions = conditions_of(catalogue)
        facts = catalogue.facts[: len(catalogue.inputs)]
        self._flags = compile_conditions([read_condition(t, facts) for t in conditions], facts)
        self._bits = _Bits(program, conditions)
        homes, ids = len(program.homes), len(program.texts) + len(program.pairs)
        struct = Struct(f"<qqddq{homes}q{ids}q")
        self._pack, self._size = struct.pack_into, struct.size

    def write(self, n: int, event: Event, *, read: bool) -> Facts:
        """Write an event as the n-th, `read` if its features are asked; its inputs."""
        values = self._values(event)
        at = (event.at - EPOCH) // MICROSECOND
        inputs = (*values[: self._at], at, *values[self._at + 1 :])
        amount, latitude, longitude = self._plain(inputs)
        if latitude is None:
            latitude = longitude = _NOWHERE
        names = self._names
        ids = [names[text] if text else -1 for text in self._texts(inputs)]
        for one, other in self._pairs:
            pair = inputs[one], inputs[other]
            ids.append(names[pair] if all(pair) else -1)
        bits = self._bits[event.kind, self._flags(inputs)]
        self._pack(self._buffer, n * self._size, at, amount, latitude, longitude, read, *bits, *ids)
        return inputs


def _only(places: list[int]) -> Any:
    return lambda inputs: tuple(inputs[place] for place in places)


class _Bits(dict[tuple[Kind, int], tuple[int, ...]]):
    """The groups of each home that an event belongs to, by its kind and its flags."""

    def __init__(self, program: Program, conditions: tuple[str, ...]) -> None:
        super().__init__()
        self._homes, self._conditions = program.homes, conditions

    def __missing__(self, key: tuple[Kind, int]) -> tuple[int, ...]:
        bits = self[key] = tuple(
            sum(1 << group.number for group in home.groups if self._member(group, *key))
            for home in self._homes
        )
        return bits

    def _member(self, group: Group, kind: Kind, flags: int) -> bool:
        if kind not in group.kinds:
            return False
        if group.condition is None:
            return True
        return bool(flags >> self._conditions.index(group.condition) & 1)
