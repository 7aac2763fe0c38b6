"""Enlist: whoever was invited sets up a password and, beside it, an app or a passkey.

Both at once or nothing: there is no moment at which an account opens by a password alone. The link
is used up by it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from anfu.authentication.enrolled import operations as enrolled
from anfu.authentication.enrolled.enrolled import CONFIRM_WITHIN, PREFIX, Enrolled, State
from anfu.authentication.enrolled.queries import list_factors
from anfu.authentication.enrolled.verify import verify
from anfu.authentication.otp import provisioning_uri, seed_of
from anfu.authentication.passkey import creation_options, read_registration
from anfu.authentication.password import SALT_BYTES, check_staff_password, password_hash
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.access import operations
from anfu.parties.access.queries import find_invited
from anfu.parties.access.staff import Staff, is_invitation
from anfu.parties.access.staff import State as StaffState
from anfu.payments.access.document import staff_known
from anfu.payments.access.invite import COMMAND_LINE
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

SECOND = ("totp", "passkey")


@dataclass(frozen=True, slots=True)
class Enlistment:
    """`content` is the first code of an app (`totp`), or the attestation of a passkey as JSON."""

    invitation: str = field(repr=False)
    password: str = field(repr=False)
    kind: str
    content: str = field(repr=False)


async def begin_enlistment(tools: Tools, invitation: str, *, now: datetime) -> dict[str, Any]:
    """What the page needs to set up an app or a passkey. Raises Refused `invitation_invalid`."""

    async def work(tx: Tx) -> dict[str, Any]:
        staff = await _invited(tx, invitation, now)
        factors = await _pending(tx, staff, now)
        for kind in SECOND:
            if kind not in factors:
                made = Enrolled(
                    new_id(PREFIX, now=now, entropy=tools.entropy), staff.id, kind, staff.login,
                    State.PENDING, now,
                )  # fmt: skip
                await enrolled.insert(tx, factor=made)
                factors[kind] = made
        return _setup(tools, staff, factors)

    return await tools.database.run(work)


async def enlist(tools: Tools, wish: Enlistment, *, now: datetime) -> Staff:
    """The account, which now waits for a second administrator; one that the command line invited
    is ACTIVE.

    Raises Refused `invitation_invalid`, `password_weak`, `factor_setup_expired`,
    `passkey_invalid`, `factor_not_confirmed`, `factor_exists`.
    """

    async def work(tx: Tx) -> Staff:
        staff = await _invited(tx, wish.invitation, now)
        check_staff_password(wish.password, login=staff.login)
        factors = await _pending(tx, staff, now)
        if wish.kind not in factors:
            raise Refused("factor_setup_expired", field="invitation")
        await enrolled.insert(tx, factor=await _password(tools, staff, wish.password, now))
        for kind, factor in factors.items():
            after = replace(factor, state=State.REMOVED, ended_at=now)
            if kind == wish.kind:
                after = _confirmed(tools, factor, wish.content, now)
            await enrolled.save(tx, before=factor, after=after)
        trusted = staff.invited_by == COMMAND_LINE
        after_all = StaffState.ACTIVE if trusted else StaffState.WAITING
        moved = await operations.move_staff(tx, staff=staff, state=after_all, now=now)
        record = Record(now, tools.entropy)
        known = {**staff_known(moved, moved.id), "factors": ["password", wish.kind]}
        record.access("staff.enlisted", moved.id, known)
        await record.write(tx)
        return moved

    return await tools.database.run(work)


async def _invited(tx: Tx, invitation: str, now: datetime) -> Staff:
    staff = await find_invited(tx, invitation, now=now) if is_invitation(invitation) else None
    if staff is None:
        raise Refused("invitation_invalid", field="invitation")
    return staff


async def _pending(tx: Tx, staff: Staff, now: datetime) -> dict[str, Enrolled]:
    """What was begun a moment ago; what was begun before that is removed."""
    found: dict[str, Enrolled] = {}
    for factor in await list_factors(tx, staff.id):
        if factor.state is not State.PENDING:
            continue
        if now < factor.created_at + CONFIRM_WITHIN:
            found[factor.kind] = factor
        else:
            gone = replace(factor, state=State.REMOVED, ended_at=now)
            await enrolled.save(tx, before=factor, after=gone)
    return found


async def _password(tools: Tools, staff: Staff, password: str, now: datetime) -> Enrolled:
    salt = tools.entropy.bytes(SALT_BYTES)
    kept = await asyncio.to_thread(password_hash, password, salt=salt)
    return Enrolled(
        new_id(PREFIX, now=now, entropy=tools.entropy), staff.id, "password", staff.login,
        State.ACTIVE, now, verifier=kept, usable_from=now,
    )  # fmt: skip


def _confirmed(tools: Tools, factor: Enrolled, content: str, now: datetime) -> Enrolled:
    means, signed = tools.staff_means, factor.setup_bytes
    if factor.kind == "passkey":
        made = read_registration(means.party, _document(content), challenge=signed)
        confirmed = replace(factor, handle=made.handle, verifier=made.public, counter=made.count)
    else:
        counter = verify(factor, content, signed=signed, means=means, now=now)
        if counter is None:
            raise Refused("factor_not_confirmed", field="code")
        confirmed = replace(factor, counter=counter)
    return replace(confirmed, state=State.ACTIVE, usable_from=now)


def _document(content: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError):
        raise Refused("passkey_invalid", field="attestation") from None


def _setup(tools: Tools, staff: Staff, factors: dict[str, Enrolled]) -> dict[str, Any]:
    party = tools.policy.console
    totp, passkey = (factors[kind] for kind in SECOND)
    seed = seed_of(tools.challenge_key, totp.id)
    return {
        "object": "enlistment",
        "login": staff.login,
        "name": staff.name,
        "roles": list(staff.roles),
        "totp": provisioning_uri("totp", seed, issuer=party.name, account=staff.login),
        "passkey": creation_options(
            party, challenge=passkey.setup_bytes, user=staff.id, label=staff.login, taken=[],
            resident="required",
        ),
    }  # fmt: skip
