"""Claim: one person takes a case, and what it holds waits for that person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.payments import operations
from anfu.payments.case_document import case_document
from anfu.payments.document import encode
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.cases import operations as cases
from anfu.risk.cases.case import Case, State
from anfu.risk.cases.queries import get_policy, list_items
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Taking:
    """`by` takes `case`."""

    claim: Claim
    case: str
    by: str


async def claim(tools: Tools, wish: Taking, *, now: datetime) -> Answer:
    """The case as it stands afterwards. Whoever was assigned a case claims it to say that the
    person is there.

    Raises Refused: case_not_found, case_closed, case_claimed, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        before = await cases.lock_case(tx, case=wish.case)
        _check(before, wish.by)
        after = replace(
            before, state=State.CLAIMED, holder=wish.by, next_at=None,
            responded_at=before.responded_at or now,
        )  # fmt: skip
        await cases.save(tx, before=before, after=after)
        await hold_longer(tx, after)
        record = Record(now, tools.entropy)
        record.case(after, "CLAIMED", wish.by)
        await record.write(tx)
        return Answer(200, encode(case_document(after, now=now)))

    return await idempotency.once(tools.database, wish.claim, work, now=now)


async def hold_longer(tx: Tx, case: Case) -> None:
    """Somebody works on the locked case: its payments wait as long as policy lets them."""
    policy = await get_policy(tx)
    held = [item for item in await list_items(tx, case.id) if item.held]
    until = {item.event: policy.held_most(item.at) for item in held}
    await operations.extend_waits(tx, until=until)


def _check(case: Case, by: str) -> None:
    if case.state is State.CLOSED:
        raise Refused("case_closed", field="case")
    if case.holder == by and case.responded_at is None:
        return
    if case.state is not State.OPEN:
        raise Refused("case_claimed", field="case", holder=case.holder)
