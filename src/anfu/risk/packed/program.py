"""A catalogue as tables of numbers: what the kernel, compiled once for all of them, runs by.

Homes have groups; a reading is a home read by one key; it has passes, one for each group and delay;
a pass has spans, the windows of that delay from the shortest; a span has features. Features of
words alone and of places follow those of spans; those of the clock come last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from anfu.risk.facts import Type
from anfu.risk.features import CIVIL, PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.packed.groups import WORDS, Group, Home, Span, homes_of
from anfu.risk.packed.layout import (
    BITS,
    G_BITS,
    LONGITUDE,
    NEEDS_AMOUNTS,
    NEEDS_COUNT,
    NEEDS_ENDS,
    NEEDS_EXTREMES,
    NEEDS_MORE,
    NEEDS_SQUARES,
    P_COLUMNS,
    P_PAIRS,
    PROGRAM_WIDTH,
    S_PAIRS,
    SETTLED,
    T_ALL,
    T_COLUMNS,
    T_FEATURES,
    T_GROUPS,
    T_HOMES,
    T_PASSES,
    T_READINGS,
    T_RINGS,
    T_SPANS,
    TABLES,
)
from anfu.risk.packed.tiles import TILE_SKETCHES
from anfu.risk.tiles import PARTS

_SECOND = 1_000_000
_ZERO = frozenset({Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT, Aggregate.FRAUD_COUNT,
                   Aggregate.FRAUD_SHARE})  # fmt: skip
_NEWEST = frozenset({Aggregate.LAST, Aggregate.SINCE_LAST})
_NEEDS = {
    Aggregate.COUNT: NEEDS_COUNT, Aggregate.FRAUD_SHARE: NEEDS_COUNT,
    Aggregate.SUM: NEEDS_AMOUNTS, Aggregate.MEAN: NEEDS_COUNT | NEEDS_AMOUNTS,
    Aggregate.RATIO: NEEDS_COUNT | NEEDS_AMOUNTS,
    Aggregate.STD: NEEDS_COUNT | NEEDS_AMOUNTS | NEEDS_SQUARES,
    Aggregate.MAX: NEEDS_COUNT | NEEDS_EXTREMES, Aggregate.MIN: NEEDS_COUNT | NEEDS_EXTREMES,
    Aggregate.FIRST: NEEDS_COUNT | NEEDS_ENDS, Aggregate.LAST: NEEDS_COUNT | NEEDS_ENDS,
    Aggregate.SINCE_LAST: NEEDS_ENDS, Aggregate.AGE: NEEDS_ENDS,
}  # fmt: skip
_KINDS = {aggregate: n for n, aggregate in enumerate(Aggregate)}
_EVER = -1


class Program:
    """`texts`: the inputs of which ids are given to the kernel, after them the ids of `pairs` of
    two. `order`: at which place the value of each feature of the catalogue comes out; `doubles`:
    how many places, the last ones, are of doubles. `features`: of each row of that table, its
    number in the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.homes = homes_of(catalogue)
        fields = {field for home in self.homes for field in home.fields}
        used = {e.value for h in self.homes for e in (h.entity, h.also) if e is not None}
        used |= {by.value for h in self.homes for g in h.groups for by, _ in g.readings}
        self.texts = tuple(sorted(fields | used))
        self.pairs = tuple(
            (home.entity.value, home.also.value) for home in self.homes if home.also is not None
        )
        self.catalogue = catalogue
        self.features: list[int] = []
        self._tables: list[list[Sequence[int]]] = [[] for _ in range(TABLES)]
        numbered = list(enumerate(catalogue.features))
        whole = [i for i, f in numbered if f.fact.type is not Type.DOUBLE]
        double = [i for i, f in numbered if f.fact.type is Type.DOUBLE]
        self.doubles = len(double)
        self._place = {number: place for place, number in enumerate([*whole, *double])}
        self.order = tuple(self._place[i] for i, _ in numbered)
        self._fill()

    def array(self) -> npt.NDArray[np.int64]:
        """The tables, one after the other, filled up with zeros."""
        rows = max(1, *(len(table) for table in self._tables))
        array = np.zeros((len(self._tables), rows, PROGRAM_WIDTH), np.int64)
        for n, table in enumerate(self._tables):
            for i, row in enumerate(table):
                array[n, i, : len(row)] = row
        return array

    def given(self, name: str, also: str | None = None) -> int:
        """The column in which the id of an input, or of a pair of two, is given."""
        first = G_BITS + len(self.homes)
        if also is None:
            return first + self.texts.index(name)
        return first + len(self.texts) + self.pairs.index((name, also))

    @property
    def most_columns(self) -> int:
        """How many columns one walk tells texts apart in, at the most."""
        passes = self._tables[T_PASSES]
        return max((p[P_PAIRS] - p[P_COLUMNS] for p in passes), default=0) or 1

    @property
    def width(self) -> int:
        """How many columns are given of an event."""
        return G_BITS + len(self.homes) + len(self.texts) + len(self.pairs)

    def row_width(self, home: int) -> int:
        """How many words a row takes in a home."""
        return first_field(self.homes[home]) + len(self.homes[home].fields)

    def _fill(self) -> None:
        tables = self._tables
        by_home = {}
        for home in self.homes:
            for by in dict.fromkeys(by for group in home.groups for by, _ in group.readings):
                by_home[home.number, by] = len(tables[T_READINGS])
                self._add_reading(home, by)
        for home in self.homes:
            self._add_home(home, by_home.get((home.number, home.entity), -1))
        first = len(self.features)
        for number, feature in enumerate(self.catalogue.features):
            if feature.aggregate in CIVIL:
                self._add_feature(number, feature, 0, 0)
        readings, end = len(tables[T_READINGS]), len(self.features)
        sketches = max((len(s.fields) for h in self.homes for g in h.groups for s in g.spans),
                       default=0)  # fmt: skip
        # Those made of others (`passing`) have a place, and no row.
        places = len(self.order)
        tables[T_ALL].append((first, end, places, readings, TILE_SKETCHES + sketches))

    def _add_home(self, home: Home, reading: int) -> None:
        tables = self._tables
        columns = _columns(home)
        first = len(tables[T_COLUMNS])
        tables[T_COLUMNS] += [(columns[f], self.given(f), 0) for f in home.fields]
        end, groups, settled = len(tables[T_COLUMNS]), len(tables[T_GROUPS]), 0
        rings = extra = SETTLED + sum(group.lifelong for group in home.groups)
        for group in home.groups:
            self._add_group(home, group, settled if group.lifelong else -1, extra)
            settled += group.lifelong
            extra += 1 + sum(span.window is not None for span in group.spans)
        key = self.given(home.entity, home.also)
        tables[T_HOMES].append((
            self.row_width(home.number), key, first, end,
            _mask(g for g in home.groups if g.placed),
            _mask(g for g in home.groups if g.lifelong), groups, len(tables[T_GROUPS]),
            extra, reading, home.reach, rings,
        ))  # fmt: skip

    def _add_group(self, home: Home, group: Group, settled: int, extra: int) -> None:
        columns, rings = _columns(home), len(self._tables[T_RINGS])
        first = len(self._tables[T_COLUMNS])
        self._tables[T_COLUMNS] += [(columns[f], self.given(f), 0) for f in group.pairs]
        end, width = len(self._tables[T_COLUMNS]), S_PAIRS + 3 * len(group.pairs)
        for place, span in enumerate(_windows(group), extra + 1):
            from_column = len(self._tables[T_COLUMNS])
            self._tables[T_COLUMNS] += [(columns[f], self.given(f), 0) for f in span.fields]
            self._tables[T_RINGS].append((
                span.window or 0, span.delay, -(-(span.window or 0) // PARTS), place, from_column,
                len(self._tables[T_COLUMNS]),
            ))  # fmt: skip
        self._tables[T_GROUPS].append((
            group.keep, group.reach, group.labelled, settled, width, first, end, extra, rings,
            len(self._tables[T_RINGS]),
        ))  # fmt: skip

    def _add_reading(self, home: Home, by: Entity) -> None:
        first, passes = len(self.features), len(self._tables[T_PASSES])
        ours = [(group, dict(group.readings).get(by, ())) for group in home.groups]
        for group, features in ours:
            for delay in dict.fromkeys(span.delay for span in group.spans):
                self._add_pass(home, group, features, delay)
        words = len(self.features)
        for group, features in ours:
            for number, feature in features:
                if feature.aggregate in WORDS:
                    self._add_feature(number, feature, group.number, 0)
        places = len(self.features)
        for group, features in ours:
            for number, feature in features:
                if feature.aggregate in PLACES:
                    self._add_feature(number, feature, group.number, 0)
        own = by is home.entity
        key = self.given(by, home.also) if own else self.given(by)
        self._tables[T_READINGS].append((
            home.number, key, own, passes, len(self._tables[T_PASSES]), first, words, words,
            places, len(self.features),
        ))  # fmt: skip

    def _add_pass(
        self, home: Home, group: Group, features: Iterable[tuple[int, Feature]], delay: int
    ) -> None:
        tables, columns = self._tables, _columns(home)
        ours = [(i, f) for i, f in features
                if f.aggregate not in PLACES | WORDS and f.delay_s * _SECOND == delay]  # fmt: skip
        if not ours:
            return
        read = {_window(f) for _, f in ours}
        spans = [s for s in group.spans if s.delay == delay and s.window in read]
        declared = [f for _, f in ours]
        fields = sorted({str(f.field) for f in declared if f.aggregate is Aggregate.DISTINCT})
        pairs = sorted({str(f.field) for f in declared if f.aggregate is Aggregate.PAIR_AGE})
        last = {
            field: max(n for n, span in enumerate(spans)
                       if any(_window(f) == span.window and f.field == field
                              and f.aggregate is Aggregate.DISTINCT for f in declared))
            for field in fields
        }  # fmt: skip
        first = len(tables[T_COLUMNS])
        tables[T_COLUMNS] += [(columns[f], self.given(f), last[f]) for f in fields]
        middle = len(tables[T_COLUMNS])
        # In the order of the group's own pairs, which is that of its settled tables.
        tables[T_COLUMNS] += [
            (columns[f], self.given(f), 0) for f in (group.pairs if pairs else ())
        ]
        from_span = len(tables[T_SPANS])
        for n, span in enumerate(spans):
            start = len(self.features)
            for number, feature in ours:
                if _window(feature) == span.window:
                    among = fields if feature.aggregate is Aggregate.DISTINCT else group.pairs
                    argument = 0 if feature.field is None else list(among).index(feature.field)
                    self._add_feature(number, feature, group.number, argument)
            window = _EVER if span.window is None else span.window
            ring = -1 if span.window is None else self._ring_row(home, group, span)
            tables[T_SPANS].append(
                (window, start, len(self.features), _needs(spans[n:], declared), ring)
            )
        tables[T_PASSES].append((
            self._group_row(home, group), 1 << group.number, delay, from_span,
            len(tables[T_SPANS]), first, middle, len(tables[T_COLUMNS]),
        ))  # fmt: skip

    def _add_feature(self, number: int, feature: Feature, group: int, argument: int) -> None:
        kind = feature.aggregate
        window = (feature.window_s or 0) * _SECOND
        self.features.append(number)
        self._tables[T_FEATURES].append((
            _KINDS[kind], self._place[number], argument, kind in _ZERO, 1 << group, window,
            feature.delay_s * _SECOND,
        ))  # fmt: skip

    def _ring_row(self, home: Home, group: Group, span: Span) -> int:
        """Rings lie in the order of their groups."""
        groups = [g for h in self.homes[: home.number] for g in h.groups]
        before = [s for g in (*groups, *home.groups[: group.number]) for s in _windows(g)]
        return len(before) + _windows(group).index(span)

    def _group_row(self, home: Home, group: Group) -> int:
        """Groups lie in the order of their homes."""
        return sum(len(before.groups) for before in self.homes[: home.number]) + group.number


def _windows(group: Group) -> list[Span]:
    """The spans that have an end, in the order of their rings."""
    return [span for span in group.spans if span.window is not None]


def _needs(spans: Sequence[Span], declared: Iterable[Feature]) -> int:
    """What the first of these spans is asked for, and what is added up in it for the others."""
    needs = 0 if spans[0].window is None else NEEDS_COUNT
    for feature in declared:
        if _window(feature) in {span.window for span in spans}:
            needs |= _NEEDS.get(feature.aggregate, 0)
        if _window(feature) == spans[0].window and not (
            feature.aggregate in _NEWEST and not feature.delay_s
        ):
            needs |= NEEDS_MORE
    return needs


def _window(feature: Feature) -> int | None:
    return None if feature.window_s is None else feature.window_s * _SECOND


def first_field(home: Home) -> int:
    """Where in a row the fields of an event begin: after its bits, or its position."""
    return (LONGITUDE if home.placed else BITS) + 1


def _columns(home: Home) -> dict[str, int]:
    first = first_field(home)
    return {field: first + n for n, field in enumerate(home.fields)}


def _mask(groups: Iterable[Group]) -> int:
    mask = 0
    for group in groups:
        mask |= 1 << group.number
    return mask
