"""Revoke: a mandate is ended, at once, or declined before it began."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from anfu.authentication import operations as authentication
from anfu.authentication.queries import find_open_challenge
from anfu.kernel.errors import Refused
from anfu.parties.mandates.mandate import Mandate, State
from anfu.parties.mandates.operations import save_mandate
from anfu.parties.mandates.queries import find_mandates, get_mandate, list_mandates
from anfu.payments.mandate_document import note_mandate
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_OPEN = frozenset({State.PENDING, State.ACTIVE})


async def revoke(
    tools: Tools, mandate: str, merchant: str | None, claim: Claim, by: str, *, now: datetime
) -> Answer:
    """The mandate, which carries no payment from now on.

    Raises Refused: mandate_not_found, mandate_ended, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, mandate, merchant=merchant, lock=True)
        if found.state not in _OPEN:
            raise Refused("mandate_ended", field="mandate", state=found.state)
        return await _revoked(tx, tools, found, by, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def decline(tools: Tools, mandate: str, claim: Claim, *, now: datetime) -> Answer:
    """The mandate that its customer does not agree to: REVOKED before it carried anything.

    Raises Refused: mandate_not_found, mandate_not_pending, and as idempotency does.
    """

    async def work(tx: Tx) -> Answer:
        found = await get_mandate(tx, mandate, merchant=None, lock=True)
        if found.state is not State.PENDING:
            raise Refused("mandate_not_pending", field="mandate", state=found.state)
        return await _revoked(tx, tools, found, found.terms.customer, now)

    return await idempotency.once(tools.database, claim, work, now=now)


async def revoke_all(tx: Tx, tools: Tools, customer: str, by: str, *, now: datetime) -> None:
    """Every mandate of a customer that could still carry a payment, as `revoke`."""
    held = await list_mandates(tx, customer=customer, merchant=None)
    locked = await find_mandates(tx, [mandate.id for mandate in held], lock=True)
    for mandate in locked.values():
        if mandate.state in _OPEN:
            await _revoked(tx, tools, mandate, by, now)


async def _revoked(tx: Tx, tools: Tools, locked: Mandate, by: str, now: datetime) -> Answer:
    waiting = await find_open_challenge(tx, locked.id)
    if waiting is not None:
        await authentication.cancel(tx, ids=[waiting.id], now=now)
    after = replace(locked, state=State.REVOKED, ended_at=now, ended_by=by)
    await save_mandate(tx, before=locked, after=after)
    record = Record(now, tools.entropy)
    answer = note_mandate(record, after, 200, by=by)
    await record.write(tx)
    return answer
