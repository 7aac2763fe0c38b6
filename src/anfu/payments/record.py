"""Record: the last step of every journey: tell the outbox, remember the answers, seal the facts.

Evidence comes last, since its counter is locked from then until the commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.ledger.entry import EntryOrder
from anfu.parties.party import Party
from anfu.payments.case_document import case_document, case_leaf
from anfu.payments.document import (
    encode,
    event_document,
    payment_document,
    payment_leaf,
    refund_document,
    refund_leaf,
)
from anfu.payments.payment import FINAL, REFUND_FINAL, Payment, Refund, State
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import Act, Case
from anfu.storage import idempotency, outbox
from anfu.storage.idempotency import Answer, Claim, Name
from anfu.storage.transaction import Tx

# Told besides the final states: somebody has to do something.
_TOLD = FINAL | {State.CHALLENGED, State.IN_REVIEW, State.AWAITING}
_KINDS = {state: f"payment.{state.lower()}" for state in _TOLD}
INSTITUTION = "anfu"


class Claiming(Protocol):
    """An order under an idempotency key."""

    @property
    def claim(self) -> Claim:
        """The key."""


O = TypeVar("O", bound=Claiming)  # noqa: E741 - an order


@dataclass(slots=True)
class Record:
    """What one transaction leaves behind, gathered while it works."""

    now: datetime
    entropy: Entropy
    parties: Mapping[str, Party] = field(default_factory=dict)
    leaves: list[Leaf] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    events: list[outbox.Event] = field(default_factory=list)
    endpoints: dict[str, Sequence[str]] = field(default_factory=dict)
    claims: dict[Claim, Answer | None] = field(default_factory=dict)
    answers: dict[Name, Answer] = field(default_factory=dict)

    def payment(self, payment: Payment, **more: Any) -> Answer:
        """Note a payment that is new or has moved; the answer that describes it."""
        document = encode(payment_document(payment))
        if payment.state in _TOLD:
            self._event(_KINDS[payment.state], payment.id, payment.payee, document)
        self.leaf("payment", payment.id, {**payment_leaf(payment), **more})
        return Answer(201, document)

    @staticmethod
    def describe(payment: Payment) -> Answer:
        """The answer that describes a payment, without noting anything."""
        return Answer(201, encode(payment_document(payment)))

    def refund(self, refund: Refund) -> Answer:
        """Note a refund that is new or has moved; the answer that describes it."""
        document = encode(refund_document(refund))
        if refund.state in REFUND_FINAL:
            self._event(f"refund.{refund.state.lower()}", refund.id, refund.payee, document)
        self.leaf("refund", refund.id, refund_leaf(refund))
        return Answer(201, document)

    @staticmethod
    def describe_refund(refund: Refund) -> Answer:
        """The answer that describes a refund, without noting anything."""
        return Answer(201, encode(refund_document(refund)))

    def leaf_of(self, payment: Payment) -> None:
        """Note a payment whose refunded sum changed, as evidence only."""
        self.leaf("payment", payment.id, payment_leaf(payment))

    def leaf(self, kind: str, subject: str, body: Mapping[str, Any]) -> None:
        """Note a fact for the evidence log."""
        self.leaves.append(Leaf(kind, subject, self.now, body))

    def posting(self, order: EntryOrder) -> None:
        """Note an entry that belongs to no payment, refund or deposit: what it moves, so that the
        books can be told from it."""
        terms = {"debit": order.debit, "credit": order.credit, "asset": order.asset,
                 "amount": order.amount}  # fmt: skip
        self.leaf("posting", order.id, terms)

    def notice(self, kind: str, subject: str, document: bytes) -> None:
        """Note an event of which a customer is to be told."""
        self._event(kind, subject, INSTITUTION, document)

    def case(self, case: Case, kind: str, by: str | None, **detail: Any) -> None:
        """Note what was done with a case that is, from now on, as given."""
        self.acts.append(Act(case.id, self.now, kind, by, canonical_bytes(detail).decode()))
        self.leaf("case", case.id, {"act": kind, "by": by, **detail, **case_leaf(case)})

    def tell_case(
        self, kind: str, case: Case, *, endpoints: Sequence[str] = (), **more: Any
    ) -> None:
        """Note an event about a case, for the institution and for the staff behind `endpoints`."""
        document = encode({**case_document(case, now=self.now), **more})
        event = self._event(f"case.{kind}", case.id, INSTITUTION, document)
        if endpoints:
            self.endpoints[event] = endpoints

    def tell_staff(
        self, kind: str, subject: str, document: bytes, *, endpoints: Sequence[str]
    ) -> None:
        """Note an event for the institution and for the staff behind `endpoints`."""
        event = self._event(kind, subject, INSTITUTION, document)
        if endpoints:
            self.endpoints[event] = endpoints

    def factor(self, kind: str, factor: str, known: Mapping[str, Any], document: bytes) -> None:
        """Note what became of a factor of a customer, for the institution and for evidence."""
        self.notice(f"factor.{kind}", factor, document)
        self.leaf("factor", factor, {"change": kind, **known})

    def access(
        self, kind: str, subject: str, known: Mapping[str, Any], *, endpoints: Sequence[str] = ()
    ) -> None:
        """Note what became of an account, a session or a key, for the institution and for evidence;
        the staff behind `endpoints` are told."""
        event = self._event(kind, subject, INSTITUTION, encode({"id": subject, **known}))
        if endpoints:
            self.endpoints[event] = endpoints
        self.leaf("access", subject, {"change": kind, **known})

    async def write(self, tx: Tx) -> None:
        """Write it all; the last statements of the transaction."""
        await self.tell(tx)
        await self.seal(tx)

    async def tell(self, tx: Tx) -> None:
        """Write the acts, the events and the answers."""
        if self.acts:
            await cases.insert_acts(tx, acts=self.acts)
        if self.events:
            await outbox.put(
                tx, events=self.events, endpoints=self.endpoints, now=self.now,
                entropy=self.entropy,
            )  # fmt: skip
        await idempotency.remember(tx, claims=self.claims, now=self.now)
        await idempotency.finish(tx, answers=self.answers)

    async def seal(self, tx: Tx) -> None:
        """Write the evidence. Last of all: the log is locked from here to the commit."""
        if self.leaves:
            await append(tx, leaves=self.leaves)

    def _event(self, kind: str, subject: str, payee: str, document: bytes) -> str:
        event = new_id("evt", now=self.now, entropy=self.entropy)
        party = self.parties.get(payee)
        merchant = payee.startswith("mer_")
        if party is not None and party.endpoints:
            self.endpoints[event] = party.endpoints
        self.events.append(
            outbox.Event(
                id=event,
                kind=kind,
                object_id=subject,
                owner=payee if merchant else INSTITUTION,
                at=self.now,
                body=event_document(event, kind, self.now, document),
            )
        )
        return event


async def once_each(
    tx: Tx, orders: Sequence[O], work: Callable[[O, Record], Awaitable[Answer]], record: Record
) -> list[Answer | Refused]:
    """A result for each order, in their order: done once for its key, in turn, so that each sees
    what those before it have left. An order that `work` refuses, which it does before it writes,
    keeps no other from being done. `record` is written with the answers.

    Results of kind Refused: as `work` raises, idempotency_key_reused, idempotency_in_flight.
    """
    known = await idempotency.find(tx, [order.claim for order in orders])
    results: dict[Claim, Answer | Refused] = {}
    for order in orders:
        claim = order.claim
        if claim in results:
            continue
        try:
            if claim.name in known:
                results[claim] = idempotency.answer_again(claim, known[claim.name])
                continue
            if any(claim.name == other.name for other in record.claims):
                raise Refused("idempotency_key_reused", field="Idempotency-Key")
            results[claim] = record.claims[claim] = await work(order, record)
        except Refused as refusal:
            results[claim] = refusal
    await record.write(tx)
    return [results[order.claim] for order in orders]
