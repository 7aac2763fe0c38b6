"""Release: two people let a batch go to the bank."""

from __future__ import annotations

from datetime import datetime

from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.settlement.payouts import operations, queries
from anfu.settlement.payouts.batch import Batch, released_by
from anfu.settlement.payouts.document import batch_document
from anfu.storage.transaction import Tx


async def release(tx: Tx, tools: Tools, batch: str, by: str, *, now: datetime) -> Batch:
    """The batch with one more person's release; with the second it may be sent. Raises Refused:
    payout_batch_not_found, payout_batch_released, second_person_needed."""
    found = await queries.lock_batch(tx, batch)
    released = released_by(found, by, at=now)
    await operations.write_batch(tx, batch=released)
    record = Record(now, tools.entropy)
    record.leaf("payout_batch", batch, batch_document(released))
    await record.write(tx)
    return released
