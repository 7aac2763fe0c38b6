"""The catalogue as one Python function: learn a payment and read its facts, in one pass.

The program text is put together from column numbers, window lengths and names of inputs of this
file only; names of features and conditions never enter it. Its shape, for each group and key:
find the track, unpack it, append the row and move the figures of every span to now (or, for a late
event, `tracks.back`), read the features, put the figures back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from sys import intern
from typing import Any

from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.event import EPOCH, MICROSECOND, Event
from anfu.risk.facts import Facts
from anfu.risk.features import PLACES, Aggregate, Catalogue, Entity, Feature
from anfu.risk.passing import passed_on, passing
from anfu.risk.places import cell_of, travelled, visited
from anfu.risk.shared.groups import Home, Shelves, columns_of, span_name
from anfu.risk.shared.measures import Reading, bounds, deviation, nothing, sizes, tiled, value
from anfu.risk.shared.moves import indented, learned, moved, put_away
from anfu.risk.shared.tracks import LIMIT, back, counted, firsts, forth, tally, tidy
from anfu.risk.tiles import Row

_SECOND = 1_000_000
_HOUR_US = 3_600 * _SECOND
Numbered = tuple[tuple[int, Feature], ...]
Take = Callable[[Event, bool], Facts]
_CIVIL = {
    Aggregate.HOUR: f"(at // {_HOUR_US} + 8) % 24",
    Aggregate.WEEKDAY: f"((at // {_HOUR_US} + 8) // 24 + 3) % 7 + 1",
}
_INPUTS = {
    "event": "given.id",
    "kind": "given.kind.value",
    "at": "(given.at - EPOCH) // MICROSECOND",
    "amount": "given.amount",
    "currency": "given.currency",
    "method": "given.method",
    "payer": "given.payer",
    "payee": "given.payee",
    "card": "given.card",
    "device": "environment.device",
    "address": "environment.address",
    "latitude": "environment.latitude",
    "longitude": "environment.longitude",
    "terminal": "given.terminal",
    "phone": "given.phone",
    "payee_kind": "given.payee_kind",
    "mcc": "given.mcc",
    "promotion": "given.promotion",
}


def conditions_of(catalogue: Catalogue) -> tuple[str, ...]:
    """The conditions of all features, in the order of their bits."""
    return tuple(sorted({f.condition for f in catalogue.features if f.condition is not None}))


def flags_of(catalogue: Catalogue) -> Callable[[Facts], int]:
    """Which of `conditions_of` hold, as bits, for the inputs of an event."""
    facts = catalogue.facts[: len(catalogue.inputs)]
    return compile_conditions(
        [read_condition(text, facts) for text in conditions_of(catalogue)], facts
    )


def make_inputs(catalogue: Catalogue) -> Callable[[Event], tuple[Facts, Row]]:
    """A function that gives the inputs of an event, and its row in the tracks."""
    lines = ["def take(given):", *_event(catalogue), "    return inputs, row"]
    taken: Callable[[Event], tuple[Facts, Row]] = _compiled(lines, {})
    return taken


def make_reader(
    catalogue: Catalogue,
    homes: Sequence[Home],
    shelves: Sequence[Shelves],
    created: Sequence[Callable[[Any], None]],
) -> Take:
    """A function that learns a payment into `shelves`, those of each home, and returns its facts.

    It calls `created` of the home with each new key. Its second argument says whether rows that
    nothing reaches may go.
    """
    lines = ["def take(given, keep):", *_event(catalogue), *_times(catalogue)]
    lines += ["    flags = flags_of(inputs)", "    approximate = None"]
    space: dict[str, Any] = {"flags_of": flags_of(catalogue)}
    columns, conditions = columns_of(catalogue), conditions_of(catalogue)
    # What others received or did is read before this payment is learned there.
    keyed = [(home, by) for home in homes for by in _keys_of(home)]
    for home, by in sorted(keyed, key=lambda pair: pair[1] is pair[0].entity):
        lines += indented(_home(home, by, columns, conditions), 1)
    for home in homes:
        names = {f"shelves_{home.number}": shelves[home.number],
                 f"created_{home.number}": created[home.number]}  # fmt: skip
        for group in home.groups:
            name = f"{home.number}_{group.number}"
            names |= {f"group_{name}": group, f"rest_{name}": tuple(group.fresh()[1:])}
        space |= names
    numbered = list(enumerate(catalogue.features))
    lines += [f"    v{i} = {_CIVIL[f.aggregate]}" for i, f in numbered if f.aggregate in _CIVIL]
    lines += [f"    v{i} = passed_on(v{out}, v{came})" for i, out, came in passing(catalogue)]
    values = "".join(f"v{i}, " for i, _ in numbered)
    lines.append(f"    return (*inputs, {values}approximate)")
    taken: Take = _compiled(lines, space)
    return taken


def note(approximate: str | None, name: str) -> str:
    """One more name in the fact `approximate`, sorted, each once."""
    names = set() if approximate is None else set(approximate.split(","))
    return ",".join(sorted({*names, name}))


def _keys_of(home: Home) -> list[Entity]:
    """By whose keys its groups are read, or learned."""
    keys = dict.fromkeys(by for group in home.groups for by, _ in group.readings)
    return list(keys | {home.entity: None} if home.learns else keys)


def _event(catalogue: Catalogue) -> list[str]:
    """Lines that set every input, `inputs` and `row`."""
    columns = columns_of(catalogue)
    kept = {*columns, *(entity.value for entity in Entity)}
    lines = ["environment = given.environment"]
    for name in (i.name for i in catalogue.inputs):
        text = _INPUTS[name]
        if name in kept:
            lines += [f"{name} = {text}", f"if {name}:", f"    {name} = intern({name})"]
        else:
            lines.append(f"{name} = {text}")
    lines.append(f"inputs = ({', '.join(i.name for i in catalogue.inputs)},)")
    lines.append("place = None")
    if any(f.aggregate in PLACES for f in catalogue.features):
        lines += ["if latitude is not None:",
                  "    place = latitude, longitude, cell_of(latitude, longitude)"]  # fmt: skip
    lines.append(f"row = (at, amount, place, {', '.join(columns)})")
    return indented(lines, 1)


def _times(catalogue: Catalogue) -> list[str]:
    """Lines that set the times windows begin after and end with."""
    lines = {}
    for feature in catalogue.features:
        after, until = bounds(feature)
        if feature.delay_s:
            lines[until] = f"    {until} = at - {feature.delay_s * _SECOND}"
        if feature.window_s is not None:
            length = (feature.window_s + feature.delay_s) * _SECOND
            lines[after] = f"    {after} = at - {length}"
    return list(lines.values())


def _home(home: Home, by: Entity, columns: dict[str, int], conditions: Sequence[str]) -> list[str]:
    """Lines for the shelf of one key."""
    key = f"({by}, {home.also})" if home.also is not None else by.value
    learns = home.learns and by is home.entity
    lines, nothings, nulls = [], [], []
    for group in home.groups:
        features = dict(group.readings).get(by, ())
        mine = "False"
        if learns and group.own:
            mine = "True" if group.condition is None else "mine"
        if mine == "mine":
            lines.append(f"mine = flags >> {conditions.index(str(group.condition))} & 1")
        if features or mine != "False":
            lines += _group(Reading(home, group, columns, mine), features)
        nothings += [f"v{i} = {nothing(f)}" for i, f in features]
        nulls += [f"v{i} = None" for i, f in features]
    body = [f"shelf = shelves_{home.number}.get({key})"]
    if learns:
        body += [
            "if shelf is None:",
            f"    shelf = shelves_{home.number}[{key}] = [None] * {len(home.groups)}",
            f"    created_{home.number}({key})",
            *lines,
        ]
    else:
        body += ["if shelf is not None:", *indented(lines, 1), "else:", *indented(nothings, 1)]
    doubtful = [e.value for e in (by, home.also) if e not in (None, Entity.PAYER, Entity.PAYEE)]
    if not doubtful:
        return body
    head = [f"if {' and '.join(doubtful)}:", *indented(body, 1)]
    return [*head, "else:", *indented(nulls, 1)] if nulls else head


def _group(reading: Reading, features: Numbered) -> list[str]:
    """Lines for one track of the shelf."""
    group = reading.group
    body = [f"track = shelf[{group.number}]"]
    if reading.mine != "False":
        body += [
            f"if track is None{'' if reading.mine == 'True' else ' and mine'}:",
            f"    track = shelf[{group.number}] = [[], *rest_{reading.name}]",
        ]
    seen = _seen(reading, features)
    if reading.mine == "True":
        return body + seen
    body += ["if track is not None:", *indented(seen, 1)]
    nothings = [f"    v{i} = {nothing(f)}" for i, f in features]
    return body + (["else:", *nothings] if features else [])


def _seen(reading: Reading, features: Numbered) -> list[str]:
    """Lines for a track that is there: to now, read, and put away."""
    group, mine = reading.group, reading.mine
    unpack = f"{', '.join(group.slots)}, = track"
    row = {"True": "row", "False": "None", "mine": "row if mine else None"}[mine]
    lines = [
        unpack,
        "late = at < last",
        "if late:",
        f"    n = back(group_{reading.name}, track, at, {row})",
        f"    {unpack}",
        "else:",
        "    last = at",
        *indented(learned(reading), 1),
    ]
    spans = {(f.window_s, f.delay_s): reading.span_of(f) for _, f in features}
    for length, span in spans.items():
        if span is not None:
            lines += indented(moved(reading, span, span_name(*length)), 1)
    if mine != "False":
        lines += [f"if tiles is not None{'' if mine == 'True' else ' and mine'}:",
                  "    tiles.add(row)"]  # fmt: skip
    lines += sizes(reading, [f for _, f in features])
    for i, feature in features:
        if feature.aggregate not in PLACES:
            lines += value(reading, i, feature)
    lines += _travelled(features)
    lines += _tiled(reading, features)
    lines += ["if late:", f"    forth(group_{reading.name}, track, n, learned={mine})", "else:"]
    return lines + indented(put_away(reading), 1)


def _travelled(features: Numbered) -> list[str]:
    found = {f.aggregate: i for i, f in features if f.aggregate in PLACES}
    if not found:
        return []
    order = (Aggregate.DISTANCE_LAST, Aggregate.DISTANCE_USUAL, Aggregate.SPEED)
    targets = ", ".join(f"v{found[a]}" if a in found else "_" for a in order)
    return [
        "if place is None:",
        f"    {targets} = None, None, None",
        "else:",
        f"    {targets} = travelled(usual, latest, at, latitude, longitude)",
    ]


def _tiled(reading: Reading, features: Numbered) -> list[str]:
    """Lines that read what has too many rows from the tiles."""
    group = reading.group
    lines = []
    for number, span in enumerate(group.spans):
        ours = [(i, f) for i, f in features if reading.span_of(f) is span]
        texts = [text for i, f in ours if (text := tiled(reading, i, f)) is not None]
        if span.low is not None and texts:
            lines += [
                f"    if n - {group.slots[span.low]} > {LIMIT}:",
                f"        whole = tiles.read({number}, at)",
                *indented(texts, 2),
                f"        approximate = note(approximate, {reading.home.name!r})",
            ]
    return ["if tiles is not None:", *lines] if lines else []


def _compiled(lines: list[str], space: Mapping[str, Any]) -> Any:
    names: dict[str, Any] = {
        **space, "EPOCH": EPOCH, "MICROSECOND": MICROSECOND, "back": back, "cell_of": cell_of,
        "counted": counted, "deviation": deviation, "firsts": firsts, "forth": forth,
        "intern": intern, "note": note, "passed_on": passed_on, "tally": tally, "tidy": tidy,
        "travelled": travelled, "visited": visited,
    }  # fmt: skip
    exec("\n".join(lines), names)  # noqa: S102 - of constants of this file and numbers
    return names["take"]
