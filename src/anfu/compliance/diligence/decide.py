"""Decide: a second person approves an application, or refuses it (C5: maker and checker)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec

from anfu.compliance.diligence.apply import check_state, note, stand
from anfu.compliance.diligence.standing import Act, Standing, Wish
from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.periods import civil_date
from anfu.ledger import operations as ledger
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import Application, State
from anfu.parties.applications.rating import due_on
from anfu.parties.identity.onboarding import check_document_until
from anfu.payments.fund import balance_account
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


async def approve(
    tools: Tools, application: str, by: str, claim: Claim, *, now: datetime
) -> Standing:  # fmt: skip
    """The merchant takes part from now on, with an account its money will stand in. The document is
    looked at again: weeks may lie between the check and the approval.

    Raises Refused: application_not_found, application_state, second_person_needed,
    document_expired.
    """

    async def work(tx: Tx) -> Answer:
        found = await _second(tx, tools, application, by)
        check_document_until(found.document_until, now=now)
        if found.rating is None:
            raise BrokenInvariant(f"{found.id} was checked without a rating")
        due = due_on(found.rating, found.document_until, today=civil_date(now))
        after = replace(found, state=State.APPROVED, decided_by=by, decided_at=now, due_on=due)
        await operations.move(tx, before=found, after=after, now=now)
        accounts = [balance_account(found.merchant, c) for c in sorted(tools.policy.currencies)]
        await ledger.open_accounts(tx, accounts=accounts, now=now)
        await note(tx, tools, after, Act("approve", by), now=now)
        return Answer(200, msgspec.json.encode(found.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, application)


async def refuse(tools: Tools, wish: Wish, claim: Claim, *, now: datetime) -> Standing:
    """The end of an application.

    Raises Refused: application_not_found, application_state, second_person_needed.
    """

    async def work(tx: Tx) -> Answer:
        found = await _second(tx, tools, wish.application, wish.by)
        after = replace(
            found, state=State.REFUSED, decided_by=wish.by, decided_at=now, refusal="staff_refused"
        )
        await operations.move(tx, before=found, after=after, now=now)
        await note(tx, tools, after, Act("refuse", wish.by, reason=wish.reason), now=now)
        return Answer(200, msgspec.json.encode(found.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, wish.application)


async def _second(tx: Tx, tools: Tools, application: str, by: str) -> Application:
    """A checked application before somebody who neither wrote nor submitted it."""
    found = await queries.get_application(tx, application, ring=tools.sealer.ring, lock=True)
    check_state(found, State.CHECKED)
    for first in (found.written_by, found.submitted_by):
        check_two_people(first or "", by, field="application")
    return found
