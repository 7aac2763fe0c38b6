"""Own: a firm declares who owns it; a second person of the institution looks and confirms.

No registry and no program decides who a beneficial owner is (令〔2025〕12号 art. 4).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from anfu.compliance.firms.apply import Standing, stand
from anfu.compliance.firms.settle import settle
from anfu.parties.caller import Caller
from anfu.parties.firms import operations, queries
from anfu.parties.firms.ownership import Holders, Ownership, beneficial_owners, check_holders
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


async def declare(
    tools: Tools, firm: str, holders: Holders, by: Caller, claim: Claim, *, now: datetime
) -> Standing:  # fmt: skip
    """An ownership that waits, once for this claim. Raises Refused: firm_not_found,
    customer_stored, and as `check_holders`."""
    check_holders(holders, now=now)

    async def work(tx: Tx) -> Answer:
        ring, merchant = tools.sealer.ring, by.merchant_id
        found = await queries.get_firm(tx, firm, ring=ring, merchant=merchant, lock=True)
        made = await operations.declare(
            tx, firm=found.id, holders=holders, by=by.person, sealer=tools.sealer, now=now
        )
        record = Record(now, tools.entropy)
        _note(record, made)
        await record.write(tx)
        return Answer(201, msgspec.json.encode(made.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, firm, by.merchant_id)


async def confirm(
    tools: Tools, firm: str, ownership: str, by: Caller, claim: Claim, *, now: datetime
) -> Standing:
    """Confirm an ownership; what follows for the account follows at once. Raises Refused:
    firm_not_found, customer_stored, ownership_not_found, ownership_confirmed,
    second_person_needed."""

    async def work(tx: Tx) -> Answer:
        ring = tools.sealer.ring
        found = await queries.get_firm(tx, firm, ring=ring, merchant=by.merchant_id, lock=True)
        declared = await queries.get_ownership(tx, ownership, found.id, ring=ring)
        check_two_people(declared.declared_by, by.person, field="ownership")
        made = await operations.confirm(tx, ownership=declared, by=by.person, now=now)
        record = Record(now, tools.entropy)
        _note(record, made)
        await settle(tx, tools, found, found.dossier, record)
        await record.write(tx)
        return Answer(200, msgspec.json.encode(made.id))

    await idempotency.once(tools.database, claim, work, now=now)
    return await stand(tools, firm, by.merchant_id)


def _note(record: Record, ownership: Ownership) -> None:
    relations = [list(why) for _, why in beneficial_owners(ownership.holders)]
    record.leaf(
        "ownership", ownership.id,
        {"firm": ownership.firm, "declared_by": ownership.declared_by,
         "confirmed_by": ownership.confirmed_by, "beneficial_owners": relations,
         "article": "令〔2025〕12号 8"},
    )  # fmt: skip
