"""Apply: a draft of an application, and the merchant it would make, which nobody can pay yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from anfu.compliance.diligence.standing import Act, Standing, leaf_of
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import PREFIX, Application, Particulars, State
from anfu.parties.applications.scene import Scene
from anfu.parties.party import MERCHANT_PREFIX
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in an application; `by` is the person who wrote it."""

    name: str
    legal_name: str
    credit_code: str
    mcc: str
    scenes: frozenset[Scene]
    particulars: Particulars
    document_until: date
    by: str


async def apply(tools: Tools, words: Words, claim: Claim, *, now: datetime) -> Standing:
    """A new draft."""

    async def work(tx: Tx) -> Answer:
        made = Application(
            new_id(PREFIX, now=now, entropy=tools.entropy),
            new_id(MERCHANT_PREFIX, now=now, entropy=tools.entropy),
            State.DRAFT, words.name, words.legal_name, words.credit_code, words.mcc,
            words.scenes, words.particulars, words.document_until, words.by, now,
        )  # fmt: skip
        await operations.create(tx, application=made, sealer=tools.sealer)
        await note(tx, tools, made, Act("apply", words.by), now=now)
        return Answer(201, msgspec.json.encode(made.id))

    answer = await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, msgspec.json.decode(answer.body))


async def amend(
    tools: Tools, application: str, words: Words, claim: Claim, *, now: datetime
) -> Standing:
    """Other words in a draft. Raises Refused `application_not_found`, `application_state`."""

    async def work(tx: Tx) -> Answer:
        found = await queries.get_application(tx, application, ring=tools.sealer.ring, lock=True)
        check_state(found, State.DRAFT)
        written = replace(
            found, name=words.name, legal_name=words.legal_name, mcc=words.mcc,
            credit_code=words.credit_code, scenes=words.scenes, particulars=words.particulars,
            document_until=words.document_until, written_by=words.by,
        )  # fmt: skip
        await operations.rewrite(tx, application=written, sealer=tools.sealer)
        await note(tx, tools, written, Act("amend", words.by), now=now)
        return Answer(200, msgspec.json.encode(found.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, application)


async def stand(tools: Tools, application: str) -> Standing:
    """How an application stands. Raises Refused `application_not_found`."""
    async with tools.database.transaction(readonly=True) as tx:
        found = await queries.get_application(tx, application, ring=tools.sealer.ring)
        return Standing(found, await queries.list_inquiries(tx, application))


async def note(tx: Tx, tools: Tools, application: Application, act: Act, *, now: datetime) -> None:
    """Leave in the evidence what was done; the last statement of its transaction."""
    record = Record(now, tools.entropy)
    record.leaf("application", application.id, leaf_of(application, act))
    await record.write(tx)


def check_state(application: Application, *states: State) -> None:
    """Raises Refused `application_state` when it stands in none of `states`."""
    if application.state not in states:
        allowed = [state.value for state in states]
        raise Refused("application_state", field="application", state=application.state.value,
                      allowed=allowed)  # fmt: skip
