"""Reads of history. Each page is one range of a primary key, after the last key seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.ids import first_id
from anfu.risk.features import Catalogue, read_catalogue
from anfu.risk.label import Label
from anfu.risk.queries import PREFIX, label_of
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it was stored; `facts` canonical bytes in the order of `catalogue`, `beside`
    what was watched as JSON."""

    id: str
    score: int
    outcome: str
    grade: str
    reasons: str
    catalogue: str
    rule_set: str
    facts: bytes
    beside: str | None


async def decided_after(tx: Tx, after: str, *, until: datetime, most: int) -> Sequence[Decided]:
    """The next `most` decisions made before `until`, in the order they were made."""
    rows = await tx.fetch(
        "SELECT id, score, outcome, grade, reasons, catalogue, rule_set, facts, beside"
        " FROM risk.decision WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3",
        after,
        first_id(PREFIX, at=until),
        most,
    )
    return [Decided(**row) for row in rows]


async def list_catalogues(tx: Tx) -> dict[str, Catalogue]:
    """Every catalogue decisions were made with, by version."""
    rows = await tx.fetch("SELECT version, body FROM risk.catalogue")
    return {row["version"]: read_catalogue(row["body"]) for row in rows}


async def said_after(tx: Tx, after: tuple[str, int], *, most: int) -> list[tuple[int, Label]]:
    """The next `most` labels by payment, each with the number that orders what was said of one
    payment; `after` is the last (payment, number) seen."""
    rows = await tx.fetch(
        "SELECT payment, seq, label, at, source, decision, told_at FROM risk.label"
        " WHERE (payment, seq) > ($1, $2)"
        " ORDER BY payment, seq LIMIT $3",
        *after,
        most,
    )
    return [(row["seq"], label_of(row)) for row in rows]
