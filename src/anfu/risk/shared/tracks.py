"""Tracks off the quick way: late events, forgotten ones, words about payments, and what leaves.

What a track says is a function of the set of events learned and not of their order: a late event
is put in its place, a forgotten one is taken out, and what leaves the rows is kept as sums and
minima. The running figures of a span cover the rows `[low, high)`; they stand where the newest
event, or the newest reading, has brought them (`last`), and come back there after every look back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from anfu.kernel.errors import BrokenInvariant
from anfu.risk.places import visited
from anfu.risk.shared.groups import LAST, PLACE, ROWS, SETTLED, TILES, Group, Span, Track
from anfu.risk.shared.told import Told
from anfu.risk.tiles import AMOUNT, AT, Row, Tiles

# An event up to this much older than the newest of its entity still gets exact answers.
LATE_S = 3_600
LATE = LATE_S * 1_000_000
# Rows are kept this much longer than windows reach: a late event sees all it should, and may be
# forgotten up to `LATE_S` later still.
KEPT = 2 * LATE
# A window with more rows than this is tiled; of a key with tiles, up to twice as many are kept.
LIMIT = 4_096
# Windows with more rows than this count different values as they come and go; a track with more
# rows than this looks firsts up.
COUNTED = 24


class Settled:
    """What is known for ever of the rows that have left a track."""

    __slots__ = ("count", "first", "last", "least", "most", "newest", "oldest", "pairs", "place")

    def __init__(self, at: int, pairs: int) -> None:
        self.count = 0
        self.first = self.last = at
        # The amounts of the first and of the last.
        self.oldest = self.newest = 0
        self.most: int | None = None
        self.least: int | None = None
        self.pairs: tuple[dict[str, int], ...] = tuple({} for _ in range(pairs))
        self.place: tuple[int, float, float] | None = None


def place_of(rows: Sequence[Row], at: int, low: int = 0) -> int:
    """How many rows happened up to `at`."""
    return bisect_left(rows, (at + 1,), low)


def back(group: Group, track: Track, at: int, row: Row | None) -> int:
    """Bring all figures back to `at`, with `row`, which happened then, learned; the place after
    the last row that is seen. Places are left as they were before `row`."""
    rows = track[ROWS]
    end = place_of(rows, at)
    _stand(group, track, at, len(rows), end)
    if group.placed:
        _unvisit(group, track, rows[end:])
    if row is None:
        return end
    rows.insert(end, row)
    for column in group.firsts:
        track[group.slot[f"firsts_{column}"]] = None
    for span in group.spans:
        if not span.delay:
            count(track, span, [row], 1)
    return end + 1


def forth(group: Group, track: Track, end: int, *, learned: bool) -> None:
    """Bring all figures from where `back` left them, at the place `end`, to the newest again."""
    rows = track[ROWS]
    _stand(group, track, track[LAST], end, len(rows))
    if group.placed:
        visit(group, track, rows[end - learned :])


def learn(group: Group, track: Track, row: Row) -> None:
    """Learn a row of which no figures are asked."""
    at = row[AT]
    if at < track[LAST]:
        forth(group, track, back(group, track, at, row), learned=True)
    else:
        track[LAST] = at
        track[ROWS].append(row)
        for span in group.spans:
            if not span.delay:
                count(track, span, [row], 1)
        if group.placed:
            visit(group, track, [row])
        for column in group.firsts:
            track[group.slot[f"firsts_{column}"]] = None
    if track[TILES] is not None:
        track[TILES].add(row)
    tidy(group, track)


def forget(group: Group, track: Track, row: Row) -> None:
    """Take out one row of that content. Raises BrokenInvariant when there is none, or it is in what
    is kept for ever."""
    rows = track[ROWS]
    place = _find(rows, row)
    if track[TILES] is not None:
        track[TILES].take(row)
    if place is None:
        _forget_settled(group, track, row)
        return
    for span in group.spans:
        low, high = _ends(track, span, len(rows))
        if low <= place < high:
            count(track, span, [row], -1)
        if span.low is not None and place < low:
            track[span.low] -= 1
        if span.high is not None and place < high:
            track[span.high] -= 1
    if group.placed:
        _unvisit(group, track, [row])
    rows.pop(place)
    if group.placed:
        _place_again(group, track, rows)
    for column in group.firsts:
        track[group.slot[f"firsts_{column}"]] = None


def hear(group: Group, track: Track, at: int, payment: str, word: tuple[int, bool]) -> None:
    """One word about a payment made at `at`."""
    slot = group.slot["told"]
    if track[slot] is None:
        track[slot] = Told()
    track[slot].hear(at, payment, word)
    # A track that knows nothing else stands at the payment it knows of.
    track[LAST] = max(track[LAST], at) if not track[ROWS] else track[LAST]


def unhear(group: Group, track: Track, row: Row, payment: str) -> None:
    """The words about a payment that was forgotten go, unless one just like it is still there."""
    told = track[group.slot["told"]]
    if told is not None and _find(track[ROWS], row) is None:
        told.unhear(row[AT], payment)
        if not (told.frauds or told.honest):
            track[group.slot["told"]] = None


def dead(group: Group, track: Track, at: int) -> bool:
    """Whether nothing of the track can be seen at `at` or an hour before."""
    told = group.labelled and track[group.slot["told"]] is not None
    if not track[ROWS] and not told and track[SETTLED] is None:
        return True
    reach = group.reach if told else group.keep
    return not group.lifelong and bool(track[LAST] <= at - reach - KEPT)


def tidy(group: Group, track: Track) -> None:
    """Let rows go that no window reaches, and of very many the oldest."""
    rows = track[ROWS]
    end = place_of(rows, rows[-1][AT] - group.keep - KEPT) if rows else 0
    if len(rows) > LIMIT and track[TILES] is None:
        track[TILES] = Tiles(group.cuts(), rows)
    if len(rows) > 2 * LIMIT:
        end = max(end, len(rows) - LIMIT - LIMIT // 2)
    if end > len(rows) >> 2:
        settle(group, track, end)
        _drop_old(group, track)


def settle(group: Group, track: Track, end: int) -> None:
    """Move the first `end` rows into what is kept for ever."""
    rows = track[ROWS]
    gone = rows[:end]
    if group.lifelong or track[TILES] is not None:
        if track[SETTLED] is None:
            track[SETTLED] = Settled(gone[0][AT], len(group.firsts))
        _keep(group, track[SETTLED], gone)
    for span in group.spans:
        if span.window is not None:
            assert span.low is not None
            low, high = _ends(track, span, len(rows))
            kept = max(low, end), max(high, end)
            _shift(track, span, (low, high), kept)
            track[span.low] = kept[0] - end
            if span.high is not None:
                track[span.high] = kept[1] - end
    for column in group.firsts:
        track[group.slot[f"firsts_{column}"]] = None
    del rows[:end]


def count(track: Track, span: Span, rows: Sequence[Row], sign: int) -> None:
    """Add rows to the running figures of a span, or take them out."""
    sums = span.sums
    if not rows:
        return
    if "total" in sums:
        track[sums["total"]] += sign * sum([row[AMOUNT] for row in rows])
    if "squares" in sums:
        track[sums["squares"]] += sign * sum([row[AMOUNT] * row[AMOUNT] for row in rows])
    for name in ("most", "least"):
        if name in sums:
            track[sums[name]] = None
    for column, slot in span.counts:
        if track[slot] is not None:
            for row in rows:
                tally(track[slot], row[column], sign)


def tally(counts: dict[str, int], value: str | None, sign: int) -> None:
    """One more of a value, or one less."""
    if value:
        known = counts.get(value, 0) + sign
        if known:
            counts[value] = known
        else:
            del counts[value]


def visit(group: Group, track: Track, rows: Sequence[Row]) -> None:
    """The entity was where these rows say."""
    cells, usual, place = (group.slot[name] for name in ("cells", "usual", "latest"))
    for row in rows:
        if row[PLACE] is not None:
            latitude, longitude, cell = row[PLACE]
            track[cells], track[usual] = visited(track[cells], track[usual], cell)
            here = row[AT], latitude, longitude
            track[place] = here if track[place] is None else max(track[place], here)


def counted(rows: Sequence[Row], column: int) -> dict[str, int]:
    """How often each value is there; NULL and empty texts are none."""
    counts: dict[str, int] = {}
    for row in rows:
        tally(counts, row[column], 1)
    return counts


def firsts(rows: Sequence[Row], column: int) -> dict[str, int]:
    """When each value was there first."""
    return {row[column]: row[AT] for row in reversed(rows) if row[column]}


def _stand(group: Group, track: Track, at: int, old_end: int, new_end: int) -> None:
    """Bring every span from where it stands, the end of its rows at `old_end`, to `at`."""
    rows = track[ROWS]
    for span in group.spans:
        high = place_of(rows, at - span.delay) if span.delay else new_end
        low = 0 if span.window is None else place_of(rows, at - span.delay - span.window)
        _shift(track, span, _ends(track, span, old_end), (low, high))
        if span.low is not None:
            track[span.low] = low
        if span.high is not None:
            track[span.high] = high


def _ends(track: Track, span: Span, end: int) -> tuple[int, int]:
    low = 0 if span.low is None else track[span.low]
    return low, end if span.high is None else track[span.high]


def _shift(track: Track, span: Span, old: tuple[int, int], new: tuple[int, int]) -> None:
    rows = track[ROWS]
    if new[0] >= old[1] or old[0] >= new[1]:
        gone, come = rows[old[0] : old[1]], rows[new[0] : new[1]]
    else:
        gone = rows[old[0] : new[0]] + rows[new[1] : old[1]]
        come = rows[new[0] : old[0]] + rows[old[1] : new[1]]
    count(track, span, gone, -1)
    count(track, span, come, 1)


def _unvisit(group: Group, track: Track, rows: Sequence[Row]) -> None:
    cells, usual = group.slot["cells"], group.slot["usual"]
    for row in rows:
        if row[PLACE] is not None:
            track[cells], track[usual] = visited(track[cells], track[usual], row[PLACE][2], -1)
    kept = track[ROWS]
    if rows and kept and rows[-1] is kept[-1]:
        _place_again(group, track, kept[: len(kept) - len(rows)])


def _place_again(group: Group, track: Track, rows: Sequence[Row]) -> None:
    """The latest position among `rows`; of one instant the largest, whatever the order."""
    best = None
    for row in reversed(rows):
        if best is not None and row[AT] < best[0]:
            break
        if row[PLACE] is not None:
            here = row[AT], row[PLACE][0], row[PLACE][1]
            best = here if best is None else max(best, here)
    if best is None and track[SETTLED] is not None:
        best = track[SETTLED].place
    track[group.slot["latest"]] = best


def _forget_settled(group: Group, track: Track, row: Row) -> None:
    settled = track[SETTLED]
    if not group.lifelong and row[AT] <= track[LAST] - group.keep - KEPT:
        return
    if track[TILES] is None or settled is None or row[AT] > settled.last:
        raise BrokenInvariant("an event to be forgotten was never learned, or too long ago")
    settled.count -= 1
    for span in group.spans:
        if span.window is None:
            count(track, span, [row], -1)


def _find(rows: Sequence[Row], row: Row) -> int | None:
    at = row[AT]
    for place in range(bisect_left(rows, (at,)), len(rows)):
        if rows[place] == row:
            return place
        if rows[place][AT] > at:
            break
    return None


def _drop_old(group: Group, track: Track) -> None:
    newest = track[ROWS][-1][AT] - KEPT
    if track[TILES] is not None:
        track[TILES].drop(newest)
    if group.labelled and track[group.slot["told"]] is not None:
        track[group.slot["told"]].drop(newest - group.reach)


def _keep(group: Group, settled: Settled, gone: Sequence[Row]) -> None:
    settled.count += len(gone)
    if gone[0][AT] <= settled.first:
        settled.first, settled.oldest = gone[0][AT], gone[0][AMOUNT]
    if gone[-1][AT] >= settled.last:
        settled.last, settled.newest = gone[-1][AT], gone[-1][AMOUNT]
    amounts = [row[AMOUNT] for row in gone]
    settled.most = max([*amounts, *([] if settled.most is None else [settled.most])])
    settled.least = min([*amounts, *([] if settled.least is None else [settled.least])])
    for known, column in zip(settled.pairs, group.firsts, strict=True):
        for value, at in firsts(gone, column).items():
            known[value] = min(at, known.get(value, at))
    if group.placed:
        for row in gone:
            if row[PLACE] is not None:
                here = row[AT], row[PLACE][0], row[PLACE][1]
                settled.place = here if settled.place is None else max(settled.place, here)
