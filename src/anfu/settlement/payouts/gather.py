"""Gather: payouts that are payable become batches, one file to the bank each."""

from __future__ import annotations

from datetime import date, datetime

from anfu.kernel.ids import new_id
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.settlement.payouts import operations, queries
from anfu.settlement.payouts.batch import MOST, PREFIX, Batch, people_for
from anfu.settlement.payouts.document import batch_document
from anfu.storage.transaction import Tx


async def gather(tools: Tools, day: date, *, now: datetime) -> list[Batch]:
    """The batches made of what is payable by `day`. One that needs nobody's release has it."""
    made: list[Batch] = []
    for currency in sorted(tools.policy.currencies):
        while (batch := await _gather(tools, day, currency, now=now)) is not None:
            made.append(batch)
    return made


async def _gather(tools: Tools, day: date, currency: str, *, now: datetime) -> Batch | None:
    async def work(tx: Tx) -> Batch | None:
        payouts = await queries.lock_ungathered(tx, day, currency, most=MOST)
        if not payouts:
            return None
        total = sum(payout.amount for payout in payouts)
        people = people_for(total, above=tools.policy.release_above)
        batch = Batch(
            new_id(PREFIX, now=now, entropy=tools.entropy), currency, day, len(payouts), total,
            people, now, released_at=None if people else now,
        )  # fmt: skip
        await operations.insert_batch(tx, batch=batch, payouts=payouts)
        record = Record(now, tools.entropy)
        record.leaf("payout_batch", batch.id, batch_document(batch))
        await record.write(tx)
        return batch

    return await tools.database.run(work)
