"""Approve: terms come into force by a second person's word."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from anfu.kernel.errors import Refused
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.proposals.proposal import check_two_people
from anfu.settlement.terms.cycle import Kind
from anfu.settlement.terms.document import terms_leaf
from anfu.settlement.terms.operations import approve_terms
from anfu.settlement.terms.propose import check_in_time
from anfu.settlement.terms.queries import lock_terms
from anfu.settlement.terms.terms import Terms
from anfu.storage.transaction import Tx


class SameDay(Protocol):
    """Whether a merchant may be settled on the same day, as `compliance.switch` knows it."""

    async def __call__(self, tx: Tx, merchant_id: str, *, now: datetime) -> bool: ...


async def approve(
    tx: Tx, tools: Tools, named: tuple[str, str], by: str, *, same_day: SameDay, now: datetime
) -> Terms:
    """The terms in force; `named` is the merchant's id and theirs. Raises Refused:
    settlement_terms_not_found, second_person_needed, settlement_terms_approved,
    settlement_terms_late, same_day_not_allowed."""
    merchant, terms = named
    found = await lock_terms(tx, terms, merchant=merchant, ring=tools.sealer.ring)
    check_two_people(found.proposed_by, by, field="terms")
    approved = await approve_terms(tx, terms=found, by=by, now=now)
    await check_in_time(tx, found, now=now)
    if found.agreed.cycle.kind is Kind.SAME_DAY and not await same_day(tx, merchant, now=now):
        raise Refused("same_day_not_allowed", field="cycle.kind")
    record = Record(now, tools.entropy)
    record.leaf("settlement_terms", approved.id, terms_leaf(approved))
    await record.write(tx)
    return approved
