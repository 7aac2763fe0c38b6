"""Reads of labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.ids import first_id
from anfu.risk.label import Truth
from anfu.storage.transaction import Tx

# Ids of payments carry the time they were made. The latest label speaks.
_SINCE = """
SELECT label, array_agg(payment) AS payments FROM (
    SELECT DISTINCT ON (payment) payment, label FROM risk.label
    WHERE payment >= $1 AND payment < 'pay`' ORDER BY payment, seq DESC) AS latest
GROUP BY label
"""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Payments by what they turned out to be."""

    frauds: list[str]
    honest: list[str]


async def labelled_since(tx: Tx, since: datetime) -> Labelled:
    """The payments made since then that have a label."""
    rows = await tx.fetch(_SINCE, first_id("pay", at=since))
    found = {row["label"]: row["payments"] for row in rows}
    return Labelled(found.get(Truth.FRAUD, []), found.get(Truth.HONEST, []))
