"""How each aggregate is read off the running figures of its span, as text of the program.

The names in it are those of `reading`: `n` rows are seen, `low_<span>` and `high_<span>` are
places among them, `mine` says whether the payment being decided is one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from anfu.kernel.money import MAX_MINOR
from anfu.risk.features import Aggregate, Feature
from anfu.risk.shared.groups import Group, Home, Span, span_name
from anfu.risk.shared.tracks import COUNTED

_SECOND = 1_000_000
_ZERO = {
    Aggregate.COUNT: "0", Aggregate.SUM: "0", Aggregate.DISTINCT: "0",
    Aggregate.FRAUD_COUNT: "0", Aggregate.FRAUD_SHARE: "0.0",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One group read by one key. `mine`: "True", "False", or a name in the program."""

    home: Home
    group: Group
    columns: dict[str, int]
    mine: str

    @property
    def name(self) -> str:
        """A part of a name in the program that no other group has."""
        return f"{self.home.number}_{self.group.number}"

    def span_of(self, feature: Feature) -> Span | None:
        """None for a feature that needs no running figures."""
        window = None if feature.window_s is None else feature.window_s * _SECOND
        delay = feature.delay_s * _SECOND
        found = (s for s in self.group.spans if (s.window, s.delay) == (window, delay))
        return next(found, None)

    def certain(self, feature: Feature) -> bool:
        """Whether the payment being decided is always among the rows of the feature."""
        return self.mine == "True" and not feature.delay_s


def nothing(feature: Feature) -> str:
    """The value where nothing is known."""
    return _ZERO.get(feature.aggregate, "None")


def deviation(count: int, total: int, squares: int) -> float:
    """Population standard deviation from a count, a sum, and a sum of squares."""
    return sqrt(count * squares - total * total) / count


def value(reading: Reading, i: int, feature: Feature) -> list[str]:  # noqa: PLR0911 - one a kind
    """Lines that set `v<i>`."""
    kind, name = feature.aggregate, span_name(feature.window_s, feature.delay_s)
    size, total = f"size_{name}", f"total_{name}"
    some = "" if reading.certain(feature) else f" if {size} else None"
    if kind is Aggregate.COUNT:
        return [f"v{i} = {size}"]
    if kind is Aggregate.SUM:
        return [f"v{i} = {total} if {total} < {MAX_MINOR} else {MAX_MINOR}"]
    if kind is Aggregate.MEAN:
        return [f"v{i} = {total} / {size}{some}"]
    if kind is Aggregate.STD:
        return [f"v{i} = deviation({size}, {total}, squares_{name}){some}"]
    if kind in (Aggregate.MAX, Aggregate.MIN):
        return _extreme(reading, i, feature)
    if kind is Aggregate.DISTINCT:
        return _different(reading, i, feature)
    if kind is Aggregate.RATIO:
        return [_ratio(reading, i, feature, size, total)]
    if kind is Aggregate.FRAUD_COUNT:
        return [f"v{i} = {_frauds(feature)}"]
    if kind in (Aggregate.FRAUD_SINCE, Aggregate.FRAUD_AGE):
        place = -1 if kind is Aggregate.FRAUD_SINCE else 0
        after, until = bounds(feature)
        return [f"times = None if told is None else told.times({after}, {until}, at)",
                f"v{i} = (at - times[{place}]) // {_SECOND} if times else None"]  # fmt: skip
    if kind is Aggregate.FRAUD_SHARE:
        return [f"v{i} = 0.0 if told is None or not {size} else {_frauds(feature)} / {size}"]
    return _times(reading, i, feature)


def tiled(reading: Reading, i: int, feature: Feature) -> str | None:
    """The line that sets `v<i>` from the tiles in `whole`; None where the rows are enough."""
    kind, now = feature.aggregate, not feature.delay_s
    if kind is Aggregate.RATIO:
        return _ratio(reading, i, feature, "whole.count", "whole.total")
    if kind is Aggregate.DISTINCT:
        column = reading.columns[str(feature.field)]
        span = reading.span_of(feature)
        assert span is not None
        place = [c for c, _ in span.counts].index(column)
        return f"v{i} = whole.sketches[{place}].estimate()"
    texts = {
        Aggregate.COUNT: "whole.count",
        Aggregate.SUM: f"min(whole.total, {MAX_MINOR})",
        Aggregate.MEAN: "whole.total / whole.count",
        Aggregate.STD: "deviation(whole.count, whole.total, whole.squares)",
        Aggregate.MAX: "whole.most",
        Aggregate.MIN: "whole.least",
        Aggregate.FIRST: "whole.first[1]",
        Aggregate.FRAUD_SHARE: f"{_frauds(feature)} / whole.count",
    }
    if not now:
        texts[Aggregate.LAST] = "whole.last[1]"
        texts[Aggregate.SINCE_LAST] = f"(at - whole.last[0]) // {_SECOND}"
    if kind not in texts:
        return None
    # A delayed window may be empty where the one up to now is tiled.
    some = "" if now and reading.mine == "True" else f" if whole.count else {nothing(feature)}"
    return f"v{i} = {texts[kind]}{some}"


def sizes(reading: Reading, features: Sequence[Feature]) -> list[str]:
    """Lines that set `size_<span>` for the spans that features count in."""
    counting = {
        *(Aggregate.COUNT, Aggregate.MEAN, Aggregate.STD, Aggregate.MAX, Aggregate.MIN),
        *(Aggregate.DISTINCT, Aggregate.RATIO, Aggregate.FRAUD_SHARE),
        *(Aggregate.FIRST, Aggregate.LAST),
    }
    found: dict[str, str] = {}
    for feature in features:
        if feature.aggregate in counting:
            name = span_name(feature.window_s, feature.delay_s)
            end = f"high_{name}" if feature.delay_s else "n"
            size = f"{end} - low_{name}"
            if feature.window_s is None:
                size = "n if settled is None else n + settled.count"
            found[name] = size
    return [f"size_{name} = {text}" for name, text in found.items()]


def _frauds(feature: Feature) -> str:
    after, until = bounds(feature)
    return f"(0 if told is None else told.count({after}, {until}, at))"


def bounds(feature: Feature) -> tuple[str, str]:
    """The names of the times a window begins after, and ends with."""
    until = f"until_{feature.delay_s}" if feature.delay_s else "at"
    return f"after_{span_name(feature.window_s, feature.delay_s)}", until


def _rows(feature: Feature) -> str:
    name = span_name(feature.window_s, feature.delay_s)
    low = "" if feature.window_s is None else f"low_{name}"
    return f"rows[{low}:{f'high_{name}' if feature.delay_s else 'n'}]"


def _extreme(reading: Reading, i: int, feature: Feature) -> list[str]:
    name = span_name(feature.window_s, feature.delay_s)
    part, best = ("most", "max") if feature.aggregate is Aggregate.MAX else ("least", "min")
    known = f"{part}_{name}"
    amounts = f"[row[1] for row in {_rows(feature)}]"
    if feature.window_s is None:
        amounts = f"{amounts} if settled is None else [settled.{part}, *{amounts}]"
    found = f"{best}({amounts}, default=None)"
    if reading.certain(feature):
        found = f"amount if size_{name} == 1 else {best}({amounts})"
    return [f"if {known} is None:", f"    {known} = {found}", f"v{i} = {known}"]


def _different(reading: Reading, i: int, feature: Feature) -> list[str]:
    name = span_name(feature.window_s, feature.delay_s)
    size, column = f"size_{name}", reading.columns[str(feature.field)]
    counts = f"counts_{column}_{name}"
    lines = []
    if reading.certain(feature):
        lines = [f"if {size} == 1:", f"    v{i} = 1 if {feature.field} else 0", "el"]
    few = [
        f"if {size} < {COUNTED}:",
        f"    {counts} = None",
        f"    different = {{row[{column}] for row in {_rows(feature)}}}",
        f"    v{i} = len(different) - (None in different) - ('' in different)",
        "else:",
        f"    if {counts} is None:",
        f"        {counts} = counted({_rows(feature)}, {column})",
        f"    v{i} = len({counts})",
    ]
    if lines:
        return [*lines[:2], "el" + few[0], *few[1:]]
    return few


def _ratio(reading: Reading, i: int, feature: Feature, size: str, total: str) -> str:
    if feature.delay_s or reading.mine == "False":
        return f"v{i} = amount * {size} / {total} if {total} else None"
    if reading.mine == "True":
        return f"v{i} = amount * ({size} - 1) / rest if (rest := {total} - amount) else None"
    return (
        f"v{i} = (amount * ({size} - 1) / rest if (rest := {total} - amount) else None) if mine"
        f" else amount * {size} / {total} if {total} else None"
    )


def _times(reading: Reading, i: int, feature: Feature) -> list[str]:
    if feature.aggregate is Aggregate.PAIR_AGE:
        return _pair(reading, i, feature)
    if feature.aggregate is Aggregate.AGE:
        return [
            "first = rows[0][0] if rows else None",
            "if settled is not None and (first is None or settled.first < first):",
            "    first = settled.first",
            f"v{i} = None if first is None or first > at else (at - first) // {_SECOND}",
        ]
    name = span_name(feature.window_s, feature.delay_s)
    end = f"high_{name}" if feature.delay_s else "n"
    low = "0" if feature.window_s is None else f"low_{name}"
    if feature.aggregate is Aggregate.SINCE_LAST:
        mine = "0" if feature.delay_s else {"True": "1", "False": "0"}.get(reading.mine, "mine")
        other = f"(at - rows[last_row][0]) // {_SECOND} if last_row >= {low} else "
        settled = f"None if settled is None else max(0, at - settled.last) // {_SECOND}"
        other += "None" if feature.window_s is not None else settled
        return [f"last_row = {end} - 1 - {mine}", f"v{i} = {other}"]
    if feature.aggregate is Aggregate.LAST:
        settled = "settled.newest if settled and not n else "
        amount = f"rows[{end} - 1][1] if size_{name} else None"
    else:
        settled = "settled.oldest if settled and not (n and rows[0][0] < settled.first) else "
        amount = f"rows[{low}][1] if size_{name} else None"
    return [f"v{i} = {settled if feature.window_s is None else ''}{amount}"]


def _pair(reading: Reading, i: int, feature: Feature) -> list[str]:
    field = str(feature.field)
    column = reading.columns[field]
    known, place = f"firsts_{column}", reading.group.firsts.index(column)
    return [
        f"if not {field}:",
        f"    v{i} = None",
        "else:",
        "    first = None",
        f"    if n < {COUNTED}:",
        "        for row_ in rows:",
        f"            if row_[{column}] == {field}:",
        "                first = row_[0]",
        "                break",
        "    else:",
        f"        if {known} is None:",
        f"            {known} = firsts(rows, {column})",
        f"        first = {known}.get({field})",
        "    if settled is not None:",
        f"        long_ago = settled.pairs[{place}].get({field})",
        "        if long_ago is not None and (first is None or long_ago < first):",
        "            first = long_ago",
        f"    v{i} = None if first is None or first > at else (at - first) // {_SECOND}",
    ]
