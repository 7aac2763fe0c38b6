"""Suspend: a merchant stops being paid, by hand, until another person lifts it or closes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec

from anfu.compliance.diligence.apply import check_state, note, stand
from anfu.compliance.diligence.standing import Act, Standing, Wish
from anfu.kernel.errors import Refused
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import (
    OPEN,
    Application,
    State,
    Suspension,
    state_after,
)
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


async def suspend(tools: Tools, wish: Wish, claim: Claim, *, now: datetime) -> Standing:
    """By hand, at once, by one person. Raises Refused: application_not_found, application_state,
    merchant_suspended by hand already."""

    def change(found: Application) -> Application:
        check_state(found, *sorted(OPEN))
        if found.suspension is not None:
            raise Refused("merchant_suspended", field="application")
        return replace(
            found, state=State.SUSPENDED, suspension=Suspension(wish.by, now, wish.reason)
        )

    return await _change(tools, wish, claim, ("suspend", change), now=now)


async def resume(tools: Tools, wish: Wish, claim: Claim, *, now: datetime) -> Standing:
    """Lifts what was suspended by hand, and nothing else: who is overdue stays so.

    Raises Refused: application_not_found, application_state, merchant_not_suspended (by hand),
    second_person_needed by whoever suspended it.
    """

    def change(found: Application) -> Application:
        check_state(found, State.SUSPENDED)
        if found.suspension is None:
            raise Refused("merchant_not_suspended", field="application")
        check_two_people(found.suspension.by, wish.by, field="application")
        return replace(found, state=state_after(None, found.unverified_since), suspension=None)

    return await _change(tools, wish, claim, ("resume", change), now=now)


async def close(tools: Tools, wish: Wish, claim: Claim, *, now: datetime) -> Standing:
    """The end: of an application nobody has decided, or of a suspended merchant, by another person
    than suspended it. Raises Refused: application_not_found, application_state,
    second_person_needed."""

    def change(found: Application) -> Application:
        check_state(found, State.DRAFT, State.SUBMITTED, State.CHECKED, State.SUSPENDED)
        if found.suspension is not None:
            check_two_people(found.suspension.by, wish.by, field="application")
        return replace(found, state=State.CLOSED)

    return await _change(tools, wish, claim, ("close", change), now=now)


async def _change(
    tools: Tools, wish: Wish, claim: Claim,
    act: tuple[str, Callable[[Application], Application]], *, now: datetime,
) -> Standing:  # fmt: skip
    name, change = act

    async def work(tx: Tx) -> Answer:
        ring = tools.sealer.ring
        found = await queries.get_application(tx, wish.application, ring=ring, lock=True)
        after = change(found)
        await operations.move(tx, before=found, after=after, now=now)
        await note(tx, tools, after, Act(name, wish.by, reason=wish.reason), now=now)
        return Answer(200, msgspec.json.encode(found.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, wish.application)
