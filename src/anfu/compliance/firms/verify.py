"""Verify: ask one outside channel about a firm or a person who acts for it.

Decide, act, book, as `compliance.onboard` does it for persons: what a channel says is booked with
the firm locked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from anfu.compliance.firms.apply import Standing, stand
from anfu.compliance.firms.settle import settle
from anfu.compliance.inquire import inquire, unbroken
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.parties.firms import queries
from anfu.parties.firms.firm import Dossier, Firm, Officer
from anfu.parties.identity import operations as identity
from anfu.parties.identity.onboarding import check_document_until
from anfu.parties.identity.queries import get_verification, particulars_of
from anfu.parties.identity.verification import (
    FirmKind,
    Particulars,
    Reply,
    State,
    Verification,
)
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """Ask `kind` about a firm."""

    firm: str
    kind: FirmKind
    particulars: Particulars


async def verify(
    tools: Tools, wish: Wish, merchant: str | None, claim: Claim, clock: Clock
) -> Standing:
    """Ask one channel, once for this claim. Raises Refused: firm_not_found, customer_stored,
    firm_has_no_agent, registry_unknown, document_expired, verification_open."""
    now = clock.now()

    async def work(tx: Tx) -> Answer:
        ring = tools.sealer.ring
        found = await queries.get_firm(tx, wish.firm, ring=ring, merchant=merchant)
        record = Record(now, tools.entropy)
        asked = await ask(tx, tools, found, wish, record)
        await record.write(tx)
        return Answer(201, msgspec.json.encode(asked.id))

    answer, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:
        await unbroken(act(tools, msgspec.json.decode(answer.body), clock))
    return await stand(tools, wish.firm, merchant)


async def ask(tx: Tx, tools: Tools, firm: Firm, wish: Wish, record: Record) -> Verification:
    """The question, committed with the caller's transaction. Raises Refused as `verify`."""
    if wish.kind is FirmKind.AGENT and firm.dossier.agent is None:
        raise Refused("firm_has_no_agent", field="kind")
    if registry_of(wish.kind) not in tools.registries:
        raise Refused("registry_unknown", field="kind", known=sorted(tools.registries))
    until = wish.particulars.document_until or _until(wish.kind, firm.dossier)
    if until is not None:
        check_document_until(until, now=record.now)
    asked = await identity.ask(
        tx, about=firm.id, kind=wish.kind, sealer=tools.sealer, now=record.now,
        particulars=replace(wish.particulars, document_until=until),
    )  # fmt: skip
    record.leaf("verification", asked.id, _leaf(asked))
    return asked


async def act(tools: Tools, verification: str, clock: Clock) -> None:
    """Ask the channel of a committed question, and book what it says."""
    ring = tools.sealer.ring
    async with tools.database.transaction(readonly=True) as tx:
        asked = await get_verification(tx, verification)
        found = await queries.get_firm(tx, asked.about, ring=ring, merchant=None)
        particulars = await particulars_of(tx, verification, ring=ring)
    kind = FirmKind(asked.kind)
    facts = facts_of(kind, found.dossier, particulars)
    reply = await inquire(tools, registry_of(kind), asked.id, facts)

    async def book(tx: Tx) -> None:
        await _book(tx, tools, asked, reply, particulars, now=clock.now())

    await tools.database.run(book)


def registry_of(kind: FirmKind) -> str:
    """Who is asked: about persons the registry of citizens."""
    of_person = kind in (FirmKind.REPRESENTATIVE, FirmKind.AGENT)
    return "CITIZEN_REGISTRY" if of_person else kind.value


def facts_of(kind: FirmKind, dossier: Dossier, particulars: Particulars) -> dict[str, str]:
    """No more than the channel needs (个保法 art. 6)."""
    officer = _officer(kind, dossier)
    if officer is None:
        facts = {"credit_code": dossier.credit_code, "name": dossier.name}
    else:
        person = officer.person
        facts = {"document_number": person.document.number, "name": person.name}
    if kind is FirmKind.FIRM_REGISTRY:
        facts["representative"] = dossier.representative.person.name
    if particulars.bank_account is not None:
        facts["bank_account"] = particulars.bank_account
    if particulars.document_until is not None:
        facts["licence_until" if officer is None else "document_until"] = (
            particulars.document_until.isoformat()
        )
    return facts


async def _book(
    tx: Tx, tools: Tools, asked: Verification, reply: Reply, particulars: Particulars, *,
    now: datetime,
) -> None:  # fmt: skip
    before = await queries.get_firm(
        tx, asked.about, ring=tools.sealer.ring, merchant=None, lock=True
    )
    answered = await identity.answer(tx, verification=asked, reply=reply, now=now)
    if answered is None:
        return
    record = Record(now, tools.entropy)
    record.leaf("verification", asked.id, _leaf(answered))
    if reply.state is not State.UNKNOWN:
        dossier, until = before.dossier, particulars.document_until
        if reply.state is State.CONFIRMED and until is not None:
            dossier = _renewed(FirmKind(asked.kind), dossier, until)
        await settle(tx, tools, before, dossier, record)
    await record.write(tx)


def _officer(kind: FirmKind, dossier: Dossier) -> Officer | None:
    officers = {FirmKind.REPRESENTATIVE: dossier.representative, FirmKind.AGENT: dossier.agent}
    return officers.get(kind)


def _until(kind: FirmKind, dossier: Dossier) -> date | None:
    if kind is FirmKind.FIRM_REGISTRY:
        return dossier.licence_until
    officer = _officer(kind, dossier)
    return None if officer is None else officer.document_until


def _renewed(kind: FirmKind, dossier: Dossier, until: date) -> Dossier:
    if kind is FirmKind.FIRM_REGISTRY:
        return replace(dossier, licence_until=until)
    if kind is FirmKind.REPRESENTATIVE:
        return replace(
            dossier, representative=replace(dossier.representative, document_until=until)
        )
    if dossier.agent is None:
        return dossier
    return replace(dossier, agent=replace(dossier.agent, document_until=until))


def _leaf(verification: Verification) -> dict[str, object]:
    reply = verification.reply
    return {
        "firm": verification.about, "kind": verification.kind, "state": reply.state,
        "attempts": verification.attempts, "reason": reply.reason, "source": reply.source,
        "firm_state": reply.firm_state, "counts": verification.counts,
    }  # fmt: skip
