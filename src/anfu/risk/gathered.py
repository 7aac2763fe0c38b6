"""Features by what they are kept of: those of one entity, or pair, that take the same events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from anfu.risk.event import Kind
from anfu.risk.features import Aggregate, Catalogue, Entity, Feature

SECOND = 1_000_000
Numbered = list[tuple[int, Feature]]
"""Features, each with its number in the catalogue."""


class Key(NamedTuple):
    """What features of one group share; `condition` is empty where there is none."""

    entity: Entity
    also: Entity | None
    kinds: frozenset[Kind]
    condition: str

    def order(self) -> tuple[Any, ...]:
        return self.kinds != {Kind.PAYMENT}, self.condition, sorted(self.kinds)


Home = tuple[Entity, Entity | None]


def gathered(catalogue: Catalogue) -> Iterator[tuple[Home, list[tuple[Key, Numbered]]]]:
    """Each home in order, with the keys of its groups in order, and their features; those made of
    other features (`passing`) are in none."""
    found: dict[Key, Numbered] = {}
    for i, feature in enumerate(catalogue.features):
        if feature.entity is not None and feature.aggregate is not Aggregate.PASSED_ON:
            kinds = frozenset(feature.kinds)
            key = Key(feature.entity, feature.also, kinds, feature.condition or "")
            found.setdefault(key, []).append((i, feature))
    for home in sorted({(k.entity, k.also) for k in found}, key=_order):
        keys = sorted((k for k in found if (k.entity, k.also) == home), key=Key.order)
        yield home, [(key, found[key]) for key in keys]


def name_of(entity: Entity, also: Entity | None) -> str:
    """A home as it is written in the fact `approximate`."""
    return entity.value if also is None else f"{entity}+{also}"


def longest(features: Iterable[Feature]) -> int:
    """How far back the longest window reaches, in microseconds."""
    lengths = [f.window_s + f.delay_s for f in features if f.window_s is not None]
    return max(lengths, default=0) * SECOND


def _order(home: Home) -> tuple[int, str]:
    return list(Entity).index(home[0]), home[1] or ""
