"""Label: what a payment turned out to be, told days later; risk learns from it."""

from __future__ import annotations

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


async def label(tools: Tools, order: LabelOrder, *, now: datetime) -> Answer:
    """Raises Refused: payment_not_found, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        await get_payment(tx, order.payment, merchant=order.merchant)
        put = Label(order.payment, Truth(order.label), now, order.source)
        await risk.put_labels(tx, labels=[put])
        told = {"payment": order.payment, "label": order.label, "source": order.source}
        record = Record(now, tools.entropy)
        record.leaf("label", order.payment, told)
        await record.write(tx)
        return Answer(201, encode({"object": "label", **told, "created_at": rfc3339(now)}))

    return await idempotency.once(tools.database, order.claim, work, now=now)
