"""Decide: what becomes of a difference by hand: one person proposes with a reason, another agrees.

What is approved is checked against where the item stands then: a day may lie between the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.queries import find_parties
from anfu.payments.document import encode
from anfu.payments.fund import balance_key, channel_key
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.settlement.reconciliation.document import (
    item_leaf,
    treatment_document,
    treatment_leaf,
)
from anfu.settlement.reconciliation.item import Item, State, positions
from anfu.settlement.reconciliation.operations import items
from anfu.settlement.reconciliation.operations.entries import post
from anfu.settlement.reconciliation.queries import get_item, list_treatments
from anfu.settlement.reconciliation.suspense import (
    CHANNEL,
    RESULT,
    clearing,
    posting,
    result_key,
)
from anfu.settlement.reconciliation.treat import ENTRY, ask, is_matched, with_our_states
from anfu.settlement.reconciliation.treatment import PREFIX, Act, Treatment, check_treatable
from anfu.settlement.reconciliation.treatment import State as Decided
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """`by` proposes an act about an item."""

    claim: Claim
    item: str
    act: Act
    target: str | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by` approves or declines a treatment of an item."""

    claim: Claim
    item: str
    treatment: str
    approved: bool
    by: str


async def propose(tools: Tools, wish: Wish, *, now: datetime) -> Answer:
    """The treatment that waits for a second person. Raises Refused: item_not_found, item_state,
    item_without_money, target_invalid, party_not_found, treatment_open, and as idempotency."""

    async def work(tx: Tx) -> Answer:
        item = await items.lock_item(tx, item=wish.item)
        check_treatable(item, wish.act)
        await _check_target(tx, wish)
        made = Treatment(
            new_id(PREFIX, now=now, entropy=tools.entropy), item.id, wish.act, wish.target,
            wish.reason, wish.by, now,
        )  # fmt: skip
        await items.insert_treatment(tx, treatment=made)
        return await _told(tx, Record(now, tools.entropy), made, 201)

    return await idempotency.once(tools.database, wish.claim, work, now=now)


async def decide(tools: Tools, clock: Clock, verdict: Verdict) -> Answer:
    """The treatment as it was decided; approved, it is carried out in the same transaction. Of a
    QUERY the channel is asked before, with nothing held.

    Raises Refused: item_not_found, treatment_not_found, treatment_decided, second_person_needed,
    item_state, item_without_money, insufficient_funds, account_not_found, account_closed, and as
    idempotency.
    """
    await _ask_first(tools, clock, verdict)
    now = clock.now()

    async def work(tx: Tx) -> Answer:
        item = await items.lock_item(tx, item=verdict.item)
        found = await items.lock_treatment(tx, treatment=verdict.treatment)
        _check_decidable(found, verdict)
        state = Decided.APPROVED if verdict.approved else Decided.DECLINED
        decided = replace(found, state=state, decided_by=verdict.by, decided_at=now)
        await items.decide_treatment(tx, treatment=decided)
        record = Record(now, tools.entropy)
        if verdict.approved:
            check_treatable(item, found.act)
            done = await _carry_out(tx, tools, item, decided, record)
            record.leaf("reconciliation_item", item.id, item_leaf(done, treatment=found.id))
        return await _told(tx, record, decided, 200)

    return await idempotency.once(tools.database, verdict.claim, work, now=now)


async def _ask_first(tools: Tools, clock: Clock, verdict: Verdict) -> None:
    async with tools.database.transaction(readonly=True) as tx:
        known = await idempotency.find(tx, [verdict.claim])
        item = await get_item(tx, verdict.item)
        made = {t.id: t for t in await list_treatments(tx, item.id)}.get(verdict.treatment)
    asked = verdict.approved and made is not None and made.act is Act.QUERY and not known
    if asked and made is not None and item.our_amount is not None:
        _check_decidable(made, verdict)
        check_treatable(item, Act.QUERY)
        if item.channel in tools.channels:
            await ask(tools, clock, item)


def _check_decidable(found: Treatment, verdict: Verdict) -> None:
    if found.item != verdict.item:
        raise Refused("treatment_not_found", field="treatment")
    if found.state is not Decided.PROPOSED:
        raise Refused("treatment_decided", field="treatment", state=found.state)
    check_two_people(found.proposed_by, verdict.by, field="treatment")


async def _carry_out(
    tx: Tx, tools: Tools, item: Item, treatment: Treatment, record: Record
) -> Item:
    now = record.now
    after = replace(item, by=treatment.proposed_by, tasked=False)
    if treatment.act is Act.VOID:
        after = replace(after, state=State.VOID)
    elif treatment.act is Act.QUERY:
        [now_is] = await with_our_states(tx, [item])
        matched = State.MATCHED if is_matched(now_is) else item.state
        after = replace(after, state=matched, our_state=now_is.our_state)
        after = replace(after, tasked=matched is item.state and item.tasked)
    else:
        found = positions(item)
        ids = tuple(new_id(ENTRY, now=now, entropy=tools.entropy) for _ in found)
        if treatment.act is Act.POST:
            state, orders = State.POSTED, posting(item.channel, found, ids)
        else:
            against = {c: account_of(item, treatment.target, c) for c in found}
            state, orders = State.CLEARED, clearing(item.channel, found, ids, against=against)
        await post(tx, orders=orders, record=record)
        tasked = state is State.POSTED
        after = replace(after, state=state, tasked=tasked, entries=(*item.entries, *ids))
    await items.advance(tx, moves=[(item, after)], now=now)
    return after


def account_of(item: Item, target: str | None, currency: str) -> str:
    """The account that clears an item."""
    assert target is not None
    if target == CHANNEL:
        return channel_key(item.channel, currency)
    return result_key(currency) if target == RESULT else balance_key(target, currency)


async def _check_target(tx: Tx, wish: Wish) -> None:
    """CLEAR names an account, nothing else does."""
    if (wish.act is Act.CLEAR) != (wish.target is not None):
        raise Refused("target_invalid", field="target", allowed=[CHANNEL, RESULT, "cus_…", "mer_…"])
    if wish.target in (None, CHANNEL, RESULT):
        return
    if wish.target not in await find_parties(tx, [str(wish.target)]):
        raise Refused("party_not_found", field="target")


async def _told(tx: Tx, record: Record, treatment: Treatment, status: int) -> Answer:
    record.leaf("treatment", treatment.id, treatment_leaf(treatment))
    await record.write(tx)
    return Answer(status, encode(treatment_document(treatment)))
