"""Label: what payments turned out to be, told up to months later; risk learns from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import find_payments
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.event import Event
from anfu.risk.label import Label, Told, Truth
from anfu.risk.queries import find_decisions, find_events
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Word:
    """What was said of `payment`, or of `decision` where there is no payment of ours. `at`: in a
    history, when it was said."""

    truth: Truth
    source: str
    payment: str | None = None
    decision: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """`merchant` is the scope of the caller's key. `many`: to be answered as a list."""

    claim: Claim
    merchant: str | None
    words: tuple[Word, ...]
    many: bool = False


async def label(tools: Tools, order: LabelOrder, *, now: datetime) -> Answer:
    """All of the words or none. Raises Refused: payment_not_found, decision_not_found,
    label_too_early, and as idempotency does."""
    told: list[Told] = []

    async def work(tx: Tx) -> Answer:
        record = Record(now, tools.entropy)
        told[:] = await _told(tx, order, now)
        await put(tx, told, record)
        await record.write(tx)
        documents = [label_document(t.label) for t in told]
        return Answer(
            201, encode({"object": "list", "data": documents} if order.many else documents[0])
        )

    answer, fresh = await idempotency.once_fresh(tools.database, order.claim, work, now=now)
    if fresh:
        await learn(tools, told)
    return answer


async def put(tx: Tx, told: Sequence[Told], record: Record) -> None:
    """Write labels down within a journey, which has them learned after its commit."""
    await risk.put_labels(tx, labels=[t.label for t in told])
    for said in (t.label for t in told):
        document = {"label": said.truth, "source": said.source, "decision": said.decision}
        record.leaf("label", said.payment, {"payment": said.payment, **document})


async def learn(tools: Tools, told: Sequence[Told]) -> None:
    """Learn labels. After the commit: what was not kept must not be learned."""
    for word in told:
        await tools.engine.label(word.event, fraud=word.fraud, at=word.label.at)


def label_document(label: Label) -> dict[str, object]:
    """What the caller learns."""
    return {
        "object": "label",
        "payment": label.payment,
        "decision": label.decision,
        "label": label.truth,
        "source": label.source,
        "created_at": rfc3339(label.at),
    }


async def _told(tx: Tx, order: LabelOrder, now: datetime) -> list[Told]:
    """The words with the decisions and events they are about."""
    about = await _decisions(tx, order)
    stored = await find_decisions(tx, about)
    events = await find_events(tx, stored.values())
    told = []
    for word, decision in zip(order.words, about, strict=True):
        event = events.get(decision)
        if event is None or (word.decision and not await _visible(tx, order, event)):
            raise Refused("decision_not_found", field="decision", id=decision)
        at = word.at or now
        if at < event.at:
            raise Refused("label_too_early", field="at", happened_at=rfc3339(event.at))
        said = Label(event.id, word.truth, at, word.source, decision, now)
        told.append(Told(event, said))
    return told


async def _decisions(tx: Tx, order: LabelOrder) -> list[str]:
    """The decision each word is about. Raises Refused: payment_not_found."""
    ids = [word.payment for word in order.words if word.payment is not None]
    payments = {p.id: p for p in await find_payments(tx, ids)}
    about = []
    for word in order.words:
        if word.payment is None:
            about.append(word.decision or "")
            continue
        payment = payments.get(word.payment)
        if payment is None or order.merchant not in (None, payment.payee) or not payment.decision:
            raise Refused("payment_not_found", field="payment", id=word.payment)
        about.append(payment.decision)
    return about


async def _visible(tx: Tx, order: LabelOrder, event: Event) -> bool:
    """A merchant speaks of the payments to it, and of no others' decisions."""
    if order.merchant is None:
        return True
    payments = await find_payments(tx, [event.id])
    return any(payment.payee == order.merchant for payment in payments)
