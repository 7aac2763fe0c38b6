"""Break glass: the sealed envelope is opened, everybody is told, and an hour later it is over.

For when nobody who may act can sign in. The account sees everything and can stop things: suspend,
revoke, put on lists, end waits. It is no second person and makes nothing that outlives it; every
request it makes is a leaf of the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.parties.access.operations import move_staff, open_session
from anfu.parties.access.queries import get_staff
from anfu.parties.access.session import NewSession
from anfu.parties.access.staff import State
from anfu.parties.emergency import operations
from anfu.parties.emergency.envelope import LIFETIME, REASON_LEAST, is_secret, parse_opening
from anfu.parties.emergency.queries import find_unopened, lock_over
from anfu.payments.access.sign_in import SignedIn
from anfu.payments.document import rfc3339
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Breaking:
    """Somebody called `name` opens the envelope with `secret`, for a `reason`."""

    secret: str = field(repr=False)
    name: str
    reason: str
    address: str


async def seal_envelope(tx: Tx, tools: Tools, *, now: datetime) -> tuple[str, str]:
    """A new envelope's id and secret, to be printed, sealed and locked away."""
    envelope, secret = await operations.make_envelope(tx, sealer=tools.sealer, now=now)
    record = Record(now, tools.entropy)
    record.access("emergency.sealed", envelope, {})
    await record.write(tx)
    return envelope, secret


async def break_glass(tools: Tools, wish: Breaking, *, now: datetime) -> SignedIn:
    """A session of an hour. Raises Refused `name_invalid`, `reason_invalid`, and
    `envelope_invalid` for a secret that opens none."""
    opening = parse_opening(wish.name, wish.reason)
    if len(opening.reason) < REASON_LEAST:
        raise Refused("reason_invalid", field="reason", longest=500)

    async def work(tx: Tx) -> SignedIn:
        envelope = await find_unopened(tx, wish.secret) if is_secret(wish.secret) else None
        if envelope is None:
            raise Refused("envelope_invalid", field="secret")
        staff = await operations.open_envelope(
            tx, envelope=envelope, opening=opening, address=wish.address, sealer=tools.sealer,
            now=now,
        )  # fmt: skip
        asked = NewSession(staff.id, wish.address, LIFETIME)
        session, token = await open_session(tx, asked=asked, entropy=tools.entropy, now=now)
        known = {
            "staff": staff.id, "session": session.id, "address": wish.address,
            "ends_at": rfc3339(session.ends_at), "opening": digest(opening.plain.hex()).hex(),
        }  # fmt: skip
        await _alarm(tx, tools, "emergency.opened", envelope, known, now)
        return SignedIn(session, staff, token)

    return await tools.database.run(work)


async def close_emergencies(tools: Tools, *, now: datetime) -> int:
    """Shut the accounts whose hour is over or whose session has ended; how many."""

    async def work(tx: Tx) -> int:
        over = await lock_over(tx, ring=tools.sealer.ring, now=now)
        for envelope in over:
            staff = await get_staff(tx, envelope.staff_id, lock=True)
            if staff.state is State.ACTIVE:
                await move_staff(tx, staff=staff, state=State.DISABLED, now=now)
            await operations.close_envelope(tx, envelope=envelope.id, now=now)
            known = {"staff": staff.id, "address": envelope.address}
            await _alarm(tx, tools, "emergency.closed", envelope.id, known, now)
        return len(over)

    return await tools.database.run(work)


async def note_act(
    tools: Tools, staff_id: str, operation: str, about: tuple[str, int], *, now: datetime
) -> None:
    """A request of the account, and how it was answered: path and status."""
    path, status = about

    async def work(tx: Tx) -> None:
        record = Record(now, tools.entropy)
        body = {"operation": operation, "path": path, "status": status}
        record.leaf("emergency_act", staff_id, body)
        await record.write(tx)

    await tools.database.run(work)


async def _alarm(
    tx: Tx, tools: Tools, kind: str, envelope: str, known: dict[str, Any], now: datetime
) -> None:
    """Everybody is told, on every line there is."""
    record = Record(now, tools.entropy)
    record.access(kind, envelope, known, endpoints=[target.id for target in tools.notices])
    await record.write(tx)
