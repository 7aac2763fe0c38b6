"""Whether an event is on a list: the lists in force, in memory.

One look-up a list and input: a dictionary for exact and hashed values, one for each length of
prefix or network that occurs. What has expired at the event's time is not met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Protocol

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.lists.acting import joined
from anfu.risk.lists.declaration import INPUTS, Declaration, Form
from anfu.risk.lists.values import Blind, canonical_address, hashed
from anfu.risk.rules import RuleSet

FOREVER = 1 << 62
_SEEN = {"device": "environment.device", "address": "environment.address"}
_READ: Mapping[str, Callable[[Event], str | None]] = {
    name: attrgetter(_SEEN.get(name, name)) for name in INPUTS
}


@dataclass(frozen=True, slots=True)
class Mark:
    """`value` (as it is kept) stands on a list until `expires`, or no longer stands on it."""

    value: str
    expires: datetime | None = None
    added: bool = True


class _Matcher(Protocol):
    """`find` gives until when (microseconds since 1970) a value stands on the list."""

    def __len__(self) -> int: ...

    def put(self, value: str, until: int) -> None: ...

    def drop(self, value: str) -> None: ...

    def find(self, value: str) -> int | None: ...


class _Exact:
    """Values as events have them."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self.put, self.find = self._known.__setitem__, self._known.get

    def __len__(self) -> int:
        return len(self._known)

    def drop(self, value: str) -> None:
        self._known.pop(value, None)


class _Addresses(_Exact):
    """Whole addresses, in whatever notation the event has them."""

    def __init__(self) -> None:
        super().__init__()
        known = self._known
        self.find = lambda value: known.get(_canonical(value) or value)  # type: ignore[assignment]


class _Hashed:
    """Keyed hashes, as 32 bytes."""

    def __init__(self, kind: str, blind: Blind) -> None:
        self._known: dict[bytes, int] = {}
        self._kind, self._blind = kind, blind

    def __len__(self) -> int:
        return len(self._known)

    def put(self, value: str, until: int) -> None:
        self._known[bytes.fromhex(value)] = until

    def drop(self, value: str) -> None:
        self._known.pop(bytes.fromhex(value), None)

    def find(self, value: str) -> int | None:
        return self._known.get(hashed(self._kind, value, self._blind))


class _Prefixes:
    """Beginnings of values, by their length. Of several that fit, the one that stays longest."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._known.values()))

    def put(self, value: str, until: int) -> None:
        self._known.setdefault(len(value), {})[value] = until

    def drop(self, value: str) -> None:
        _drop(self._known, len(value), value)

    def find(self, value: str) -> int | None:
        best = None
        for length, known in self._known.items():
            until = known.get(value[:length]) if length <= len(value) else None
            if until is not None and (best is None or until > best):
                best = until
        return best


class _Networks:
    """Networks of both versions, by version and length; the host's bits are shifted out."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], dict[int, int]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._known.values()))

    def put(self, value: str, until: int) -> None:
        shape, start = _shape(value)
        self._known.setdefault(shape, {})[start] = until

    def drop(self, value: str) -> None:
        shape, start = _shape(value)
        _drop(self._known, shape, start)

    def find(self, value: str) -> int | None:
        number = _number(value)
        if number is None:
            return None
        best = None
        for (version, host_bits), known in self._known.items():
            until = known.get(number[1] >> host_bits) if version == number[0] else None
            if until is not None and (best is None or until > best):
                best = until
        return best


class Book:
    """The lists in force: the `Lists` of the engine. `version` is the last change it knows.

    Not shared between threads. The keyed hash is `blind`.
    """

    def __init__(self, blind: Blind, declared: Iterable[Declaration] = ()) -> None:
        self._blind = blind
        self.version = 0
        self._declared: dict[str, Declaration] = {}
        self._matchers: dict[str, _Matcher] = {}
        self._moments: dict[int, int] = {}
        self._probes: list[tuple[str, Callable[[Event], str | None], Any]] = []
        for declaration in declared:
            self.declare(declaration)

    @property
    def declared(self) -> Mapping[str, Declaration]:
        """By name, those that are not retired."""
        return MappingProxyType(self._declared)

    @property
    def blind(self) -> Blind:
        return self._blind

    def counts(self) -> dict[str, int]:
        """Entries by list, the expired ones too."""
        return {name: len(matcher) for name, matcher in self._matchers.items()}

    def declare(self, declaration: Declaration) -> None:
        """A new list, or another declaration of a known one, which keeps its entries. A retired one
        keeps them too, and is met by nothing."""
        name = declaration.name
        if name not in self._matchers:
            self._matchers[name] = _matcher(declaration, self._blind)
        self._declared.pop(name, None)
        if not declaration.retired:
            self._declared[name] = declaration
        self._probe()

    def put(self, name: str, marks: Sequence[Mark]) -> None:
        """Bring marks into force, in their order."""
        matcher = self._matchers.get(name)
        if matcher is None:
            raise BrokenInvariant(f"entries of a list that was never declared: {name}")
        for mark in marks:
            if mark.added:
                # Entries of one import expire together: one number for all of them.
                until = moment_of(mark.expires)
                matcher.put(mark.value, self._moments.setdefault(until, until))
            else:
                matcher.drop(mark.value)
        self._probe()

    def act(self, rule_set: RuleSet) -> RuleSet:
        """As `Lists.act`."""
        return joined(rule_set, self._declared.values())

    def hits(self, event: Event) -> str:
        """As `Lists.hits`."""
        met = []
        for code, read, find in self._probes:
            value = read(event)
            if value is not None:
                until = find(value)
                if until is not None and (until == FOREVER or until > moment_of(event.at)):
                    met.append(code)
        return ",".join(met)

    def _probe(self) -> None:
        """Look where there are entries, in the order of the codes, so that what is met comes
        sorted."""
        self._probes = sorted(
            (f"{d.name}:{i}", _READ[i], self._matchers[d.name].find)
            for d in self._declared.values()
            for i in d.inputs
            if len(self._matchers[d.name])
        )  # fmt: skip


def moment_of(moment: datetime | None) -> int:
    """Microseconds since 1970; of no end, `FOREVER`."""
    return FOREVER if moment is None else (moment - EPOCH) // MICROSECOND


def _matcher(declaration: Declaration, blind: Blind) -> _Matcher:
    if declaration.form is Form.HASHED:
        return _Hashed(declaration.inputs[0], blind)
    if declaration.form is Form.NETWORK:
        return _Networks()
    if declaration.form is Form.PREFIX:
        return _Prefixes()
    return _Addresses() if declaration.inputs == ("address",) else _Exact()


def _drop(known: dict[Any, dict[Any, int]], length: Any, value: Any) -> None:
    same = known.get(length, {})
    same.pop(value, None)
    if not same:
        known.pop(length, None)


def _shape(value: str) -> tuple[tuple[int, int], int]:
    network = ip_network(value)
    host_bits = network.max_prefixlen - network.prefixlen
    return (network.version, host_bits), int(network.network_address) >> host_bits


# Payers come back from the same addresses.
@lru_cache(maxsize=65_536)
def _number(value: str) -> tuple[int, int] | None:
    canonical = canonical_address(value)
    if canonical is None:
        return None
    address = ip_address(canonical)
    return address.version, int(address)


_canonical = lru_cache(maxsize=65_536)(canonical_address)
