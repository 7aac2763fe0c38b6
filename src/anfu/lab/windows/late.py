"""Late events: what a payment could not have seen although it happened before.

A window ordered by time holds events that arrived only afterwards. Payments for which that is so
are looked up again, event by event, by both orders; there are few of them, or the history is no
stream. An event is late for a payment of the same key that arrived before it and happened after.
"""

from __future__ import annotations

from anfu.lab.windows.atom import LABELLED, STANDING, Atom, Track


def late_tables(numbers: dict[Atom, int]) -> list[tuple[str, str]]:
    """For each track the payments that had late events, `was_late_<track>`, and each of its atoms
    over what they had seen, `l<number>`."""
    tables: list[tuple[str, str]] = []
    for place, track in enumerate(dict.fromkeys(atom.track for atom in numbers)):
        ours = {atom: n for atom, n in numbers.items() if atom.track == track}
        tables.append((f"missed_{place}", _missed(track, {a.flag for a in ours})))
        tables.append((f"late_{place}", _seen(place, track, ours)))
    return tables


def _missed(track: Track, flags: set[str]) -> str:
    """The payments a later arrival happened before."""
    keys = ", ".join(f'"{key}" AS key_{i}' for i, key in enumerate(track.keys))
    probes = ", ".join(f'"{key}" AS key_{i}' for i, key in enumerate(track.probes))
    named = ", ".join(f"key_{i}" for i, _ in enumerate(track.keys))
    present = " AND ".join(f"key_{i} IS NOT NULL" for i, _ in enumerate(track.keys))
    sources = (
        f'SELECT {keys}, seq, "at", FALSE AS probe FROM placed WHERE {" OR ".join(sorted(flags))}'
    )
    asking = f"SELECT {probes}, seq, \"at\", TRUE AS probe FROM placed WHERE kind = 'PAYMENT'"
    return (
        'SELECT seq FROM (SELECT seq, "at", probe, MIN(CASE WHEN NOT probe THEN "at" END)'
        f" OVER (PARTITION BY {named} ORDER BY seq RANGE BETWEEN CAST(1 AS BIGINT) FOLLOWING"
        f" AND UNBOUNDED FOLLOWING) AS later FROM ({sources} UNION ALL {asking}) AS arrivals"
        f' WHERE {present}) AS ordered WHERE probe AND later < "at"'
    )


def _seen(place: int, track: Track, ours: dict[Atom, int]) -> str:
    """Main table of the plain atoms, beside it one for each that needs a join of its own."""
    pairs = _pairs(place, track)
    plain = [f"{atom.aggregate(_test(atom), 'e.')} AS l{n}"
             for atom, n in ours.items() if not _apart(atom)]  # fmt: skip
    main = f"SELECT {', '.join(['p.seq', *plain])} {pairs} GROUP BY p.seq"
    apart = {n: _alone(atom, n, pairs) for atom, n in ours.items() if _apart(atom)}
    columns = [f"main.l{n}" if n not in apart else f"l{n}" for n in ours.values()]
    joined = [f"LEFT JOIN ({sql}) AS x{n} USING (seq)" for n, sql in apart.items()]
    return (
        f"SELECT main.seq AS seq, TRUE AS was_late_{place}, {', '.join(columns)}"
        f" FROM ({main}) AS main {' '.join(joined)}"
    )


def _pairs(place: int, track: Track) -> str:
    """Every payment that missed something with every event of its track it had seen."""
    match = " AND ".join(
        f'e."{key}" = p."{probe}"' for key, probe in zip(track.keys, track.probes, strict=True)
    )
    arrived = "e.seq <= p.seq" if track.own else "e.seq < p.seq"
    return (
        f"FROM missed_{place} AS m JOIN placed AS p ON p.seq = m.seq"
        f' LEFT JOIN placed AS e ON {match} AND {arrived} AND e."at" <= p."at"'
    )


def _test(atom: Atom) -> str:
    same = f' AND e."{atom.same}" = p."{atom.same}"' if atom.same else ""
    return f"e.{atom.flag} AND {atom.frame.holds('e', 'p')}{same}"


def _apart(atom: Atom) -> bool:
    return atom.column == "standing" or atom.labelled


def _alone(atom: Atom, number: int, pairs: str) -> str:
    if atom.labelled:
        spoken = 'JOIN said AS s ON s.event = e.event AND s.fraud AND s.since <= p."at"'
        told = f'{LABELLED[atom.function]}(e."{atom.column}") AS l{number}'
        return (
            f'SELECT p.seq, {told} {pairs} {spoken} AND p."at" < s.until'
            f" WHERE {_test(atom)} AND e.seq < p.seq GROUP BY p.seq"
        )
    visits = (
        f"SELECT p.seq, e.cell, COUNT(*) AS visits {pairs} WHERE {_test(atom)}"
        " AND e.cell IS NOT NULL GROUP BY p.seq, e.cell"
    )
    return (
        f"SELECT seq, MAX(visits * {STANDING} + cell) AS l{number} FROM ({visits}) AS visited"
        " GROUP BY seq"
    )
