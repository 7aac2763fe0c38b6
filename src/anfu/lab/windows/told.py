"""Labels as events of their own: what was said of an event makes it count from then on.

An event labelled FRAUD is in the window of a payment at `t` while `t` lies in the instants from
its own time plus the delay, or from when it was told if that is later, up to its leaving the window
or being told otherwise. So the count is a running sum of ones that come and go: no two-sided join.
"""

from __future__ import annotations

from anfu.lab.windows.atom import LABELLED, SHIFT, Atom

# Until when the last word on an event holds: later than any time.
_EVER = (1 << 62) // 2


def told_tables(numbers: dict[Atom, int], labels: str) -> list[tuple[str, str]]:
    """The table `said` of what was held from when until when (of one moment the worst), and for
    each atom what it is at every payment, as the column `t<number>`."""
    said = (
        f'SELECT event, "at" AS since, COALESCE(LEAD("at") OVER (PARTITION BY event ORDER BY "at",'
        f" fraud), {_EVER}) AS until, fraud FROM {labels}"
    )
    tables = [("said", said)]
    for atom, n in numbers.items():
        made = _counted if atom.function == "LABELLED" else _outermost
        tables.append((f"told_{n}", made(atom, n)))
    return tables


def _counted(atom: Atom, number: int) -> str:
    named, held = _named(atom), _held(atom)
    steps = (
        f"SELECT {named}, enters AS pos, 1 AS step, CAST(NULL AS BIGINT) AS seq FROM ({held})"
        f" AS entering UNION ALL SELECT {named}, leaves, -1, NULL FROM ({held}) AS leaving"
        f" UNION ALL SELECT {named}, pos, 0, seq FROM ({_asking(atom)}) AS asking"
    )
    return (
        f"SELECT seq, t{number} FROM (SELECT seq, CAST(SUM(step) OVER (PARTITION BY {named}"
        f" ORDER BY pos ROWS UNBOUNDED PRECEDING) AS BIGINT) AS t{number}"
        f" FROM ({steps}) AS steps) AS counts WHERE seq IS NOT NULL"
    )


def _outermost(atom: Atom, number: int) -> str:
    """The oldest or newest of those in the window: frauds are few, so every pair is looked at."""
    same = " AND ".join(f"asking.key_{i} = held.key_{i}" for i, _ in enumerate(atom.track.keys))
    return (
        f'SELECT asking.seq, {LABELLED[atom.function]}(held."at") AS t{number}'
        f" FROM ({_asking(atom)}) AS asking JOIN ({_held(atom)}) AS held"
        f" ON {same} AND held.enters < asking.pos AND asking.pos < held.leaves GROUP BY asking.seq"
    )


def _held(atom: Atom) -> str:
    """Labelled events and the places in time between which they are in the window."""
    keys = ", ".join(f'e."{key}" AS key_{i}' for i, key in enumerate(atom.track.keys))
    present = " AND ".join(f'e."{key}" IS NOT NULL' for key in atom.track.keys)
    frame = atom.frame
    assert frame.window is not None
    spans = (
        f'SELECT {keys}, e."at", e.seq, GREATEST(e."at" + {frame.delay}, s.since) AS comes,'
        f' LEAST(e."at" + {frame.delay + frame.window}, s.until) AS goes FROM placed AS e'
        f" JOIN said AS s USING (event) WHERE s.fraud AND e.{atom.flag} AND {present}"
    )
    return (
        f'SELECT {_named(atom)}, "at", CAST(comes AS HUGEINT) * {SHIFT}'
        ' + CASE WHEN comes > "at" THEN -1 ELSE seq * 2 + 1 END AS enters,'
        f" CAST(goes AS HUGEINT) * {SHIFT} - 1 AS leaves FROM ({spans}) AS spans WHERE comes < goes"
    )


def _asking(atom: Atom) -> str:
    probes = ", ".join(f'"{key}" AS key_{i}' for i, key in enumerate(atom.track.probes))
    asked = " AND ".join(f'"{key}" IS NOT NULL' for key in atom.track.probes)
    return f"SELECT {probes}, pos, seq FROM placed WHERE kind = 'PAYMENT' AND {asked}"


def _named(atom: Atom) -> str:
    return ", ".join(f"key_{i}" for i, _ in enumerate(atom.track.keys))
