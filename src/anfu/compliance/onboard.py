"""Onboard: ask outside channels who an applicant is, and give the account class that follows.

Decide, act, book: a question is committed before its channel is asked; what the channel says is
booked with the onboarding locked, so that two answers at once are counted one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from anfu.compliance.inquire import inquire, unbroken
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.ledger import operations as ledger
from anfu.parties import operations as parties
from anfu.parties.customer import NewCustomer
from anfu.parties.identity import operations, queries
from anfu.parties.identity.onboarding import (
    Onboarding,
    check_applicant,
    check_document_until,
    class_of,
    state_after,
)
from anfu.parties.identity.onboarding import State as OnboardingState
from anfu.parties.identity.verification import (
    FirmKind,
    Kind,
    Particulars,
    Reply,
    State,
    Verification,
    independent,
)
from anfu.parties.person import Person
from anfu.parties.privacy.consent import Purpose, in_force
from anfu.parties.privacy.queries import list_consents, require_consent
from anfu.payments.fund import balance_account
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

# What is asked of these needs the person's consent, each time.
CONSENTED: Mapping[Kind | FirmKind, Purpose] = {
    Kind.FACE: Purpose.BIOMETRICS,
    Kind.CREDIT_BUREAU: Purpose.CREDIT_INQUIRY,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Ask `kind` about an onboarding."""

    onboarding: str
    kind: Kind
    particulars: Particulars


@dataclass(frozen=True, slots=True)
class Standing:
    """An onboarding, its questions, and what they earn."""

    onboarding: Onboarding
    verifications: list[Verification]

    @property
    def channels(self) -> int:
        return independent(self.verifications)


async def apply(
    tools: Tools, person: Person, document_until: date, merchant: str | None, claim: Claim, *,
    now: datetime,
) -> Standing:  # fmt: skip
    """A new application. Raises Refused as `check_applicant` and `operations.apply`."""
    check_applicant(person, document_until, now=now)

    async def work(tx: Tx) -> Answer:
        made = await operations.apply(
            tx, person=person, document_until=document_until, opened_by=merchant,
            sealer=tools.sealer, now=now,
        )  # fmt: skip
        record = Record(now, tools.entropy)
        record.leaf("onboarding", made.id, {"state": made.state, "opened_by": merchant})
        await record.write(tx)
        return Answer(201, msgspec.json.encode(made.id))

    answer = await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, msgspec.json.decode(answer.body), merchant)


async def stand(tools: Tools, onboarding: str, merchant: str | None) -> Standing:
    """How an onboarding stands. Raises Refused `onboarding_not_found`."""
    async with tools.database.transaction(readonly=True) as tx:
        found = await queries.get_onboarding(
            tx, onboarding, ring=tools.sealer.ring, merchant=merchant
        )
        return Standing(found, await queries.list_verifications(tx, onboarding))


async def verify(
    tools: Tools, wish: Wish, merchant: str | None, claim: Claim, clock: Clock
) -> Standing:
    """Ask one channel, once for this claim. Raises Refused: registry_unknown, consent_missing,
    document_expired, onboarding_not_found, verification_open."""
    now = clock.now()

    async def work(tx: Tx) -> Answer:
        found = await queries.get_onboarding(
            tx, wish.onboarding, ring=tools.sealer.ring, merchant=merchant
        )
        if wish.kind not in tools.registries:
            raise Refused("registry_unknown", field="kind", known=sorted(tools.registries))
        if wish.kind in CONSENTED:
            await require_consent(tx, found.id, CONSENTED[wish.kind])
        check_document_until(wish.particulars.document_until or found.document_until, now=now)
        asked = await operations.ask(
            tx, about=found.id, kind=wish.kind, particulars=_complete(wish, found),
            sealer=tools.sealer, now=now,
        )  # fmt: skip
        record = Record(now, tools.entropy)
        record.leaf("verification", asked.id, _leaf(asked))
        await record.write(tx)
        return Answer(201, msgspec.json.encode(asked.id))

    answer, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:
        await unbroken(act(tools, msgspec.json.decode(answer.body), clock))
    return await stand(tools, wish.onboarding, merchant)


async def act(tools: Tools, verification: str, clock: Clock) -> None:
    """Ask the channel of a committed question, and book what it says."""
    async with tools.database.transaction(readonly=True) as tx:
        asked = await queries.get_verification(tx, verification)
        ring = tools.sealer.ring
        found = await queries.get_onboarding(tx, asked.about, ring=ring, merchant=None)
        particulars = await queries.particulars_of(tx, verification, ring=ring)
        consents = in_force(await list_consents(tx, found.id))
    if asked.kind in CONSENTED and CONSENTED[asked.kind] not in consents:
        reply = Reply(State.UNKNOWN, "consent_withdrawn")
    else:
        facts = _facts(asked.kind, found.person, particulars)
        reply = await inquire(tools, asked.kind, asked.id, facts)

    async def book(tx: Tx) -> None:
        await _book(tx, tools, asked, reply, particulars, now=clock.now())

    await tools.database.run(book)


async def _book(
    tx: Tx, tools: Tools, asked: Verification, reply: Reply, particulars: Particulars, *,
    now: datetime,
) -> None:  # fmt: skip
    before = await queries.get_onboarding(
        tx, asked.about, ring=tools.sealer.ring, merchant=None, lock=True
    )
    answered = await operations.answer(tx, verification=asked, reply=reply, now=now)
    if answered is None:
        return
    record = Record(now, tools.entropy)
    record.leaf("verification", asked.id, _leaf(answered))
    if reply.state is not State.UNKNOWN:
        channels = independent(await queries.list_verifications(tx, before.id))
        until = before.document_until
        if reply.state is State.CONFIRMED and particulars.document_until is not None:
            until = particulars.document_until
        after = await _open(tx, tools, replace(before, document_until=until), channels, now=now)
        await operations.move(tx, before=before, after=after)
        record.leaf(
            "onboarding", after.id,
            {"state": after.state, "customer": after.customer, "channels": channels,
             "account_class": class_of(channels), "article": "公告〔2015〕43号 11"},
        )  # fmt: skip
    await record.write(tx)


async def _open(
    tx: Tx, tools: Tools, before: Onboarding, channels: int, *, now: datetime
) -> Onboarding:
    """The onboarding under the class that `channels` earn, and its customer likewise."""
    account_class = class_of(channels)
    after = replace(before, state=state_after(before.state, account_class))
    if before.customer is None:
        if account_class is None:
            return after
        order = NewCustomer(before.person, account_class, before.opened_by)
        customer = await parties.open_customer(tx, order=order, sealer=tools.sealer, now=now)
        accounts = [balance_account(customer.id, c) for c in sorted(tools.policy.currencies)]
        await ledger.open_accounts(tx, accounts=accounts, now=now)
        return replace(after, customer=customer.id)
    if account_class is not None:
        await parties.set_account_class(
            tx, customer_id=before.customer, account_class=account_class
        )
    if after.state is not before.state:
        if after.state is OnboardingState.OPENED:
            await operations.restore_customer(tx, onboarding=after)
        else:
            await operations.suspend_customer(tx, onboarding=after)
    return after


def _complete(wish: Wish, found: Onboarding) -> Particulars:
    """The registry is always asked about the document's last day."""
    given = wish.particulars
    if wish.kind is not Kind.CITIZEN_REGISTRY or given.document_until is not None:
        return given
    return replace(given, document_until=found.document_until)


def _facts(kind: Kind | FirmKind, person: Person, particulars: Particulars) -> dict[str, str]:
    """No more than the channel needs (个保法 art. 6)."""
    facts = {"name": person.name, "document_number": person.document.number}
    if kind in (Kind.BANK_CARD, Kind.MOBILE_OPERATOR):
        facts["phone"] = person.phone
    if particulars.card is not None:
        facts["card"] = particulars.card
    if particulars.capture is not None:
        facts["capture"] = particulars.capture
    if particulars.document_until is not None:
        facts["document_until"] = particulars.document_until.isoformat()
    return facts


def _leaf(verification: Verification) -> dict[str, object]:
    reply = verification.reply
    return {
        "onboarding": verification.about, "kind": verification.kind, "state": reply.state,
        "attempts": verification.attempts, "reason": reply.reason, "source": reply.source,
        "bank_grade": reply.bank_grade, "counts": verification.counts,
    }  # fmt: skip
