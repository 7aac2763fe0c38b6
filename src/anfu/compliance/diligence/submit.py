"""Submit: an application is checked by rule, then the registries are asked about it."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from anfu.compliance.diligence.apply import check_state, stand
from anfu.compliance.diligence.inquire import inquire, put_questions
from anfu.compliance.diligence.standing import Act, Standing, leaf_of
from anfu.kernel.clock import Clock
from anfu.parties.applications import operations, queries
from anfu.parties.applications.application import State, check_submission
from anfu.parties.applications.trade import check_trade
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


async def submit(
    tools: Tools, application: str, by: str, claim: Claim, clock: Clock
) -> Standing:  # fmt: skip
    """The application as it stands once the registries were asked.

    1. Its trade is known and allowed (85号 四(十三)).
    2. The representative's document and the settlement account (`check_submission`).
    3. The firm has no other application on its way, and is no merchant yet.
    4. There is a line to every registry that must be asked.

    Raises Refused: application_not_found, application_state, mcc_unknown, trade_prohibited,
    document_invalid, document_expired, settlement_not_own, application_exists, registry_unknown.
    """
    now = clock.now()

    async def work(tx: Tx) -> Answer:
        found = await queries.get_application(tx, application, ring=tools.sealer.ring, lock=True)
        check_state(found, State.DRAFT)
        check_trade(found.mcc)  # 1
        check_submission(found, now=now)  # 2
        submitted = replace(found, state=State.SUBMITTED, submitted_by=by)
        await operations.move(tx, before=found, after=submitted, now=now)  # 3
        record = Record(now, tools.entropy)
        record.leaf("application", found.id, leaf_of(submitted, Act("submit", by)))
        asked = await put_questions(tx, tools, submitted, record)  # 4
        await record.write(tx)
        return Answer(200, msgspec.json.encode(asked))

    answer, fresh = await idempotency.once_fresh(tools.database, claim, work, now=now)
    if fresh:
        await inquire(tools, msgspec.json.decode(answer.body), clock)
    return await stand(tools, application)
