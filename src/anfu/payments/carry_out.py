"""Carry out: what a person said of a case is done to each payment that waits for it.

One transaction a payment, and each ends it once: a payment that somebody or something else has
ended meanwhile is left as it is.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.finish import finish
from anfu.payments.operations import Open
from anfu.payments.payment import Payment, State
from anfu.payments.record import Record
from anfu.payments.refer import leave_case
from anfu.payments.release import check_release
from anfu.payments.review import end_wait
from anfu.payments.send import send
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import Item, Verdict
from anfu.risk.cases.queries import list_items, list_uncarried
from anfu.storage.transaction import Tx

log = logging.getLogger(__name__)

# How long the process that wrote a verdict may take to carry it out itself.
_PATIENCE = timedelta(seconds=30)
_ENDS = {Verdict.RELEASE: State.SUCCEEDED, Verdict.REJECT: State.REJECTED}


async def carry_out(tools: Tools, case: str, *, now: datetime) -> list[Payment]:
    """End every payment of the case that waits for a verdict it has; those released through a
    channel, now in SENDING, that `send` must go on with."""
    async with tools.database.transaction(readonly=True) as tx:
        items = [item for item in await list_items(tx, case) if item.held and item.verdict]
    sending = []
    for item in items:

        async def work(tx: Tx, item: Item = item) -> Payment | None:
            return await _end(tx, tools, item, now=now)

        try:
            payment = await tools.database.run(work)
        except Refused as refusal:  # it expires, unless this changes first
            log.warning("%s is not released: %s", item.event, refusal.code)
            continue
        if payment is not None and payment.state is State.SENDING:
            sending.append(payment)
    return sending


async def carry_out_late(tools: Tools, clock: Clock, *, most: int) -> int:
    """Carry out what a crash has left; how many cases were come back to."""
    before = clock.now() - _PATIENCE

    async def find(tx: Tx) -> list[str]:
        return await list_uncarried(tx, before=before, most=most)

    found = await tools.database.run(find)
    for case in found:
        for payment in await carry_out(tools, case, now=clock.now()):
            await finish(tools, clock, await send(tools, payment, now=clock.now()))
    return len(found)


async def _end(tx: Tx, tools: Tools, item: Item, *, now: datetime) -> Payment | None:
    case = await cases.lock_case(tx, case=item.case_id)
    payment = (await operations.lock_payments(tx, ids=[item.event]))[item.event]
    if payment.state is not State.IN_REVIEW or item.verdict is None:
        return None
    parties = await find_parties(tx, [payment.payer, payment.payee])
    if item.verdict is Verdict.RELEASE:
        await check_release(tx, [payment], field="payment", now=now)
    record = Record(now, tools.entropy, parties)
    after = await end_wait(tx, tools, payment, _ENDS[item.verdict], record)
    if after.state is State.SENDING:
        await operations.open_payments(tx, rows=[Open(after.id, now + tools.policy.sending)])
    record.payment(after, by=item.decided_by, case=case.id)
    await leave_case(tx, record, case, payment.id, fate=after.state)
    await record.write(tx)
    return after
