"""Groups: the events that features take together, and the homes they are kept in.

A *group* is the events of one entity, or of a pair of two, that are of the same kinds and meet the
same condition. The *home* of an entity, or of a pair, has all groups of it: an event is one row
there, with a bit for each group it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from anfu.risk.event import Kind
from anfu.risk.features import LABELS, PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.gathered import SECOND, Key, Numbered, gathered, longest, name_of

# Those that are read off the words about payments, and need no rows of them.
WORDS = LABELS - {Aggregate.FRAUD_SHARE}
# Those that are read off rows, but not of a window.
_ELSEWHERE = PLACES | WORDS


@dataclass(frozen=True, slots=True)
class Span:
    """A window (None: for ever) and a delay, in microseconds, that features of a group share;
    `fields` are told apart in it."""

    window: int | None
    delay: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`number`: among the groups of its home. `readings` are its features, by whose key they are
    read. `pairs`: the fields of PAIR_AGE. `keep` and `reach` (microseconds): how far back windows
    of rows, and windows of any kind, reach. `lifelong`: something is known of a key for ever."""

    number: int
    entity: Entity
    also: Entity | None
    kinds: frozenset[Kind]
    condition: str | None
    readings: tuple[tuple[Entity, tuple[tuple[int, Feature], ...]], ...]
    spans: tuple[Span, ...]
    pairs: tuple[str, ...]
    keep: int
    reach: int
    lifelong: bool
    placed: bool
    labelled: bool

    def features(self) -> Iterator[Feature]:
        for _, ours in self.readings:
            for _, feature in ours:
                yield feature


@dataclass(frozen=True, slots=True)
class Home:
    """The groups of one entity, or of one pair."""

    number: int
    entity: Entity
    also: Entity | None
    groups: tuple[Group, ...]

    @property
    def name(self) -> str:
        """As it is written in the fact `approximate`."""
        return name_of(self.entity, self.also)

    @property
    def reach(self) -> int:
        """How far back windows of its groups reach, in microseconds."""
        return max(group.reach for group in self.groups)

    @property
    def placed(self) -> bool:
        return any(group.placed for group in self.groups)

    @property
    def fields(self) -> tuple[str, ...]:
        """What its rows keep of an event besides time, amount and position."""
        declared = (f.field for group in self.groups for f in group.features())
        return tuple(sorted({field for field in declared if field is not None}))


@lru_cache(maxsize=8)
def homes_of(catalogue: Catalogue) -> tuple[Home, ...]:
    """Every group of the catalogue, at home."""
    return tuple(
        Home(number, *home, tuple(_group(n, *group) for n, group in enumerate(groups)))
        for number, (home, groups) in enumerate(gathered(catalogue))
    )


def conditions_of(catalogue: Catalogue) -> tuple[str, ...]:
    """The conditions of all features, in the order of their bits."""
    return tuple(sorted({f.condition for f in catalogue.features if f.condition is not None}))


def _group(number: int, key: Key, features: Numbered) -> Group:
    declared = [feature for _, feature in features]
    readings = dict.fromkeys(f.by or key.entity for f in declared)
    parts = tuple(
        (by, tuple((i, f) for i, f in features if (f.by or key.entity) is by)) for by in readings
    )
    lengths = {(f.window_s, f.delay_s) for f in declared if f.aggregate not in _ELSEWHERE}
    order = sorted(lengths, key=lambda pair: (pair[1], pair[0] is None, pair[0] or 0))
    pairs = {str(f.field) for f in declared if f.aggregate is Aggregate.PAIR_AGE}
    return Group(
        number, key.entity, key.also, key.kinds, key.condition or None, parts,
        tuple(_span(length, declared) for length in order),
        tuple(sorted(pairs)),
        keep=longest([f for f in declared if f.aggregate not in WORDS]),
        reach=longest(declared),
        lifelong=any(f.window_s is None for f in declared),
        placed=any(f.aggregate in PLACES for f in declared),
        labelled=any(f.aggregate in LABELS for f in declared),
    )  # fmt: skip


def _span(length: tuple[int | None, int], features: list[Feature]) -> Span:
    window_s, delay_s = length
    fields = {str(f.field) for f in features if (f.window_s, f.delay_s) == length
              and f.aggregate is Aggregate.DISTINCT}  # fmt: skip
    window = None if window_s is None else window_s * SECOND
    return Span(window, delay_s * SECOND, tuple(sorted(fields)))
