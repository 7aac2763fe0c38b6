"""Labels as events of their own: what was said of an event makes it count from then on.

An event labelled FRAUD is in the window of a payment at `t` while `t` lies in the instants from
its own time plus the delay, or from when it was told if that is later, up to its leaving the window or
being told otherwise. So the count is a running sum of ones that come and go: no two-sided join.
"""

from __future__ import annotations

from anfu.lab.windows.atom import SHIFT, Atom

# Until when the last word on an event holds: later than any time.
_EVER = (1 << 62) // 2


def told_tables(numbers: dict[Atom, int], labels: str) -> list[tuple[str, str]]:
    """The table `said` of what was held from when until when, and for each atom the count at every
    payment, as the column `t<number>`."""
    said = (
        f'SELECT event, "at" AS since, COALESCE(LEAD("at") OVER (PARTITION BY event ORDER BY "at",'
        f" n), {_EVER}) AS until, fraud FROM {labels}"
    )
    tables = [("said", said)]
    for atom, n in numbers.items():
        tables.append((f"told_{n}", _counted(atom, n)))
    return tables


def _counted(atom: Atom, number: int) -> str:
    keys = ", ".join(f'e."{key}" AS key_{i}' for i, key in enumerate(atom.track.keys))
    present = " AND ".join(f'e."{key}" IS NOT NULL' for key in atom.track.keys)
    frame = atom.frame
    assert frame.window is not None
    spans = (
        f'SELECT {keys}, e."at", e.seq, GREATEST(e."at" + {frame.delay}, s.since) AS comes,'
        f' LEAST(e."at" + {frame.delay + frame.window}, s.until) AS goes FROM placed AS e'
        f" JOIN said AS s USING (event) WHERE s.fraud AND e.{atom.flag} AND {present}"
    )
    named = ", ".join(f"key_{i}" for i, _ in enumerate(atom.track.keys))
    first = (
        f"SELECT {named}, CAST(comes AS HUGEINT) * {SHIFT}"
        ' + CASE WHEN comes > "at" THEN -1 ELSE seq * 2 + 1 END AS pos, 1 AS step,'
        f" CAST(NULL AS BIGINT) AS seq FROM ({spans}) AS entering WHERE comes < goes"
    )
    last = (
        f"SELECT {named}, CAST(goes AS HUGEINT) * {SHIFT} - 1 AS pos, -1 AS step,"
        f" CAST(NULL AS BIGINT) AS seq FROM ({spans}) AS leaving WHERE comes < goes"
    )
    probes = ", ".join(f'"{key}" AS key_{i}' for i, key in enumerate(atom.track.probes))
    asked = " AND ".join(f'"{key}" IS NOT NULL' for key in atom.track.probes)
    asking = (
        f"SELECT {probes}, pos, 0 AS step, seq FROM placed WHERE kind = 'PAYMENT' AND {asked}"
    )
    return (
        f"SELECT seq, t{number} FROM (SELECT seq, CAST(SUM(step) OVER (PARTITION BY {named}"
        f" ORDER BY pos ROWS UNBOUNDED PRECEDING) AS BIGINT) AS t{number}"
        f" FROM ({first} UNION ALL {last} UNION ALL {asking}) AS steps) AS counts"
        " WHERE seq IS NOT NULL"
    )
