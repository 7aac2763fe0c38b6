"""Bind: the institution has verified that a device is its payer's, or takes that back.

What counts as verified is the institution's: a challenge that was met, a visit to a branch. The
binding is told to risk as behaviour (DEVICE_BIND).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.devices import operations, queries
from anfu.parties.devices.device import SessionState, Tie, TieState, is_over
from anfu.parties.devices.operations import TieMove
from anfu.parties.queries import check_not_stored
from anfu.payments.device_document import tie_document
from anfu.payments.document import encode
from anfu.payments.observe import keep
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Binding:
    """The device of a session, bound to its payer by an API key."""

    claim: Claim
    session: str
    by: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """A device that is a payer's no longer."""

    claim: Claim
    device: str
    payer: str
    by: str


async def bind(tools: Tools, wish: Binding, *, now: datetime) -> Answer:
    """The tie. Raises Refused: device_session_not_found, customer_stored, device_session_unfit (no
    good profile, no payer, or too old), device_not_tied (bound already)."""
    learnt: list[Event] = []

    async def work(tx: Tx) -> Answer:
        learnt.clear()
        session = await queries.get_session(tx, wish.session, merchant=None)
        device, payer = session.device, session.payer
        fit = session.state is SessionState.PROFILED and not is_over(session, now=now)
        if not fit or device is None or payer is None or session.thumbprint is None:
            raise Refused("device_session_unfit", field="session", session=session.id)
        move = TieMove(device, payer, TieState.BOUND, wish.by, session.id)
        tie = await operations.move_tie(tx, move=move, now=now)
        await operations.confirm_key(tx, thumbprint=session.thumbprint)
        record = Record(now, tools.entropy)
        seen = Environment(device, session.address)
        learnt.append(Event(session.id, payer, "", 0, "", "", None, now, seen, Kind.DEVICE_BIND))
        await keep(tx, tools, learnt, record)
        return await _written(tx, record, tie, wish.by)

    answer, fresh = await idempotency.once_fresh(tools.database, wish.claim, work, now=now)
    if fresh:
        await tools.engine.observe(learnt)
    return answer


async def revoke(tools: Tools, wish: Revocation, *, now: datetime) -> Answer:
    """The tie. Raises Refused(device_not_tied, customer_stored)."""

    async def work(tx: Tx) -> Answer:
        await check_not_stored(tx, wish.payer)
        move = TieMove(wish.device, wish.payer, TieState.REVOKED, wish.by)
        tie = await operations.move_tie(tx, move=move, now=now)
        return await _written(tx, Record(now, tools.entropy), tie, wish.by)

    return await idempotency.once(tools.database, wish.claim, work, now=now)


async def _written(tx: Tx, record: Record, tie: Tie, by: str) -> Answer:
    record.leaf("device_tie", tie.device, {"payer": tie.payer, "state": tie.state, "by": by})
    await record.write(tx)
    return Answer(200, encode(tie_document(tie)))
