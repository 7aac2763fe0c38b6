"""Advance: every channel, up to the last day whose bill it has made. A day's bill that is not made
yet is asked for again at the next turn, and the days after it wait."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from anfu.channels.bills.bill import BillKind, NoBill
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.periods import SHANGHAI, civil_date
from anfu.settlement.reconciliation.fetch import Desk, fetch, nothing
from anfu.settlement.reconciliation.item import AUTO
from anfu.settlement.reconciliation.queries import matched_days
from anfu.settlement.reconciliation.reconcile import Taken, reconcile
from anfu.settlement.reconciliation.terms import Terms, terms_of
from anfu.settlement.reconciliation.treat import treat

log = logging.getLogger(__name__)

# A channel that was down for longer is caught up with by hand: networks keep bills for months.
_MOST_DAYS = 31


async def advance(desk: Desk, clock: Clock) -> int:
    """How many bills were taken. A channel that fails keeps no other from its turn."""
    taken = 0
    for channel in sorted(desk.bills):
        try:
            for day in await due_days(desk, channel, now=clock.now()):
                took = await advance_day(desk, clock, channel, day)
                taken += len(took)
                if not await is_done(desk, channel, day):
                    break
        except (OutsideFailure, Refused) as failure:
            log.warning("bills of %s: %s", channel, failure)
        await treat(desk.tools, clock, channel)
    return taken


async def due_days(desk: Desk, channel: str, *, now: datetime) -> list[date]:
    """The days whose bills are due and not all there, in order: from the first one agreed, or else
    from the last one there is, or else yesterday."""
    terms, last = terms_of(desk.terms, channel), last_due(terms_of(desk.terms, channel), now=now)
    async with desk.tools.database.transaction(readonly=True) as tx:
        trades = await matched_days(tx, channel, BillKind.TRADE)
        funds = set(await matched_days(tx, channel, BillKind.FUND))
    done = {day for day in trades if day in funds or not terms.fund_bill}
    first = max(terms.since or (trades[0] if trades else last), last - timedelta(days=_MOST_DAYS))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in done]


def last_due(terms: Terms, *, now: datetime) -> date:
    """The last day whose bill is made by now."""
    today = civil_date(now)
    made = now.astimezone(SHANGHAI).hour >= terms.cut_off
    return today - timedelta(days=1 if made else 2)


async def advance_day(desk: Desk, clock: Clock, channel: str, day: date) -> list[Taken]:
    """Fetch and reconcile what is missing of a day, the trade bill first; what was taken."""
    kinds = [BillKind.TRADE]
    if terms_of(desk.terms, channel).fund_bill:
        kinds.append(BillKind.FUND)
    taken = []
    for kind in kinds:
        if await _has(desk, channel, kind, day):
            continue
        file = await fetch(desk, channel, kind, day)
        if file is NoBill.LATER:
            break
        if isinstance(file, NoBill):
            file = nothing(channel, kind, day)
        taken.append(await reconcile(desk, file, by=AUTO, now=clock.now()))
    return taken


async def is_done(desk: Desk, channel: str, day: date) -> bool:
    """Whether the trade bill of a day is there."""
    return await _has(desk, channel, BillKind.TRADE, day)


async def _has(desk: Desk, channel: str, kind: BillKind, day: date) -> bool:
    async with desk.tools.database.transaction(readonly=True) as tx:
        return day in await matched_days(tx, channel, kind)
