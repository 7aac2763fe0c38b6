"""Reveal: show one field of a customer in clear to somebody who says why.

The look is recorded before the value leaves, in the table and in the evidence, both without the
value (个人信息保护法 art. 51; 令〔2020〕5号 art. 34).
"""

from __future__ import annotations

from datetime import datetime

from anfu.compliance.privacy.patterns import find
from anfu.kernel.errors import Refused
from anfu.parties.caller import Caller
from anfu.parties.person import Person
from anfu.parties.privacy import operations
from anfu.parties.privacy.reveal import Field, Reveal
from anfu.parties.queries import get_acting
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


async def reveal(
    tools: Tools, customer: str, said: tuple[Field, str], by: Caller, *, now: datetime
) -> tuple[Reveal, Person]:
    """The record of the look, and whom it shows: of a firm who acts for it. Raises Refused as
    `look`."""

    async def work(tx: Tx) -> tuple[Reveal, Person]:
        record = Record(now, tools.entropy)
        shown = await look(tx, tools, customer, said, by, record)
        await record.write(tx)
        return shown

    return await tools.database.run(work)


async def look(
    tx: Tx, tools: Tools, customer: str, said: tuple[Field, str], by: Caller, record: Record
) -> tuple[Reveal, Person]:
    """As `reveal`, within a transaction. Raises Refused: customer_not_found, reason_invalid (among
    them a reason that holds personal data itself)."""
    found = await get_acting(tx, customer, ring=tools.sealer.ring, merchant=by.merchant_id)
    if any(find(said[1])):
        raise Refused("reason_invalid", field="reason", longest=200)
    made = await operations.record_reveal(
        tx, customer=customer, said=said, by=by.person, entropy=tools.entropy, now=record.now
    )
    told = {"field": made.field, "reason": made.reason, "by": by.person, "reveal": made.id}
    record.leaf("reveal", customer, told)
    return made, found
