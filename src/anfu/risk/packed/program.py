"""A catalogue as tables of numbers: what the kernel, compiled once for all of them, runs by.

Homes have groups; a reading is a home read by one key; it has passes, one for each group and delay;
a pass has spans, the windows of that delay from the shortest; a span has features. Features of
words alone and of places follow those of spans; those of the clock come last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from anfu.risk.facts import Type
from anfu.risk.features import CIVIL, PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.packed.groups import WORDS, Group, Home, homes_of
from anfu.risk.packed.layout import (
    BITS,
    G_BITS,
    LONGITUDE,
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
    T_SPANS,
)

_SECOND = 1_000_000
_ZERO = frozenset({Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT, Aggregate.FRAUD_COUNT,
                   Aggregate.FRAUD_SHARE})  # fmt: skip
_COUNTED = frozenset({Aggregate.COUNT, Aggregate.FRAUD_SHARE})
_NEWEST = frozenset({Aggregate.LAST, Aggregate.SINCE_LAST})
_EXTREMES = frozenset({Aggregate.MAX, Aggregate.MIN})
_KINDS = {aggregate: n for n, aggregate in enumerate(Aggregate)}
_EVER = -1


class Figures(NamedTuple):
    """Features of one span: of the home of that name, the number of the group in it and of the ring
    in that; then of each feature its number in the catalogue, and the place of its field among
    those told apart in the ring."""

    home: str
    group: int
    ring: int
    features: tuple[tuple[int, Feature, int], ...]

    @property
    def approximate(self) -> bool:
        """Whether more than the newest row is asked for."""
        return not all(is_of_newest(feature) for _, feature, _ in self.features)


class Program:
    """`texts`: the inputs of which ids are given to the kernel, after them the ids of `pairs` of
    two. `order`: at which place the value of each feature of the catalogue comes out; `doubles`:
    how many places, the last ones, are of doubles. `features`: of each row of that table, its
    number in the catalogue. `figures`: of each span, how its features are read from tiles."""

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
        self.figures: list[Figures] = []
        self._tables: list[list[Sequence[int]]] = [[] for _ in range(8)]
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
        tables[T_ALL].append((first, end, end, readings))

    def _add_home(self, home: Home, reading: int) -> None:
        tables = self._tables
        columns = _columns(home)
        first = len(tables[T_COLUMNS])
        tables[T_COLUMNS] += [(columns[f], self.given(f), 0) for f in home.fields]
        end, groups, settled = len(tables[T_COLUMNS]), len(tables[T_GROUPS]), 0
        for group in home.groups:
            self._add_group(home, group, settled if group.lifelong else -1)
            settled += group.lifelong
        key = self.given(home.entity, home.also)
        tables[T_HOMES].append((
            self.row_width(home.number), key, first, end,
            _mask(g for g in home.groups if g.placed),
            _mask(g for g in home.groups if g.lifelong), groups, len(tables[T_GROUPS]),
            SETTLED + settled, reading, home.reach,
        ))  # fmt: skip

    def _add_group(self, home: Home, group: Group, settled: int) -> None:
        columns = _columns(home)
        first = len(self._tables[T_COLUMNS])
        self._tables[T_COLUMNS] += [(columns[f], self.given(f), 0) for f in group.pairs]
        width = S_PAIRS + 3 * len(group.pairs)
        self._tables[T_GROUPS].append((
            group.keep, group.reach, group.labelled, settled, width, first,
            len(self._tables[T_COLUMNS]),
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
        spans = [(n, s) for n, s in enumerate(group.spans)
                 if s.delay == delay and s.window in read]  # fmt: skip
        declared = [f for _, f in ours]
        fields = sorted({str(f.field) for f in declared if f.aggregate is Aggregate.DISTINCT})
        pairs = sorted({str(f.field) for f in declared if f.aggregate is Aggregate.PAIR_AGE})
        last = {
            field: max(n for n, (_, span) in enumerate(spans)
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
        kinds, from_span = {f.aggregate for f in declared}, len(tables[T_SPANS])
        for ring, span in spans:
            start = len(self.features)
            for number, feature in ours:
                if _window(feature) == span.window:
                    among = fields if feature.aggregate is Aggregate.DISTINCT else group.pairs
                    argument = 0 if feature.field is None else list(among).index(feature.field)
                    self._add_feature(number, feature, group.number, argument)
            window = _EVER if span.window is None else span.window
            tables[T_SPANS].append((window, start, len(self.features)))
            self.figures.append(_figures(home, group, ring, self.features[start:], self.catalogue))
        tables[T_PASSES].append((
            self._group_row(home, group), 1 << group.number, delay, from_span,
            len(tables[T_SPANS]), Aggregate.STD in kinds, bool(kinds & _EXTREMES), first, middle,
            len(tables[T_COLUMNS]), kinds <= _COUNTED,
        ))  # fmt: skip

    def _add_feature(self, number: int, feature: Feature, group: int, argument: int) -> None:
        kind = feature.aggregate
        window = (feature.window_s or 0) * _SECOND
        self.features.append(number)
        self._tables[T_FEATURES].append((
            _KINDS[kind], self._place[number], argument, kind in _ZERO, 1 << group, window,
            feature.delay_s * _SECOND,
        ))  # fmt: skip

    def _group_row(self, home: Home, group: Group) -> int:
        """Groups lie in the order of their homes."""
        return sum(len(before.groups) for before in self.homes[: home.number]) + group.number


def _figures(
    home: Home, group: Group, ring: int, numbers: Iterable[int], catalogue: Catalogue
) -> Figures:
    fields = group.spans[ring].fields
    declared = [(number, catalogue.features[number]) for number in numbers]
    return Figures(home.name, group.number, ring, tuple(
        (n, f, fields.index(f.field) if f.aggregate is Aggregate.DISTINCT else 0)
        for n, f in declared
    ))  # fmt: skip


def is_of_newest(feature: Feature) -> bool:
    """Whether a feature is read off the newest row of its window alone."""
    return not feature.delay_s and feature.aggregate in _NEWEST


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
