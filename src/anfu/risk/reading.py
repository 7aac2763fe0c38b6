"""The catalogue as one Python function: learn an event and read its facts, in one pass.

The program text is put together from column numbers and window lengths only; names of features
and conditions never enter it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from sys import intern
from typing import Any

from anfu.kernel.money import MAX_MINOR
from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.environment import distance_km
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.facts import Facts
from anfu.risk.features import PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.tracks import LONG, NOWHERE, Layout, Track, cell_of, centre_of

_SECOND = 1_000_000
_HOUR_US = 3_600 * _SECOND
_SHANGHAI_H = 8
Tracks = dict[str, Track]
_INPUTS = {
    "event": "event.id",
    "kind": "event.kind.value",
    "at": "at",
    "amount": "event.amount",
    "currency": "event.currency",
    "method": "event.method",
    "payer": "intern(event.payer)",
    "payee": "intern(event.payee)",
    "card": "event.card and intern(event.card)",
    "device": "environment.device and intern(environment.device)",
    "address": "environment.address and intern(environment.address)",
    "latitude": "environment.latitude",
    "longitude": "environment.longitude",
    "terminal": "event.terminal and intern(event.terminal)",
    "phone": "event.phone and intern(event.phone)",
    "payee_kind": "event.payee_kind",
    "mcc": "event.mcc",
    "promotion": "event.promotion",
}
_HEAD = """\
def take(event):
    environment = event.environment
    at = (event.at - EPOCH) // MICROSECOND
"""


def conditions_of(catalogue: Catalogue) -> tuple[str, ...]:
    """The conditions of all features, in the order of their bits."""
    return tuple(sorted({f.condition for f in catalogue.features if f.condition is not None}))


def flags_of(catalogue: Catalogue) -> Callable[[Facts], int]:
    """Which of `conditions_of` hold, as bits, for the inputs of an event."""
    facts = catalogue.facts[: len(catalogue.inputs)]
    return compile_conditions(
        [read_condition(text, facts) for text in conditions_of(catalogue)], facts
    )


def make_inputs(catalogue: Catalogue) -> Callable[[Event], Facts]:
    """A function that gives the inputs of an event."""
    lines = [_HEAD, f"    return ({', '.join(_INPUTS[i.name] for i in catalogue.inputs)},)"]
    return _compiled(lines, {})


def make_reader(
    catalogue: Catalogue, layouts: Mapping[Entity, Layout], tracks: Mapping[Entity, Tracks]
) -> Callable[[Event], Facts]:
    """A function that learns an event into `tracks` and returns its facts."""
    names = [i.name for i in catalogue.inputs]
    lines = [_HEAD]
    lines += [f"    {name} = {_INPUTS[name]}" for name in names if name not in ("at", "event")]
    lines.append(f"    inputs = ({', '.join('event.id' if n == 'event' else n for n in names)},)")
    lines.append("    flags = flags_of(inputs)")
    numbered = list(enumerate(catalogue.features))
    for entity, layout in layouts.items():
        ours = [(i, feature) for i, feature in numbered if feature.entity is entity]
        lines += _entity(layout, ours, conditions_of(catalogue))
    for i, feature in numbered:
        if feature.aggregate is Aggregate.HOUR:
            lines.append(f"    v{i} = (at // {_HOUR_US} + {_SHANGHAI_H}) % 24")
    lines.append(f"    return (*inputs, {', '.join(f'v{i}' for i, _ in numbered)}, None)")
    space: dict[str, Any] = {"flags_of": flags_of(catalogue)}
    space |= {f"{entity}_tracks": tracks[entity] for entity in layouts}
    space |= {f"{entity}_layout": layout for entity, layout in layouts.items()}
    return _compiled(lines, space)


def _compiled(lines: list[str], space: dict[str, Any]) -> Callable[[Event], Facts]:
    space |= {
        "EPOCH": EPOCH, "MICROSECOND": MICROSECOND, "NOWHERE": NOWHERE, "Track": Track,
        "bisect_right": bisect_right, "cell_of": cell_of, "intern": intern, "travel": travel,
    }  # fmt: skip
    exec("\n".join(lines), space)  # noqa: S102 - of constants of this file and numbers
    taken: Callable[[Event], Facts] = space["take"]
    return taken


def _entity(
    layout: Layout, features: list[tuple[int, Feature]], conditions: tuple[str, ...]
) -> list[str]:
    if not features:
        return []
    key = layout.entity.value
    body = [
        f"track = {key}_tracks.get({key})",
        "if track is None:",
        f"    track = {key}_tracks[{key}] = Track({key}_layout)",
        f"{', '.join(f'c{i}' for i in range(len(layout.names)))}, = track.columns",
        *_travelled(layout, features),
        *_learned(layout, conditions),
        "settled = track.settled",
        *_lows(layout),
    ]
    body += [line for i, f in features if f.aggregate not in PLACES for line in _read(layout, i, f)]
    body += [
        f"if at - c0[len(c0) >> 2] > {layout.keep} and len(c0) > 8:",
        f"    track.settle(at - {layout.keep}, {key}_layout)",
    ]
    missing = " = ".join(f"v{i}" for i, _ in features)
    head = [f"    if {key} is None:", f"        {missing} = None", "    else:"]
    return head + ["        " + line for line in body]


def _travelled(layout: Layout, features: list[tuple[int, Feature]]) -> list[str]:
    if not layout.placed:
        return []
    found = {f.aggregate: i for i, f in features if f.aggregate in PLACES}
    order = (Aggregate.DISTANCE_LAST, Aggregate.DISTANCE_USUAL, Aggregate.SPEED)
    targets = ", ".join(f"v{found[a]}" if a in found else "_" for a in order)
    return [
        "if latitude is None:",
        f"    {targets} = None, None, None",
        "    place = NOWHERE, NOWHERE, -1",
        "else:",
        f"    {targets} = travel(track, at, latitude, longitude)",
        "    place = latitude, longitude, cell_of(latitude, longitude)",
    ]


def _learned(layout: Layout, conditions: tuple[str, ...]) -> list[str]:
    values = ["at", *(["amount"] if layout.amounts else []), *layout.texts]
    values += [f"flags >> {conditions.index(c)} & 1" for c in layout.conditions]
    values += [f"place[{i}]" for i in range(3)] if layout.placed else []
    return [
        "if c0 and at < c0[-1]:",
        f"    high = track.insert(({', '.join(values)},))",
        "else:",
        *[f"    c{i}.append({value})" for i, value in enumerate(values)],
        "    high = len(c0)",
    ]


def _lows(layout: Layout) -> list[str]:
    lines, start = [], "0"
    for window_s in layout.windows_s:
        after = f"at - {window_s * _SECOND}"
        lines.append(f"low{window_s} = bisect_right(c0, {after}, {start}, high)")
        start = f"low{window_s}"
    return lines


def _read(layout: Layout, i: int, feature: Feature) -> list[str]:  # noqa: PLR0911 - one a kind
    aggregate, low = feature.aggregate, f"low{feature.window_s}" if feature.window_s else "0"
    if aggregate is Aggregate.COUNT and feature.condition is not None:
        column = layout.names.index(f"flag {feature.condition}")
        return [f"v{i} = {_sum(i, column, low, f'c{column}.count(1, {low}, high)')}"]
    if aggregate is Aggregate.COUNT:
        return [f"v{i} = high - {low}{_more(feature, 'count')}"]
    if aggregate is Aggregate.SUM:
        return [f"v{i} = {_total(feature, i, low)}", f"if v{i} > {MAX_MINOR}:",
                f"    v{i} = {MAX_MINOR}"]  # fmt: skip
    if aggregate is Aggregate.MEAN:
        return [f"v{i} = ({_total(feature, i, low)}) / (high - {low}{_more(feature, 'count')})"]
    if aggregate is Aggregate.MAX:
        largest = f"max(c1[{low}:high])"
        if feature.window_s is None:
            largest = f"({largest} if settled is None else max(settled.most, {largest}))"
        return [f"v{i} = {largest}"]
    if aggregate is Aggregate.DISTINCT:
        return _different(layout, feature, i, low)
    if aggregate is Aggregate.RATIO:
        earlier = f"high - 1{_more(feature, 'count')}"
        return [f"total = {_total(feature, i, low)} - amount",
                f"v{i} = amount * ({earlier}) / total if total else None"]  # fmt: skip
    return _times(layout, i, feature)


def _times(layout: Layout, i: int, feature: Feature) -> list[str]:
    if feature.aggregate is Aggregate.PAIR_AGE:
        field = str(feature.field)
        column, pair = layout.names.index(field), layout.pairs.index(field)
        since = f"c0[c{column}.index({field})]"
        known = f"settled.pairs[{pair}].get({field}, at)"
        first = f"({since} if settled is None else min({since}, {known}))"
        return [f"v{i} = None if {field} is None else (at - {first}) // {_SECOND}"]
    if feature.aggregate is Aggregate.AGE:
        first = "(c0[0] if settled is None else min(c0[0], settled.first))"
        return [f"v{i} = (at - {first}) // {_SECOND}"]
    return [
        f"v{i} = (at - c0[high - 2]) // {_SECOND} if high > 1 else "
        f"None if settled is None else max(0, at - settled.last) // {_SECOND}"
    ]


def _more(feature: Feature, part: str) -> str:
    """What a lifelong feature has besides the columns."""
    return "" if feature.window_s else f" + (0 if settled is None else settled.{part})"


def _total(feature: Feature, i: int, low: str) -> str:
    return _sum(i, 1, low, f"sum(c1[{low}:high])") + _more(feature, "total")


def _sum(i: int, column: int, low: str, short: str) -> str:
    return (
        f"({short} if high - {low} < {LONG}"
        f" else track.long({i}, {column}, {low}, high).total)"
    )  # fmt: skip


def _different(layout: Layout, feature: Feature, i: int, low: str) -> list[str]:
    column = layout.names.index(str(feature.field))
    return [
        f"if high - {low} == 1:",
        f"    v{i} = 0 if {feature.field} is None else 1",
        f"elif high - {low} < {LONG}:",
        f"    different = set(c{column}[{low}:high])",
        f"    v{i} = len(different) - (None in different)",
        "else:",
        f"    v{i} = track.long({i}, {column}, {low}, high).different()",
    ]


def travel(
    track: Track, at: int, latitude: float, longitude: float
) -> tuple[float | None, float | None, float | None]:
    """km from the last and from the usual position before this event, and km/h since the last."""
    times, latitudes, longitudes, cells = (track.columns[0], *track.columns[-3:])
    before = bisect_right(times, at)
    counts = {} if track.settled is None else dict(track.settled.cells)
    recent = cells[:before]
    for cell in set(recent):
        counts[cell] = counts.get(cell, 0) + recent.count(cell)
    counts.pop(-1, None)
    if not counts:
        return None, None, None
    usual = max(zip(counts.values(), counts, strict=True))[1]
    usual_km = distance_km(latitude, longitude, *centre_of(usual))
    last = _last_place(times, latitudes, longitudes, before)
    if last is None:
        assert track.settled is not None
        last = track.settled.place
        assert last is not None
    last_km = distance_km(latitude, longitude, last[1], last[2])
    hours = max(at - last[0], 60 * _SECOND) / _HOUR_US
    return last_km, usual_km, round(last_km / hours, 1)


def _last_place(
    times: Any, latitudes: Any, longitudes: Any, before: int
) -> tuple[int, float, float] | None:
    """The latest position; of one instant the largest, whatever the order of arrival."""
    best: tuple[int, float, float] | None = None
    for i in range(before - 1, -1, -1):
        if best is not None and times[i] < best[0]:
            break
        if latitudes[i] != NOWHERE:
            found = (times[i], latitudes[i], longitudes[i])
            best = found if best is None else max(best, found)
    return best
