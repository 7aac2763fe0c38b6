"""Treat: what the policy does about differences by itself, once each.

1. What the channel says it has done while our payment is still open is asked about, and what it
   answers is booked as every answer is (补单); then line and payment have matched. So is what it
   has done of a payment that was given up: that goes back to its payer (`payments.strays`). What
   it cannot tell yet is asked about again with the next bills, for two days.
2. What is short one bill later is asked about as well; the answer is kept for whoever works on it.
3. Whatever differs in money is posted to suspense (挂账), and a person must look at it.

A process killed in between leaves items that the next turn takes: nothing is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from anfu.channels.port import ChannelAnswer
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome
from anfu.kernel.ids import new_id
from anfu.kernel.periods import civil_date
from anfu.payments.attempts.attempt import read_number
from anfu.payments.book import Booking, book
from anfu.payments.booked.queries import find_states
from anfu.payments.finish import finish
from anfu.payments.queries import find_payments, find_refunds
from anfu.payments.record import Record
from anfu.payments.refund import book_refund
from anfu.payments.send import order_of, resolve, resolve_refund
from anfu.payments.tools import Tools
from anfu.settlement.reconciliation.document import item_leaf
from anfu.settlement.reconciliation.item import AUTO, Item, Leg, State, positions
from anfu.settlement.reconciliation.operations import items
from anfu.settlement.reconciliation.operations.entries import post
from anfu.settlement.reconciliation.suspense import posting
from anfu.storage.transaction import Tx

ENTRY = "rce"
MOST = 500
_AT_ONCE = 20
_ASKED = timedelta(days=2)


async def treat(tools: Tools, clock: Clock, channel: str) -> int:
    """Treat every difference of a channel that nobody has treated; how many."""
    done = 0
    while True:
        async with tools.database.transaction(readonly=True) as tx:
            found = await items.take_untreated(tx, channel=channel, most=MOST)
        if not found:
            return done
        said = await _ask_all(tools, clock, found)
        done += len(found)
        await _settle(tools, found, said, now=clock.now())


async def _settle(
    tools: Tools, found: Sequence[Item], said: Mapping[str, str], *, now: datetime
) -> None:
    async def work(tx: Tx) -> None:
        locked = await items.lock_items(tx, ids=[item.id for item in found])
        before = [item for item in locked if not item.tasked]
        record = Record(now, tools.entropy)
        after = await settled(tx, before, said=said, record=record)
        for item in after:
            record.leaf("reconciliation_item", item.id, item_leaf(item, said=said.get(item.id)))
        await record.write(tx)

    await tools.database.run(work)


async def settled(
    tx: Tx, before: Sequence[Item], *, said: Mapping[str, str], record: Record
) -> list[Item]:
    """The items as the policy leaves them: matched, posted, or for a person as they are; written,
    with their entries. `said`: what the channel said of an item it was asked about."""
    after, orders = [], []
    for item in await with_our_states(tx, before):
        if is_matched(item):
            after.append(replace(item, state=State.MATCHED, by=AUTO))
            continue
        found = positions(item)
        if not found or may_yet_end(item) or _is_asked_again(item, said, record.now):
            after.append(replace(item, tasked=True))
            continue
        ids = tuple(new_id(ENTRY, now=record.now, entropy=record.entropy) for _ in found)
        orders += posting(item.channel, found, ids)
        state, entries = State.POSTED, (*item.entries, *ids)
        after.append(replace(item, state=state, by=AUTO, tasked=True, entries=entries))
    await post(tx, orders=orders, record=record)
    await items.advance(tx, moves=list(zip(before, after, strict=True)), now=record.now)
    return after


def given_up(item: Item) -> bool:
    """Whether the channel has done what we gave up."""
    return item.state is State.LONG and item.our_state == "NOT_DONE"


async def with_our_states(tx: Tx, found: Sequence[Item]) -> list[Item]:
    """The same items, with where our payments stand now."""
    ours = [item for item in found if item.leg is Leg.TRADE and item.our_amount is not None]
    states: dict[tuple[str, str], str] = {}
    for channel in {item.channel for item in ours}:
        keys = [(i.number, i.refund) for i in ours if i.channel == channel]
        states |= await find_states(tx, channel, keys)
    known = {item.id for item in ours}
    return [
        replace(item, our_state=states.get((item.number, item.refund), item.our_state))
        if item.id in known
        else item
        for item in found
    ]


def is_matched(item: Item) -> bool:
    """Whether a long item is one no more: our payment has been booked, and as the line says."""
    line = (item.line_amount, item.line_currency)
    ours = (item.our_amount, item.our_currency)
    return item.state is State.LONG and item.our_state == "DONE" and line == ours


def may_yet_end(item: Item) -> bool:
    """Whether our payment is still open: posting it would book the money twice once it ends."""
    return item.state is State.LONG and item.our_state == "OPEN"


def _is_asked_again(item: Item, said: Mapping[str, str], now: datetime) -> bool:
    """Whether the channel could not tell yet what became of a payment that was given up."""
    is_unclear = said.get(item.id, "").startswith(Outcome.UNKNOWN)
    return given_up(item) and is_unclear and civil_date(now) - item.day <= _ASKED


async def _ask_all(tools: Tools, clock: Clock, found: Sequence[Item]) -> dict[str, str]:
    """What the channel says of those it is asked about, by item."""
    asked = [item for item in found if _is_asked(tools, item)]
    said: dict[str, str] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        answers = await asyncio.gather(*(ask(tools, clock, item) for item in some))
        said |= dict(zip((item.id for item in some), answers, strict=True))
    return said


def _is_asked(tools: Tools, item: Item) -> bool:
    if item.leg is not Leg.TRADE or item.channel not in tools.channels:
        return False
    if may_yet_end(item) or item.our_state == "NOT_DONE":
        return True
    return item.state in (State.SHORT, State.STATUS_MISMATCH)


async def ask(tools: Tools, clock: Clock, item: Item) -> str:
    """What the channel says of our payment or refund. It is booked if that is still open, and also
    if it was given up: then the money goes back to the payer by itself."""
    if item.refund:
        answer = await _ask_refund(tools, clock, item)
    else:
        answer = await _ask_payment(tools, clock, item)
    return answer.outcome if answer.reason is None else f"{answer.outcome} {answer.reason}"


async def _ask_refund(tools: Tools, clock: Clock, item: Item) -> ChannelAnswer:
    async with tools.database.transaction(readonly=True) as tx:
        [refund] = await find_refunds(tx, [item.refund])
    answer = await resolve_refund(tools, refund)
    if item.our_state == "OPEN":
        await book_refund(tools, refund.id, answer, now=clock.now())
    return answer


async def _ask_payment(tools: Tools, clock: Clock, item: Item) -> ChannelAnswer:
    name, attempt = read_number(item.number)
    async with tools.database.transaction(readonly=True) as tx:
        [payment] = await find_payments(tx, [name])
    if item.our_state == "OPEN":
        booking = await resolve(tools, payment, now=clock.now())
        await finish(tools, clock, booking)
        return booking.answer
    asked = replace(payment, channel=item.channel, attempt=attempt)
    answer = await tools.channels[item.channel].query(order_of(asked, tools))
    if item.our_state == "NOT_DONE" and answer.outcome is Outcome.DONE:
        await book(tools, [Booking(item.number, answer)], now=clock.now())
    return answer
