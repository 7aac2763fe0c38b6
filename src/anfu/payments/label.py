"""Label: what a payment turned out to be, told days later; risk learns from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import get_payment
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.label import Label, Truth
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """`label` is FRAUD or HONEST. `merchant` is the scope of the caller's key."""

    claim: Claim
    merchant: str | None
    payment: str
    label: str
    source: str


async def tell_labels(tx: Tx, record: Record, labels: Sequence[Label]) -> None:
    """Keep what events turned out to be, with the evidence of it."""
    await risk.put_labels(tx, labels=labels)
    for told in labels:
        record.leaf("label", told.payment, {"payment": told.payment, "label": told.truth,
                                            "source": told.source})  # fmt: skip


async def label(tools: Tools, order: LabelOrder, *, now: datetime) -> Answer:
    """Raises Refused: payment_not_found, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        await get_payment(tx, order.payment, merchant=order.merchant)
        record = Record(now, tools.entropy)
        put = Label(order.payment, Truth(order.label), now, order.source)
        await tell_labels(tx, record, [put])
        await record.write(tx)
        told = {"payment": order.payment, "label": order.label, "source": order.source}
        return Answer(201, encode({"object": "label", **told, "created_at": rfc3339(now)}))

    return await idempotency.once(tools.database, order.claim, work, now=now)
