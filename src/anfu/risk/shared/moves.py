"""How the figures of a track are brought to the payment being decided, as text of the program.

Rows come into a span at its new end and leave it at its old one; `reading` says what the names are.
"""

from __future__ import annotations

from collections.abc import Iterable

from anfu.risk.shared.groups import Span
from anfu.risk.shared.measures import Reading
from anfu.risk.shared.tracks import KEPT, LIMIT

_SECOND = 1_000_000


def learned(reading: Reading) -> list[str]:
    """Lines that append the row and add it to the spans without a delay."""
    group, mine = reading.group, reading.mine
    if mine == "False":
        return ["n = len(rows)"]
    lines = ["n = len(rows) + 1", "rows.append(row)"]
    names = {column: name for name, column in reading.columns.items()}
    for span in group.spans:
        if not span.delay:
            for part, slot in span.sums.items():
                lines += _more(part, group.slots[slot], "amount")
            for column, slot in span.counts:
                counts = group.slots[slot]
                lines += [f"if {counts} is not None:",
                          f"    tally({counts}, {names[column]}, 1)"]  # fmt: skip
    for column in group.firsts:
        known = f"firsts_{column}"
        lines += [f"if {known} is not None and {names[column]}:",
                  f"    {known}.setdefault({names[column]}, at)"]  # fmt: skip
    if mine == "True":
        return lines
    return ["if mine:", *indented(lines, 1), "else:", "    n = len(rows)"]


def moved(reading: Reading, span: Span, name: str) -> list[str]:
    """Lines that let rows into a span and out of it, to now."""
    slots, lines = reading.group.slots, []
    after, until = f"after_{name}", f"until_{span.delay // _SECOND}"
    parts = [(part, slots[slot]) for part, slot in span.sums.items()]
    counts = [(column, slots[slot]) for column, slot in span.counts]
    if span.high is not None:
        coming = [line for part, known in parts for line in _more(part, known, "value")]
        for column, known in counts:
            coming += [f"if {known} is not None:", f"    tally({known}, moved[{column}], 1)"]
        lines += _walk(f"high_{name}", "n", until, coming)
    going = [line for part, known in parts for line in _less(part, known)]
    for column, known in counts:
        going += [f"if {known} is not None:", f"    tally({known}, moved[{column}], -1)"]
    end = f"high_{name}" if span.high is not None else "n"
    certain = reading.mine == "True" and span.high is None
    return lines + (
        _walk(f"low_{name}", None if certain else end, after, going) if span.low else []
    )


def put_away(reading: Reading) -> list[str]:
    group, mine = reading.group, reading.mine
    lines = []
    if group.placed and mine != "False":
        lines += [
            f"if place is not None{'' if mine == 'True' else ' and mine'}:",
            "    cells, usual = visited(cells, usual, place[2])",
            "    here = at, latitude, longitude",
            "    if latest is None or here > latest:",
            "        latest = here",
        ]
    fixed = {"rows", "settled", "tiles", "told"}
    changed = [(i, name) for i, name in enumerate(group.slots) if name not in fixed]
    if len(changed) > 6:
        lines.append(f"track[:] = {', '.join(group.slots)}")
    else:
        lines += [f"track[{i}] = {name}" for i, name in changed]
    if mine != "False":
        old = f"n > 8 and rows[n >> 2][0] < at - {group.keep + KEPT}"
        many = f"n > {LIMIT} and (tiles is None or n > {2 * LIMIT})"
        lines += [f"if keep and ({old} or {many}):", f"    tidy(group_{reading.name}, track)"]
    return lines


def _walk(place: str, end: str | None, time: str, lines: list[str]) -> list[str]:
    bound = "" if end is None else f"{place} < {end} and "
    head = [f"while {bound}rows[{place}][0] <= {time}:"]
    if lines:
        head += [f"    moved = rows[{place}]", "    value = moved[1]"]
    return [*head, *indented(lines, 1), f"    {place} += 1"]


def _more(part: str, known: str, amount: str) -> list[str]:
    if part == "total":
        return [f"{known} += {amount}"]
    if part == "squares":
        return [f"{known} += {amount} * {amount}"]
    sign = ">" if part == "most" else "<"
    return [f"if {known} is not None and {amount} {sign} {known}:", f"    {known} = {amount}"]


def _less(part: str, known: str) -> list[str]:
    if part == "total":
        return [f"{known} -= value"]
    if part == "squares":
        return [f"{known} -= value * value"]
    return [f"if value == {known}:", f"    {known} = None"]


def indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
