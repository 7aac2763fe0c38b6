"""Renew: a merchant is looked at again by its day, or is suspended from the day after.

At least once a year, by a visit where there is a place to visit: 银发〔2019〕85号 四(十六).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec

from anfu.compliance.diligence.apply import check_state, note, stand
from anfu.compliance.diligence.inquire import inquire, put_questions
from anfu.compliance.diligence.standing import INSPECTION, Act, Standing, leaf_of
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import OPEN, Application, State, check_submission
from anfu.parties.applications.scene import ONLINE
from anfu.parties.applications.trade import check_trade
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

# A visit tells of today only while it is fresh. The institution's own choice.
VISIT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """Look at a merchant again: `visited_on` the day somebody was there, `document_until` the last
    day of the representative's document where it was renewed, `reason` what was found."""

    application: str
    by: str
    reason: str
    visited_on: date | None
    document_until: date | None


async def renew(tools: Tools, wish: Wish, claim: Claim, clock: Clock) -> Standing:
    """Everything is checked as when it was submitted, and the registries are asked again; once they
    confirm, the merchant is good until its next day, and is no longer suspended for this.

    Raises Refused: application_not_found, application_state, visit_missing, visit_invalid,
    mcc_unknown, trade_prohibited, document_invalid, document_expired, settlement_not_own,
    registry_unknown, inquiry_open.
    """
    now = clock.now()

    async def work(tx: Tx) -> Answer:
        ring = tools.sealer.ring
        found = await queries.get_application(tx, wish.application, ring=ring, lock=True)
        check_state(found, *sorted(OPEN))
        _check_visit(found, wish, now)
        after = replace(
            found, document_until=wish.document_until or found.document_until,
            visited_on=wish.visited_on or found.visited_on,
        )  # fmt: skip
        check_trade(after.mcc)
        check_submission(after, now=now)
        await operations.move(tx, before=found, after=after, now=now)
        record = Record(now, tools.entropy)
        leaf = leaf_of(after, Act("renew", wish.by, INSPECTION, wish.reason))
        record.leaf("application", after.id, leaf)
        asked = await put_questions(tx, tools, after, record)
        await record.write(tx)
        return Answer(200, msgspec.json.encode(asked))

    answer, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:
        await inquire(tools, msgspec.json.decode(answer.body), clock)
    return await stand(tools, wish.application)


def _check_visit(found: Application, wish: Wish, now: datetime) -> None:
    today = civil_date(now)
    if wish.visited_on is None:
        if found.scenes - ONLINE:
            raise Refused("visit_missing", field="visited_on")
    elif not today - timedelta(days=VISIT_DAYS) <= wish.visited_on <= today:
        raise Refused("visit_invalid", field="visited_on", most_days=VISIT_DAYS)


async def fall_due(tools: Tools, *, now: datetime, most: int) -> int:
    """Suspend the merchants whose day has passed; how many. A question that is on its way keeps
    nobody from it: until it is answered nobody has looked again."""
    today = civil_date(now)
    async with tools.database.transaction(readonly=True) as tx:
        overdue = await queries.list_overdue(tx, today=today, most=most)
    count = 0
    for id_ in overdue:

        async def work(tx: Tx, id_: str = id_) -> bool:
            found = await queries.get_application(tx, id_, ring=tools.sealer.ring, lock=True)
            late = found.due_on is not None and found.due_on < today
            if found.state not in OPEN or found.unverified_since is not None or not late:
                return False
            after = replace(found, state=State.SUSPENDED, unverified_since=now)
            await operations.move(tx, before=found, after=after, now=now)
            await note(tx, tools, after, Act("lapse", None, INSPECTION), now=now)
            return True

        count += await tools.database.run(work)
    return count
