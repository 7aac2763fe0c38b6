"""The features of a catalogue as one SQL statement over a table of events.

`events` has the columns `seq` (BIGINT, the order of arrival, 0 and up) and the inputs of the
catalogue by name; `labels` has `event`, `at` (microseconds) and `fraud` (BOOLEAN), one row for
each time something was said. The statement is DuckDB's;
`dialect.translated` gives the same tree for Apache Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anfu.lab.engines.port import Staged
from anfu.lab.windows.atom import (
    CELLS_A_DEGREE,
    CELLS_A_ROUND,
    SHIFT,
    STANDING,
    Atom,
    Plan,
    Track,
    plan_of,
)
from anfu.lab.windows.late import late_tables
from anfu.lab.windows.told import told_tables
from anfu.risk.condition import read_condition
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue, Feature, Input
from anfu.risk.offline import duckdb_sql

# What the profiles count besides payments is behaviour; features are asked for at payments.
_ASKED = "kind = 'PAYMENT'"


@dataclass(frozen=True, slots=True)
class Asked:
    """The features to compute, in this order, and the columns of the event to be shown beside
    them. `late`: some event arrived after a newer one of its entity, so that what each event could
    not have seen must be looked for."""

    features: Sequence[Feature]
    beside: Sequence[str] = ("seq", "event")
    late: bool = True


def features_sql(catalogue: Catalogue, asked: Asked, *, events: str, labels: str | None) -> Staged:
    """One row for each payment among `events`: the columns `beside`, then each feature by name.

    Raises ValueError for a feature of labels where there are none.
    """
    flags = _Flags(catalogue)
    plans = [plan_of(feature, flags.of(feature)) for feature in asked.features]
    if labels is None and any(plan.labelled for plan in plans):
        raise ValueError("a feature of labels needs a table of labels")
    numbers: dict[Atom, int] = {}
    for plan in plans:
        for atom in plan.atoms:
            numbers.setdefault(atom, len(numbers))
    tables = [*_sources(catalogue, numbers, flags, events)]
    tables += _windows(numbers)
    told = {atom: n for atom, n in numbers.items() if atom.labelled}
    tables += told_tables(told, str(labels)) if told else []
    windowed = {atom: n for atom, n in numbers.items() if atom not in told}
    tables += late_tables(numbers) if asked.late else []
    joined = [f"LEFT JOIN {name} USING (seq)" for name, _ in tables
              if name.startswith(("by_", "told_", "late_"))]  # fmt: skip
    chosen = [f"SELECT *, {_chosen(numbers, windowed, late=asked.late)}" if numbers else "SELECT *"]
    chosen += ["FROM own", *joined, f"WHERE {_ASKED}"]
    shown = [*(f'"{name}"' for name in asked.beside), *(f'"{f.name}"' for f in asked.features)]
    stepped = _stepped(plans, numbers, f"({' '.join(chosen)}) AS step_0")
    return Staged(tuple(tables), f"SELECT {', '.join(shown)} FROM {stepped}")


def inverted_sql(events: str, tracks: Iterable[Track]) -> str:
    """Whether any event arrived after a newer one of the same entity: one row, one BOOLEAN."""
    found = [
        f'SELECT count(*) AS n FROM (SELECT "at", min("at") OVER (PARTITION BY {_list(track.keys)}'
        " ORDER BY seq RANGE BETWEEN CAST(1 AS BIGINT) FOLLOWING AND UNBOUNDED FOLLOWING) AS later"
        f" FROM ({_arrivals(track, events)}) AS arrivals WHERE {_present(track.keys)}) AS seen"
        ' WHERE later < "at"'
        for track in dict.fromkeys(tracks)
    ]
    return f"SELECT sum(n) > 0 FROM ({' UNION ALL '.join(found)}) AS inverted"


def _arrivals(track: Track, events: str) -> str:
    own = f'SELECT seq, "at", {_list(track.keys)} FROM {events}'
    if track.own:
        return own
    return f'{own} UNION ALL SELECT seq, "at", {_list(track.probes)} FROM {events}'


class _Flags:
    """Columns that say which events a feature is about, one for each kinds and condition."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.inputs = catalogue.facts[: len(catalogue.inputs)]
        self.known: dict[tuple[tuple[str, ...], str | None], str] = {}

    def of(self, feature: Feature) -> str:
        kinds = tuple(sorted(kind.value for kind in feature.kinds))
        return self.known.setdefault((kinds, feature.condition), f"flag_{len(self.known)}")

    def columns(self) -> list[str]:
        return [f"{self._test(*key)} AS {name}" for key, name in self.known.items()]

    def _test(self, kinds: tuple[str, ...], condition: str | None) -> str:
        named = ", ".join(f"'{kind}'" for kind in kinds)
        test = f"kind IN ({named})"
        if condition is None:
            return test
        return f"{test} AND COALESCE({duckdb_sql(read_condition(condition, self.inputs))}, FALSE)"


def _sources(
    catalogue: Catalogue, numbers: dict[Atom, int], flags: _Flags, events: str
) -> list[tuple[str, str]]:
    columns = ", ".join(map(_input, catalogue.inputs))
    row = f"CAST(FLOOR((latitude + 90) * {CELLS_A_DEGREE}) AS BIGINT)"
    column = f"CAST(FLOOR((longitude + 180) * {CELLS_A_DEGREE}) AS BIGINT) % {CELLS_A_ROUND}"
    made = [
        f'SELECT seq, {columns}, 1 AS one, CAST("at" AS HUGEINT) * {SHIFT} + seq * 2 AS pos,',
        "CAST(amount AS HUGEINT) * amount AS square,",
        "CASE WHEN latitude IS NOT NULL THEN",
        "{'at': \"at\", 'latitude': latitude, 'longitude': longitude} END AS place,",
        f"{row} * {CELLS_A_ROUND} + {column} AS cell,",
        ", ".join(flags.columns()),
        f"FROM {events}",
    ]
    if not flags.known:
        made[5] = "TRUE AS flag"
    visited = {(a.track.keys, a.flag) for a in numbers if a.column == "standing"}
    if len(visited) > 1:
        raise ValueError("usual places are kept for one selection of events")
    standing = "CAST(NULL AS BIGINT)"
    for keys, flag in visited:
        standing = (
            f"CASE WHEN {flag} THEN COUNT(CASE WHEN {flag} THEN cell END) OVER (PARTITION BY"
            f" {_list(keys)}, cell ORDER BY pos ROWS UNBOUNDED PRECEDING) * {STANDING} + cell END"
        )
    return [("seen", " ".join(made)), ("placed", f"SELECT *, {standing} AS standing FROM seen")]


def _input(declared: Input) -> str:
    """No key and no value to be told apart is empty: that is a missing one."""
    if declared.type is not Type.TEXT or declared.name in ("event", "kind"):
        return f'"{declared.name}"'
    return f'NULLIF("{declared.name}", \'\') AS "{declared.name}"'


def _windows(numbers: dict[Atom, int]) -> list[tuple[str, str]]:
    """The table `own` of every event with the atoms of its own keys, and one table for each track
    whose events are another's."""
    plain = {atom: n for atom, n in numbers.items() if not atom.labelled}
    own = [_window(atom, n, _apart(atom)) for atom, n in plain.items() if atom.track.own]
    tables = [("own", f"SELECT {', '.join(['*', *own])} FROM placed")]
    for number, track in enumerate(dict.fromkeys(a.track for a in plain if not a.track.own)):
        ours = {atom: n for atom, n in plain.items() if atom.track == track}
        key, probe = track.keys[0], track.probes[0]
        flags = sorted({atom.flag for atom in ours})
        columns = sorted({"at", *(a.column for a in ours), *(a.same for a in ours if a.same)})
        listed = ", ".join(f'"{column}"' for column in columns)
        sources = (
            f'SELECT seq, FALSE AS probe, "{key}" AS track_key, pos + 1 AS pos, {listed},'
            f' {", ".join(flags)} FROM placed WHERE "{key}" IS NOT NULL AND ({" OR ".join(flags)})'
        )
        asked = (
            f'SELECT seq, TRUE AS probe, "{probe}" AS track_key, pos, {listed},'
            f" {', '.join(f'FALSE AS {flag}' for flag in flags)} FROM placed"
            f' WHERE "{probe}" IS NOT NULL AND {_ASKED}'
        )
        windows = [_window(atom, n, ["track_key"]) for atom, n in ours.items()]
        body = (
            f"SELECT seq, {', '.join(f'w{n}' for n in ours.values())} FROM (SELECT seq, probe,"
            f" {', '.join(windows)} FROM ({sources} UNION ALL {asked}) AS looked_up) AS known"
            " WHERE probe"
        )
        tables.append((f"by_{number}", body))
    return tables


def _window(atom: Atom, number: int, partition: list[str]) -> str:
    same = [f'"{atom.same}"'] if atom.same else []
    return (
        f"{atom.aggregate(atom.flag)} OVER (PARTITION BY {', '.join([*partition, *same])}"
        f" ORDER BY pos {atom.frame.sql}) AS w{number}"
    )


def _apart(atom: Atom) -> list[str]:
    """The keys; events without one are each alone, since one heap of them would be the largest
    partition of all and nobody asks for it."""
    keys = [f'"{key}"' for key in atom.track.keys]
    nullable = [key for key in atom.track.keys if key != "payer"]
    if nullable:
        alone = " OR ".join(f'"{key}" IS NULL' for key in nullable)
        keys.append(f"CASE WHEN {alone} THEN seq END")
    return keys


def _chosen(numbers: dict[Atom, int], windowed: dict[Atom, int], *, late: bool) -> str:
    chosen = []
    tracks = list(dict.fromkeys(atom.track for atom in numbers))
    for atom, n in numbers.items():
        window = f"w{n}" if atom in windowed else f"t{n}"
        if late:
            place = tracks.index(atom.track)
            window = f"CASE WHEN was_late_{place} THEN l{n} ELSE {window} END"
        chosen.append(f"{window} AS a{n}")
    return ", ".join(chosen)


def _stepped(plans: Sequence[Plan], numbers: dict[Atom, int], source: str) -> str:
    """The steps of all plans, each of them over the one before."""
    for step in range(max((len(plan.steps) for plan in plans), default=0)):
        columns = []
        for i, plan in enumerate(plans):
            if step < len(plan.steps):
                atoms = [f"a{numbers[atom]}" for atom in plan.atoms]
                last = step + 1 == len(plan.steps)
                name = f'"{plan.feature.name}"' if last else f"it_{i}_{step}"
                columns.append(
                    f"{plan.steps[step].format(*atoms, it=f'it_{i}_{step - 1}')} AS {name}"
                )
        source = f"(SELECT *, {', '.join(columns)} FROM {source}) AS step_{step + 1}"
    return source


def _list(keys: Iterable[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _present(keys: Iterable[str]) -> str:
    return " AND ".join(f'"{key}" IS NOT NULL' for key in keys)
