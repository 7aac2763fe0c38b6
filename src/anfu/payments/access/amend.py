"""Amend: what an account may do is changed by two administrators, neither of them it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from anfu.authentication.enrolled import operations as enrolled
from anfu.authentication.enrolled.enrolled import State as FactorState
from anfu.authentication.enrolled.queries import list_factors
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.access import operations
from anfu.parties.access.queries import get_staff
from anfu.parties.access.role import check_roles
from anfu.parties.access.staff import Change, Staff, State, Wish, check_change
from anfu.parties.party import clean_text
from anfu.payments.access.document import staff_known
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.approve import Apply
from anfu.risk.proposals.proposal import (
    PREFIX,
    Proposal,
    Subject,
    check_two_people,
    proposal_leaf,
)
from anfu.storage.transaction import Tx

_OPEN = frozenset({FactorState.PENDING, FactorState.ACTIVE})


async def propose_change(tx: Tx, tools: Tools, wish: Wish, by: str, *, now: datetime) -> Proposal:
    """Raises Refused `staff_not_found`, `roles_invalid`, `roles_apart`, `subject_invalid`, and
    `field_invalid` for roles or a subject that the change does not ask for."""
    await get_staff(tx, wish.staff_id)
    body = {"change": wish.change, **_about(wish)}
    made = Proposal(
        new_id(PREFIX, now=now, entropy=tools.entropy), Subject.STAFF, wish.staff_id,
        canonical_bytes(body), by, now,
    )  # fmt: skip
    await proposals.propose(tx, proposal=made)
    record = Record(now, tools.entropy)
    record.leaf("proposal", made.id, proposal_leaf(made, {}))
    await record.write(tx)
    return made


def _about(wish: Wish) -> dict[str, Any]:
    if (wish.change is Change.ROLES) is (wish.roles == ()):
        raise Refused("field_invalid", field="roles", reason="for ROLES, and only for it")
    if (wish.change is Change.SUBJECT) is (wish.subject is None):
        raise Refused("field_invalid", field="subject", reason="for SUBJECT, and only for it")
    if wish.roles:
        return {"roles": check_roles(wish.roles)}
    if wish.subject is not None:
        return {"subject": clean_text(wish.subject, field="subject", longest=255)}
    return {}


def applying(tools: Tools) -> Apply:
    """How an approved change is made."""
    return partial(_apply, tools)


async def _apply(tools: Tools, tx: Tx, proposal: Proposal, now: datetime) -> Mapping[str, Any]:
    by = proposal.decided_by or ""
    check_two_people(proposal.target, by, field="proposal")
    staff = await get_staff(tx, proposal.target, lock=True)
    wish = json.loads(proposal.body)
    change = Change(wish["change"])
    check_change(staff, change)
    match change:
        case Change.ENABLE:
            after = await operations.move_staff(tx, staff=staff, state=State.ACTIVE, now=now)
        case Change.ROLES:
            after = await operations.set_roles(tx, staff=staff, roles=tuple(wish["roles"]), now=now)
        case Change.SUBJECT:
            after = await operations.set_subject(tx, staff=staff, subject=wish["subject"], now=now)
        case Change.RESET:
            after = await _reset(tx, staff, now)
    record = Record(now, tools.entropy)
    record.access(f"staff.{change.lower()}", staff.id, staff_known(after, by))
    await record.write(tx)
    return {"staff": staff.id, "state": after.state, "roles": list(after.roles)}


async def _reset(tx: Tx, staff: Staff, now: datetime) -> Staff:
    """Nothing it proved with is good any more."""
    for factor in await list_factors(tx, staff.id):
        if factor.state in _OPEN:
            after = replace(factor, state=FactorState.REMOVED, ended_at=now)
            await enrolled.save(tx, before=factor, after=after)
    return await operations.move_staff(tx, staff=staff, state=State.INVITED, now=now)
