"""A page of a long table that is sieved: bounded work whatever is asked.

Some conditions an index serves (`reach`); the others each row is looked at for (`sieve`). Rows
behind a rare condition could be anywhere among millions, so one page looks at `DEPTH` rows at the
most and says where it stopped: the next page goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from anfu.storage.transaction import Tx

DEPTH = 20_000
"""How many rows one page looks at."""

Condition = tuple[str, object]
"""Text with `{}` where its value goes; a value None asks for nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """What to read of `table`: `limit` rows, the newest first, with ids before `before`. Where
    there is more than one `reach`, the rows of either."""

    columns: str
    table: str
    limit: int
    before: str | None
    reach: Sequence[Sequence[Condition]] = ((),)
    sieve: Sequence[Condition] = field(default=())


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows, and the cursor of the page after; None when there is nothing more to look at."""

    rows: Sequence[Any]
    next: str | None


async def look(tx: Tx, window: Window) -> Seen:
    """Read a page."""
    values: list[object] = []
    before = ("id < {}", window.before)
    ways = [_where((before, *way), values) for way in window.reach]
    sieve = _where(window.sieve, values)
    depth = DEPTH if sieve else window.limit + 1
    reached = _reached(window, ways, window.columns, depth)
    query = f"SELECT {window.columns} FROM ({reached}) AS reached{sieve} ORDER BY id DESC"
    rows = await tx.fetch(f"{query} LIMIT {window.limit + 1}", *values)
    if len(rows) > window.limit:
        return Seen(rows[: window.limit], rows[window.limit - 1]["id"])
    if not sieve:
        return Seen(rows, None)
    asked = values[: len(values) - _count(window.sieve)]
    ids = _reached(window, ways, "id", depth)
    return Seen(rows, await tx.fetchval(f"{ids} OFFSET {DEPTH - 1}", *asked))


def _reached(window: Window, ways: Sequence[str], columns: str, depth: int) -> str:
    parts = [
        f"(SELECT {columns} FROM {window.table}{way} ORDER BY id DESC LIMIT {depth})"
        for way in ways
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS ways ORDER BY id DESC LIMIT {depth}"


def _where(conditions: Sequence[Condition], values: list[object]) -> str:
    texts = []
    for text, value in conditions:
        if value is not None:
            values.append(value)
            texts.append(text.format(f"${len(values)}"))
    return f" WHERE {' AND '.join(texts)}" if texts else ""


def _count(conditions: Sequence[Condition]) -> int:
    return sum(value is not None for _, value in conditions)
