"""Groups: the events that features take together, and what is kept of each key of them.

A *group* is the events of one entity, or of a pair of two, that are of the same kinds and meet the
same condition. A *track* is what is kept of one key of a group: a list of the values `Group.slots`
names. All tracks of a store share the rows of events: `(at, amount, place, text, ...)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from anfu.risk.event import Kind
from anfu.risk.features import LABELS, PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.gathered import SECOND, Key, Numbered, gathered, longest, name_of
from anfu.risk.tiles import Cut

Track = list[Any]
PLACE = 2
ROWS, LAST, SETTLED, TILES = 0, 1, 2, 3
_TOTALS = frozenset({Aggregate.SUM, Aggregate.MEAN, Aggregate.RATIO, Aggregate.STD})
# Those that are read off the words about payments, and need no rows of them.
_WORDS = LABELS - {Aggregate.FRAUD_SHARE}
# Those that need no running figures.
_TIMELESS = PLACES | _WORDS | {Aggregate.AGE, Aggregate.PAIR_AGE}
_EXTREMES = {Aggregate.MAX: "most", Aggregate.MIN: "least"}


@dataclass(frozen=True, slots=True)
class Span:
    """A window and a delay, in microseconds, that features of a group share; lifelong with `window`
    None. `low`, `high` are slots of the first row inside and the first row that is too new for the
    delay; `sums` the slots of running figures ("total", "squares", "most", "least"); `counts` the
    columns of values told apart, each with its slot of counts."""

    window: int | None
    delay: int
    low: int | None
    high: int | None
    sums: dict[str, int]
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`number`: among the groups of its home. `readings` are its features, by whose key they are
    read. `slots` names the values of a track; `firsts` are the columns of PAIR_AGE in the order of
    their slots. `keep` and `reach` (microseconds): how far back windows of rows, and windows of any
    kind, reach. `lifelong`: something is known of a key for ever."""

    number: int
    entity: Entity
    also: Entity | None
    kinds: frozenset[Kind]
    condition: str | None
    readings: tuple[tuple[Entity, tuple[tuple[int, Feature], ...]], ...]
    spans: tuple[Span, ...]
    slots: tuple[str, ...]
    firsts: tuple[int, ...]
    slot: dict[str, int] = field(repr=False)
    keep: int
    reach: int
    lifelong: bool
    placed: bool
    labelled: bool

    @property
    def own(self) -> bool:
        """Whether the payment being decided is learned here before it is read, if it meets the
        condition."""
        return Kind.PAYMENT in self.kinds

    def features(self) -> Iterator[tuple[int, Feature]]:
        for _, ours in self.readings:
            yield from ours

    def cuts(self) -> Iterator[Cut | None]:
        for span in self.spans:
            columns = tuple(column for column, _ in span.counts)
            yield None if span.window is None else Cut(span.window, span.delay, columns)

    def fresh(self) -> Track:
        """The track of a key of which nothing is known. Its rows are a list of its own."""
        empty = {s.sums[n] for s in self.spans for n in ("total", "squares") if n in s.sums}
        empty |= {place for s in self.spans for place in (s.low, s.high) if place is not None}
        track: Track = [0 if i in empty else None for i in range(len(self.slots))]
        track[ROWS], track[LAST] = [], 0
        return track


def columns_of(catalogue: Catalogue) -> dict[str, int]:
    """Where in a row the values lie that are told apart."""
    fields = sorted({f.field for f in catalogue.features if f.field is not None})
    return {name: PLACE + 1 + i for i, name in enumerate(fields)}


def homes_of(catalogue: Catalogue) -> tuple[Home, ...]:
    """Every group of the catalogue, at home."""
    columns = columns_of(catalogue)
    return tuple(
        Home(number, *home, tuple(_group(n, *group, columns) for n, group in enumerate(groups)))
        for number, (home, groups) in enumerate(gathered(catalogue))
    )


@dataclass(frozen=True, slots=True)
class Home:
    """The groups of one entity, or of one pair. The tracks of one key of all of them lie side by
    side on its *shelf*: a list with a track, or None, for each group."""

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
    def learns(self) -> bool:
        """Whether payments are learned here."""
        return any(group.own for group in self.groups)


Shelf = list[Track | None]
Shelves = dict[Any, Shelf]


def _group(number: int, key: Key, features: Numbered, columns: dict[str, int]) -> Group:
    declared = [feature for _, feature in features]
    slots = ["rows", "last", "settled", "tiles"]
    if any(f.aggregate in LABELS for f in declared):
        slots.append("told")
    if any(f.aggregate in PLACES for f in declared):
        slots += ["cells", "usual", "latest"]
    firsts = sorted({columns[str(f.field)] for f in declared if f.aggregate is Aggregate.PAIR_AGE})
    slots += [f"firsts_{column}" for column in firsts]
    lengths = {(f.window_s, f.delay_s) for f in declared if f.aggregate not in _TIMELESS}
    spans = []
    for length in sorted(lengths, key=lambda pair: (pair[0] or 0, pair[1])):
        ours = [f for f in declared if (f.window_s, f.delay_s) == length]
        spans.append(_span(length, ours, columns, slots))
    readings = {f.by or key.entity: () for f in declared}
    parts = tuple(
        (by, tuple((i, f) for i, f in features if (f.by or key.entity) is by)) for by in readings
    )
    slot = {name: i for i, name in enumerate(slots)}
    return Group(
        number, key.entity, key.also, key.kinds, key.condition or None, parts, tuple(spans),
        tuple(slots), tuple(firsts), slot,
        keep=longest([f for f in declared if f.aggregate not in _WORDS]),
        reach=longest(declared),
        lifelong=any(f.window_s is None for f in declared),
        placed="usual" in slot,
        labelled="told" in slot,
    )  # fmt: skip


def _span(
    length: tuple[int | None, int], features: list[Feature], columns: dict[str, int],
    slots: list[str],
) -> Span:  # fmt: skip
    """Adds what it keeps to `slots`."""
    window_s, delay_s = length

    def slot(name: str) -> int:
        slots.append(f"{name}_{span_name(window_s, delay_s)}")
        return len(slots) - 1

    low = None if window_s is None else slot("low")
    high = slot("high") if delay_s else None
    kinds = {f.aggregate for f in features}
    wanted = ["total"] if kinds & _TOTALS else []
    wanted += ["squares"] if Aggregate.STD in kinds else []
    wanted += [name for kind, name in _EXTREMES.items() if kind in kinds]
    sums = {name: slot(name) for name in wanted}
    fields = sorted({columns[str(f.field)] for f in features if f.aggregate is Aggregate.DISTINCT})
    counts = tuple((column, slot(f"counts_{column}")) for column in fields)
    window = None if window_s is None else window_s * SECOND
    return Span(window, delay_s * SECOND, low, high, sums, counts)


def span_name(window_s: int | None, delay_s: int) -> str:
    """A part of a Python name that no other span of a group has."""
    length = "ever" if window_s is None else str(window_s)
    return f"{length}_{delay_s}" if delay_s else length
