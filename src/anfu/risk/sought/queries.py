"""Reads of decisions by what was said, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.ids import first_id
from anfu.risk.queries import COLUMNS, PREFIX, decision_of
from anfu.risk.replay import Stored
from anfu.risk.rules import Grade, Outcome
from anfu.storage.transaction import Tx
from anfu.storage.window import Window, look


@dataclass(frozen=True, slots=True)
class WantedDecisions:
    """At most `limit` decisions with an id before `before`, made in `[since, until)`, with a score
    of `score` or more; None is any."""

    limit: int
    before: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    grade: Grade | None = None
    reason: str | None = None
    score: int | None = None


async def seek_decisions(tx: Tx, wanted: WantedDecisions) -> tuple[list[Stored], str | None]:
    """A page, and the cursor of the page after."""
    # Most say ALLOW: the newest are looked at one by one. The others have an index.
    allowed = wanted.outcome is Outcome.ALLOW
    reach = (
        ("id >= {}", _first(wanted.since)),
        ("id < {}", _first(wanted.until)),
        ("outcome = {} AND outcome <> 'ALLOW'", None if allowed else wanted.outcome),
    )
    sieve = (
        ("outcome = {}", wanted.outcome if allowed else None),
        ("grade = {}", wanted.grade),
        ("{} = ANY(string_to_array(reasons, ','))", wanted.reason),
        ("score >= {}", wanted.score),
    )
    window = Window(COLUMNS, "risk.decision", wanted.limit, wanted.before, [reach], sieve)
    seen = await look(tx, window)
    return [decision_of(row) for row in seen.rows], seen.next


def _first(at: datetime | None) -> str | None:
    return None if at is None else first_id(PREFIX, at=at)
