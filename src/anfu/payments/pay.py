"""Pay: decide. One transaction takes a batch of orders from the key to the evidence.

A payment from a balance is booked in the same transaction, since nothing outside is asked
(decision record 0007). A payment through a channel ends here in SENDING; `send` and `book` go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.authentication.factor import factor_count
from anfu.channels.port import Scene
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_ids
from anfu.parties.mandates.mandate import Mandate
from anfu.parties.mandates.queries import find_mandates
from anfu.parties.party import Party
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.assess import decision_leaf
from anfu.payments.challenge import Asking, challenge
from anfu.payments.checkouts.checkout import Standing
from anfu.payments.checkouts.choose import Choosing, claim, tries_of
from anfu.payments.checkouts.operations import insert_tries
from anfu.payments.checkouts.queries import lock_chosen
from anfu.payments.draw import check_mandate, device_of, draw, tell_drawn
from anfu.payments.fund import fund
from anfu.payments.means import check_means
from anfu.payments.meeting import NO_MEETING, Meeting
from anfu.payments.operations import Open
from anfu.payments.payment import BALANCE, Payment, State
from anfu.payments.purpose import check_purpose
from anfu.payments.record import Record
from anfu.payments.refer import find_referral, refer
from anfu.payments.release import check_document
from anfu.payments.route import Choice, Wanted, choose
from anfu.payments.sense import sense
from anfu.payments.showings.operations import spend_codes
from anfu.payments.showings.queries import lock_scanned
from anfu.payments.showings.spend import Codes, Scanned, scope_of, spent_by
from anfu.payments.tools import Tools
from anfu.risk import operations as risk
from anfu.risk.decision import Decision
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.rules import Outcome
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

Result = Answer | Refused | Payment
"""An answer; or why there is none; or the payment in SENDING that `send` must go on with."""


@dataclass(frozen=True, slots=True)
class PayOrder:
    """A well-formed order. `merchant` is the scope of the caller's key, None for the institution;
    `occurred_at` is set only for a history; `checkout`: chosen on the page of one; `scanned`: by a
    code of ours that its payer has shown."""

    claim: Claim
    merchant: str | None
    payer: str
    payee: str
    amount: int
    currency: str
    method: str
    environment: Environment
    card: str | None = None
    code: str | None = None
    debit: str | None = None
    verified_by: str | None = None
    order: str | None = None
    description: str | None = None
    factors: tuple[str, ...] = ()
    terminal: str | None = None
    mandate: str | None = None
    promotion: str | None = None
    occurred_at: datetime | None = None
    meeting: Meeting = NO_MEETING
    checkout: Choosing | None = None
    scanned: Scanned | None = None


async def pay(tools: Tools, orders: Sequence[PayOrder], *, now: datetime) -> list[Result]:
    """A result for each order, in their order.

    Results of kind Refused: idempotency_key_reused, idempotency_in_flight, party_not_found,
    as `Party.check_active`, payer_is_payee, payer_not_customer, payee_not_yours,
    currency_not_supported, method_unknown, debit_not_allowed, no_route, as `Meeting.check`,
    history_not_accepted, factor_unknown, purpose_needed, payer_document_expired,
    mandate_not_found, payer_code_invalid, and as `claim`.
    """
    batch = _Batch(tools, now)
    try:
        return await tools.database.run(lambda tx: batch.decide(tx, orders))
    except BaseException:
        await tools.engine.forget(batch.learnt)
        raise


class _Batch:
    """One batch of orders on its way through the decision."""

    def __init__(self, tools: Tools, now: datetime) -> None:
        self.tools = tools
        self.now = now
        self.learnt: list[Event] = []
        self.standings: dict[str, Standing] = {}
        self.codes = Codes({}, set())

    async def decide(self, tx: Tx, orders: Sequence[PayOrder]) -> list[Result]:
        await self.tools.engine.forget(self.learnt)  # of an attempt that was raced
        self.learnt = []
        results: dict[Claim, Result] = {}
        fresh = await self._fresh(tx, orders, results)
        if fresh:
            self.standings = await lock_chosen(tx, [order.checkout for order in fresh])
            self.codes = await lock_scanned(tx, [order.scanned for order in fresh])
            ids = {party for order in fresh for party in (order.payer, order.payee)}
            parties = await find_parties(tx, sorted(ids))
            wanted = sorted({o.mandate for o in fresh if o.mandate is not None})
            mandates = await find_mandates(tx, wanted) if wanted else {}
            admitted = self._admit(fresh, parties, mandates, results)
            await self._settle(tx, admitted, parties, results)
        first = {id(order) for order in fresh}
        return [_own(results[order.claim], first=id(order) in first) for order in orders]

    async def _fresh(
        self, tx: Tx, orders: Sequence[PayOrder], results: dict[Claim, Result]
    ) -> list[PayOrder]:
        """Orders under keys never seen; of equal orders in one batch, the first."""
        known = await idempotency.find(tx, [order.claim for order in orders])
        fresh: dict[tuple[str, str], PayOrder] = {}
        for order in orders:
            claim = order.claim
            if claim.name in known:
                try:
                    results[claim] = idempotency.answer_again(claim, known[claim.name])
                except Refused as refusal:
                    results[claim] = refusal
            elif fresh.setdefault(claim.name, order).claim != claim:
                results[claim] = Refused("idempotency_key_reused", field="Idempotency-Key")
        return list(fresh.values())

    def _admit(
        self,
        orders: Sequence[PayOrder],
        parties: dict[str, Party],
        mandates: Mapping[str, Mandate],
        results: dict[Claim, Result],
    ) -> list[PayOrder]:
        admitted = []
        for order in orders:
            try:
                _check(order, parties, self.tools, self.now)
                check_document(parties[order.payer], now=self.now)
                check_mandate(order.mandate, mandates, (order.payer, order.payee))
                # Last of all: whoever passes has it.
                self.codes.claim(order.scanned, now=self.now)
                claim(self.standings, order.checkout, now=self.now)
            except Refused as refusal:
                results[order.claim] = refusal
            else:
                admitted.append(order)
        return admitted

    async def _settle(
        self,
        tx: Tx,
        orders: list[PayOrder],
        parties: dict[str, Party],
        results: dict[Claim, Result],
    ) -> None:
        """Everything that only computes comes first, what others wait for comes last: counters of
        limits, balances, payees' accounts, the log."""
        decisions = await self._score(tx, orders, parties)
        await risk.record(tx, decisions=decisions)
        referral = await find_referral(tx, decisions, now=self.now)
        judged = [self._judge(o, d) for o, d in zip(orders, decisions, strict=True)]
        devices = {d.event.id: device_of(d.event.environment) for d in decisions}
        drawn = await draw(tx, judged, devices, now=self.now)
        funding = await fund(
            tx, payments=drawn, parties=parties, rules=self.tools.rules, now=self.now
        )
        asking = Asking({d.event.id: d.event for d in decisions}, parties)
        payments = await challenge(tx, self.tools, funding.payments, asking, now=self.now)
        await operations.insert_payments(tx, payments=payments)
        await insert_tries(tx, rows=tries_of([o.checkout for o in orders], payments))
        await spend_codes(tx, rows=spent_by([o.scanned for o in orders], payments))
        record = Record(self.now, self.tools.entropy, parties)
        held = frozenset(p.id for p in payments if p.state is State.IN_REVIEW)
        subjects = referral.subjects(held=held)
        held_until = await refer(tx, self.tools, referral, subjects, record)
        waiting = []
        for order, payment, decision in zip(orders, payments, decisions, strict=True):
            sending = payment.state is State.SENDING
            content = order.claim.content.hex()
            known = decision_leaf(decision) | (order.scanned.leaf if order.scanned else {})
            answer = record.payment(payment, content=content, **known)
            results[order.claim] = payment if sending else answer
            record.claims[order.claim] = None if sending else answer
            if (due := held_until.get(payment.id) or self._due_at(payment)) is not None:
                waiting.append(Open(payment.id, due, order.claim.name if sending else None))
        await operations.open_payments(tx, rows=waiting)
        await tell_drawn(tx, self.tools, payments, now=self.now)
        await record.tell(tx)
        await funding.write(tx, now=self.now)
        await record.seal(tx)

    def _due_at(self, payment: Payment) -> datetime | None:
        wait = getattr(self.tools.policy, _WAITS.get(payment.state, ""), None)
        return None if wait is None else self.now + wait

    async def _score(
        self, tx: Tx, orders: Sequence[PayOrder], parties: Mapping[str, Party]
    ) -> list[Decision]:
        count = len(orders)
        payments = new_ids("pay", count, now=self.now, entropy=self.tools.entropy)
        claimed = [(o.environment, o.payer, scope_of(o.scanned, o.merchant)) for o in orders]
        seen = await sense(tx, claimed, now=self.now)
        events = [self._event(*one, parties) for one in zip(orders, payments, seen, strict=True)]
        # In the order in which they are learned, for whoever learns them again.
        ids = sorted(new_ids("dec", count, now=self.now, entropy=self.tools.entropy))
        decisions = await self.tools.engine.decide(events, ids)
        self.learnt = events
        return decisions

    def _event(
        self, order: PayOrder, payment: str, seen: Environment, parties: Mapping[str, Party]
    ) -> Event:
        payee = parties[order.payee]
        return Event(
            id=payment,
            payer=order.payer,
            payee=order.payee,
            amount=order.amount,
            currency=order.currency,
            method=order.method,
            card=order.card,
            at=order.occurred_at or self.now,
            environment=seen,
            terminal=order.terminal,
            phone=parties[order.payer].phone,
            payee_kind=payee.kind,
            mcc=payee.mcc,
            promotion=order.promotion,
        )

    def _judge(self, order: PayOrder, decision: Decision) -> Payment:
        balance, meeting = order.method == BALANCE, order.meeting
        choice = None if balance else _route(order, self.tools, now=self.now)
        allowed = State.SUCCEEDED if balance else State.SENDING
        if order.checkout is not None and order.checkout.prove:
            allowed = State.CHALLENGED
        return Payment(
            id=decision.event.id,
            state=_STATES.get(decision.outcome, allowed),
            payer=order.payer,
            payee=order.payee,
            amount=order.amount,
            currency=order.currency,
            method=order.method,
            created_at=self.now,
            occurred_at=decision.event.at,
            updated_at=self.now,
            card=order.card,
            code=meeting.code(order.code),
            debit=order.debit,
            verified_by=order.verified_by,
            order=order.order,
            description=order.description,
            factors=order.factors,
            mandate=order.mandate,
            decision=decision.id,
            outcome=decision.outcome,
            reasons=decision.reasons,
            channel=None if choice is None else choice.channel,
            route=None if choice is None else choice.document(),
            scene=meeting.scene,
            network_payer=self._sealed(meeting.network_payer, decision.event.id),
            return_url=meeting.return_url,
            payer_code=meeting.payer_code,
            payer_address=order.environment.address,
        )

    def _sealed(self, network_payer: str | None, payment: str) -> bytes | None:
        if network_payer is None:
            return None
        return self.tools.sealer.seal(network_payer.encode(), bound_to=payment)


def _own(result: Result, *, first: bool) -> Result:
    """A payment is sent by the first of several equal orders in a batch, and by nobody else."""
    if first or not isinstance(result, Payment):
        return result
    return Refused("idempotency_in_flight", field="Idempotency-Key")


def _check(order: PayOrder, parties: Mapping[str, Party], tools: Tools, now: datetime) -> None:
    """Numbered as they are tried: 1 payee differs, 2 scope, 3 parties, 4 currency, 5 method,
    6 history, 7 factors, 8 purpose. Raises Refused."""
    if order.payer == order.payee:  # 1
        raise Refused("payer_is_payee", field="payee")
    if order.merchant not in (None, order.payee):  # 2
        raise Refused("payee_not_yours", field="payee")
    _check_parties(order, parties)  # 3
    if order.currency not in tools.policy.currencies:  # 4
        supported = sorted(tools.policy.currencies)
        raise Refused("currency_not_supported", field="currency", supported=supported)
    check_means(order, tools)  # 5
    if order.method != BALANCE:
        _route(order, tools, now=now)
    if order.occurred_at is not None and not tools.policy.accept_history:  # 6
        raise Refused("history_not_accepted", field="occurred_at")
    factor_count(order.factors)  # 7
    both = (parties[order.payer], parties[order.payee])
    check_purpose(*both, order.amount, order.currency, order.description)  # 8


def _route(order: PayOrder, tools: Tools, *, now: datetime) -> Choice:
    """The way an order goes. Raises Refused where none can take it."""
    scene = order.meeting.scene or Scene.ON_FILE
    wanted = Wanted(order.amount, order.currency, scene)
    choice = choose(tools.routes_of(order.method), wanted, tools.health, now=now)
    if choice.channel is None:
        raise Refused("no_route", field="method", passed_over=dict(choice.passed_over))
    return choice


def _check_parties(order: PayOrder, parties: Mapping[str, Party]) -> None:
    for field, party in (("payer", order.payer), ("payee", order.payee)):
        known = party in parties and parties[party].known_to(order.merchant)
        if not known or (parties[party].guest and order.checkout is None):
            raise Refused("party_not_found", field=field)
        parties[party].check_active(field=field)
    if parties[order.payer].kind != "CUSTOMER":
        raise Refused("payer_not_customer", field="payer")


_STATES = {
    Outcome.CHALLENGE: State.CHALLENGED,
    Outcome.REVIEW: State.IN_REVIEW,
    Outcome.BLOCK: State.BLOCKED,
}
_WAITS = {State.CHALLENGED: "challenge", State.SENDING: "sending"}
