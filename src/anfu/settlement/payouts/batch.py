"""A batch of payouts: one file to the bank, and who let it go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from anfu.kernel.errors import Refused
from anfu.risk.proposals.proposal import check_two_people

PREFIX = "pyb"
# Payouts of one file.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Batch:
    """`total` minor units in `count` payouts. `people`: how many must release it, 0 or 2.
    `sent_at`: when its file was written, which is committed before it is sent; `asked_at`: when the
    bank was last asked; `digest`: SHA-256 of the file, hex."""

    id: str
    currency: str
    payable_on: date
    count: int
    total: int
    people: int
    made_at: datetime
    first_by: str | None = None
    second_by: str | None = None
    released_at: datetime | None = None
    sent_at: datetime | None = None
    asked_at: datetime | None = None
    digest: str | None = None


def people_for(total: int, *, above: int) -> int:
    """Two for more than `above` minor units."""
    return 2 if total > above else 0


def released_by(batch: Batch, by: str, *, at: datetime) -> Batch:
    """The batch with one more person's release, given at the moment `at`. Raises Refused:
    payout_batch_released, second_person_needed."""
    if batch.released_at is not None:
        raise Refused("payout_batch_released", field="batch")
    if batch.first_by is None:
        check_two_people("", by, field="batch")
        return replace(batch, first_by=by)
    check_two_people(batch.first_by, by, field="batch")
    return replace(batch, second_by=by, released_at=at)
