"""Agree: keep what a person says about a purpose, and let the evidence show when."""

from __future__ import annotations

from datetime import datetime

import msgspec

from anfu.parties.caller import Caller
from anfu.parties.identity.queries import get_onboarding
from anfu.parties.privacy import operations, queries
from anfu.parties.privacy.consent import Consent, Word
from anfu.parties.queries import get_acting
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_PAYERS = ("cus_", "frm_")


async def agree(
    tools: Tools, person: str, word: Word, by: Caller, claim: Claim, *, now: datetime
) -> Consent:
    """The record of one word, once for this claim. Raises Refused: customer_not_found or
    onboarding_not_found, and as `parties.privacy.consent.check_word`."""

    async def work(tx: Tx) -> Answer:
        await _check_person(tx, tools, person, by.merchant_id)
        made = await operations.record_consent(
            tx, person=person, word=word, by=by.person, entropy=tools.entropy, now=now
        )
        said = made.word
        record = Record(now, tools.entropy)
        record.leaf(
            "consent", person,
            {"consent": made.id, "purpose": said.purpose, "act": said.act, "by": by.person,
             "separate": said.separate, "text_version": said.text_version,
             "text_sha256": said.text_sha256},
        )  # fmt: skip
        await record.write(tx)
        return Answer(201, msgspec.json.encode(made.id))

    answer = await idempotency.once(tools.database, claim, work, now=now)
    id_ = msgspec.json.decode(answer.body)
    return next(c for c in await agreed(tools, person, by.merchant_id) if c.id == id_)


async def agreed(tools: Tools, person: str, merchant: str | None) -> list[Consent]:
    """Everything a person said, in its order. Raises Refused: customer_not_found or
    onboarding_not_found."""
    async with tools.database.transaction(readonly=True) as tx:
        await _check_person(tx, tools, person, merchant)
        return await queries.list_consents(tx, person)


async def _check_person(tx: Tx, tools: Tools, person: str, merchant: str | None) -> None:
    get = get_acting if person.startswith(_PAYERS) else get_onboarding
    await get(tx, person, ring=tools.sealer.ring, merchant=merchant)
