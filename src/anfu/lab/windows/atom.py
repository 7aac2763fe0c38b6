"""Features taken apart: aggregates over a frame of an entity's events, and what is made of them.

A row's place in time is one number, `pos` = microseconds * SHIFT + 2 * arrival (+ 1 in a union
of sources and probes), so that one RANGE frame says both: the window in event time and, among the
events of one instant, only those that arrived before.
"""

from __future__ import annotations

from dataclasses import dataclass

from anfu.kernel.money import MAX_MINOR
from anfu.risk.environment import DIAMETER_TENTHS
from anfu.risk.features import Aggregate, Feature
from anfu.risk.passing import PASSED_MOST, sums_of

SECOND = 1_000_000
SHIFT = 1 << 41
# A cell's number, and how often it was visited, in one number that orders by the latter first.
STANDING = 1 << 20
# What is read off labels, by the aggregate it is of the labelled events.
LABELLED = {"LABELLED": "COUNT", "LABELLED_MIN": "MIN", "LABELLED_MAX": "MAX"}
# The half-degree cells of `tracks`.
CELLS_A_DEGREE = 2
CELLS_A_ROUND = 360 * CELLS_A_DEGREE
_HOUR, _DAY = 3_600 * SECOND, 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Frame:
    """Events `(t - delay - window, t - delay]`, in microseconds; `window` None: the whole life.
    `before`: without the event at hand."""

    window: int | None = None
    delay: int = 0
    before: bool = False

    @property
    def sql(self) -> str:
        """As the frame of a window ordered by `pos`."""
        low = "UNBOUNDED PRECEDING"
        if self.window is not None:
            low = f"CAST({(self.delay + self.window) * SHIFT - 1} AS HUGEINT) PRECEDING"
        high = "CURRENT ROW"
        if self.delay:
            high = f"CAST({self.delay * SHIFT} AS HUGEINT) PRECEDING"
        elif self.before:
            high = "CAST(1 AS HUGEINT) PRECEDING"
        return f"RANGE BETWEEN {low} AND {high}"

    def holds(self, event: str, probe: str) -> str:
        """As a test of an `event` that the `probe` had seen, whatever its place."""
        tests = [f'{event}."at" <= {probe}."at" - {self.delay}'] if self.delay else []
        if self.window is not None:
            tests.append(f'{event}."at" > {probe}."at" - {self.delay + self.window}')
        if self.before:
            tests.append(f"{event}.seq < {probe}.seq")
        return " AND ".join(tests) or "TRUE"


@dataclass(frozen=True, slots=True)
class Track:
    """Whose events are taken together: by the columns `keys`, looked up by the columns `probes`
    of the event at hand."""

    keys: tuple[str, ...]
    probes: tuple[str, ...]

    @property
    def own(self) -> bool:
        return self.keys == self.probes


@dataclass(frozen=True, slots=True)
class Atom:
    """`function` over `column` of those events of `track` in `frame` whose `flag` is TRUE; with
    `same`, only those with the same value of that column as the event at hand."""

    track: Track
    function: str
    column: str
    flag: str
    frame: Frame
    same: str | None = None

    @property
    def labelled(self) -> bool:
        return self.function in LABELLED

    def aggregate(self, flag: str, prefix: str = "") -> str:
        """The call, over the events for which the SQL `flag` is TRUE."""
        value = f'{prefix}"{self.column}"'
        if self.function in ("ARG_MIN", "ARG_MAX"):
            return f"{self.function}({value}, CASE WHEN {flag} THEN {prefix}pos END)"
        chosen = f"CASE WHEN {flag} THEN {value} END"
        if self.function == "DISTINCT":
            return f"COUNT(DISTINCT {chosen})"
        return f"{self.function}({chosen})"


@dataclass(frozen=True, slots=True)
class Plan:
    """A feature as SQL over the columns of the event and those that hold its `atoms`, which stand
    as `{0}`, `{1}`, ... in the `steps`; `{it}` is the value of the step before. The last step is
    the feature."""

    feature: Feature
    steps: tuple[str, ...]
    atoms: tuple[Atom, ...] = ()

    @property
    def labelled(self) -> bool:
        return any(atom.labelled for atom in self.atoms)


def tracks_of(feature: Feature) -> list[Track]:
    """Whose events a feature looks at; of the clock, nobody's."""
    if feature.entity is None:
        return []
    parts = sums_of(feature) if feature.aggregate is Aggregate.PASSED_ON else (feature,)
    return [_track_of(part) for part in parts]


def _track_of(feature: Feature) -> Track:
    assert feature.entity is not None
    if feature.by is not None:
        return Track((feature.entity.value,), (feature.by.value,))
    keys = (feature.entity.value, *([feature.also.value] if feature.also else []))
    return Track(keys, keys)


def plan_of(feature: Feature, flag: str) -> Plan:
    """The plan of a feature whose kinds and condition are the column `flag`."""
    if feature.aggregate in _CIVIL:
        return Plan(feature, (_CIVIL[feature.aggregate],))
    (*steps, last), parts = _PARTS[feature.aggregate]
    of = sums_of(feature) if feature.aggregate is Aggregate.PASSED_ON else [feature] * len(parts)
    atoms = tuple(_atom(one, flag, *part) for one, part in zip(of, parts, strict=True))
    needed = [*_track_of(feature).probes]
    needed += [str(feature.field)] if feature.aggregate is Aggregate.PAIR_AGE else []
    missing = " OR ".join(f'"{name}" IS NULL' for name in needed)
    return Plan(feature, (*steps, f"CASE WHEN {missing} THEN NULL ELSE {last} END"), atoms)


def _atom(feature: Feature, flag: str, function: str, column: str, before: bool) -> Atom:
    window = None if feature.window_s is None else feature.window_s * SECOND
    frame = Frame(window, feature.delay_s * SECOND, before)
    same = feature.field if feature.aggregate is Aggregate.PAIR_AGE else None
    named = str(feature.field) if column == "field" else column
    return Atom(_track_of(feature), function, named, flag, frame, same)


def _way(latitude: str, longitude: str) -> str:
    """`environment.distance_km` from the event's own position, in tenths, before rounding."""
    half = (
        f"POWER(SIN((RADIANS({latitude}) - RADIANS(latitude)) / CAST(2 AS DOUBLE)), 2)"
        f" + COS(RADIANS(latitude)) * COS(RADIANS({latitude}))"
        f" * POWER(SIN(RADIANS({longitude} - longitude) / CAST(2 AS DOUBLE)), 2)"
    )
    return f"CAST({DIAMETER_TENTHS!r} AS DOUBLE) * ASIN(SQRT(LEAST(CAST(1 AS DOUBLE), {half})))"


def _tenths(x: str) -> str:
    """Rounded to whole tenths, half up, as `environment` and `places` do it."""
    return f"FLOOR({x} + CAST(0.5 AS DOUBLE)) / CAST(10 AS DOUBLE)"


def _whole(total: str) -> str:
    """A sum of amounts, stopped where SUM is."""
    return f"CAST(LEAST(COALESCE({total}, 0), {MAX_MINOR}) AS BIGINT)"


_LAST_KM = _way("{0}.latitude", "{0}.longitude")
_CELL = f"({{0}} % {STANDING})"
_USUAL_KM = _way(
    f"LEAST((CAST({_CELL} // {CELLS_A_ROUND} AS DOUBLE) + CAST(0.5 AS DOUBLE))"
    f" / CAST({CELLS_A_DEGREE} AS DOUBLE) - 90, CAST(90 AS DOUBLE))",
    f"((CAST({_CELL} % {CELLS_A_ROUND} AS DOUBLE) + CAST(0.5 AS DOUBLE))"
    f" / CAST({CELLS_A_DEGREE} AS DOUBLE) - 180)",
)
_HOURS = f'(CAST(GREATEST("at" - {{0}}."at", {60 * SECOND}) AS DOUBLE) / CAST({_HOUR} AS DOUBLE))'
_DIVIDED = "CAST({0} AS DOUBLE) / CAST({1} AS DOUBLE)"
# By way of a text: DuckDB makes a DOUBLE of 128 bits in two roundings, of their digits in one.
_SPREAD = "SQRT(CAST(CAST({2} * {1} - {0} * {0} AS VARCHAR) AS DOUBLE)) / CAST({2} AS DOUBLE)"
_SINCE = f'CAST(("at" - {{0}}) // {SECOND} AS BIGINT)'
_THERE = "CASE WHEN latitude IS NOT NULL AND {0} IS NOT NULL THEN "
_ALL, _EARLIER = False, True
# aggregate: the steps, and each part as (function, column, whether only of earlier events)
_Parts = tuple[tuple[str, str, bool], ...]
_PARTS: dict[Aggregate, tuple[tuple[str, ...], _Parts]] = {
    Aggregate.COUNT: (("{0}",), (("COUNT", "one", _ALL),)),
    Aggregate.SUM: (
        (_whole("{0}"),),
        (("SUM", "amount", _ALL),),
    ),
    Aggregate.MEAN: (
        (f"CASE WHEN {{1}} > 0 THEN {_DIVIDED} END",),
        (("SUM", "amount", _ALL), ("COUNT", "one", _ALL)),
    ),
    Aggregate.MAX: (("{0}",), (("MAX", "amount", _ALL),)),
    Aggregate.MIN: (("{0}",), (("MIN", "amount", _ALL),)),
    Aggregate.STD: (
        (f"CASE WHEN {{2}} > 0 THEN {_SPREAD} END",),
        (("SUM", "amount", _ALL), ("SUM", "square", _ALL), ("COUNT", "one", _ALL)),
    ),
    Aggregate.DISTINCT: (("{0}",), (("DISTINCT", "field", _ALL),)),
    Aggregate.FIRST: (("{0}",), (("ARG_MIN", "amount", _ALL),)),
    Aggregate.LAST: (("{0}",), (("ARG_MAX", "amount", _ALL),)),
    Aggregate.SINCE_LAST: ((_SINCE,), (("MAX", "at", _EARLIER),)),
    Aggregate.AGE: ((_SINCE,), (("MIN", "at", _ALL),)),
    Aggregate.PAIR_AGE: ((_SINCE,), (("MIN", "at", _ALL),)),
    Aggregate.RATIO: (
        (
            "CASE WHEN {1} > 0 THEN"
            " CAST(CAST(amount AS HUGEINT) * {0} AS DOUBLE) / CAST({1} AS DOUBLE) END",
        ),
        (("COUNT", "one", _EARLIER), ("SUM", "amount", _EARLIER)),
    ),
    Aggregate.PASSED_ON: (
        (
            f"CASE WHEN {{1}} > 0 THEN LEAST(CAST({_whole('{0}')} AS DOUBLE)"
            f" / CAST({_whole('{1}')} AS DOUBLE), CAST({PASSED_MOST!r} AS DOUBLE)) END",
        ),
        (("SUM", "amount", _ALL), ("SUM", "amount", _ALL)),
    ),
    Aggregate.FRAUD_COUNT: (("COALESCE({0}, 0)",), (("LABELLED", "one", _ALL),)),
    Aggregate.FRAUD_SHARE: (
        (
            "CASE WHEN {0} > 0 THEN CAST(COALESCE({1}, 0) AS DOUBLE) / CAST({0} AS DOUBLE)"
            " ELSE CAST(0 AS DOUBLE) END",
        ),
        (("COUNT", "one", _ALL), ("LABELLED", "one", _ALL)),
    ),
    Aggregate.FRAUD_SINCE: ((_SINCE,), (("LABELLED_MAX", "at", _ALL),)),
    Aggregate.FRAUD_AGE: ((_SINCE,), (("LABELLED_MIN", "at", _ALL),)),
    Aggregate.DISTANCE_LAST: (
        (f"{_THERE} {_LAST_KM} END", _tenths("{it}")),
        (("MAX", "place", _EARLIER),),
    ),
    Aggregate.DISTANCE_USUAL: (
        (f"{_THERE} {_USUAL_KM} END", _tenths("{it}")),
        (("MAX", "standing", _EARLIER),),
    ),
    Aggregate.SPEED: (
        (
            f"{_THERE} {_LAST_KM} END",
            f"{_tenths('{it}')} / {_HOURS} * CAST(10 AS DOUBLE)",
            _tenths("{it}"),
        ),
        (("MAX", "place", _EARLIER),),
    ),
}
# 1 January 1970 was a Thursday; Shanghai is eight hours ahead.
_CIVIL = {
    Aggregate.HOUR: f'CAST(("at" // {_HOUR} + 8) % 24 AS BIGINT)',
    Aggregate.WEEKDAY: f'CAST((("at" + {8 * _HOUR}) // {_DAY} + 3) % 7 + 1 AS BIGINT)',
}
