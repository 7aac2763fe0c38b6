"""Sessions: the member of the staff behind a cookie, and the cookie's next token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from anfu.entrypoints.api import cookie
from anfu.kernel.errors import Refused
from anfu.parties.access import operations
from anfu.parties.access.queries import find_session
from anfu.parties.access.role import EMERGENCY
from anfu.parties.access.session import End, Session, Turn, csrf_token, judge
from anfu.parties.access.staff import Staff, State
from anfu.parties.caller import Caller
from anfu.parties.secret import secret_hash
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

# A new token, when the session was rotated; whether it is open.
_Judged = tuple[Session, Staff, str | None] | None


async def identify(
    tools: Tools, method: str, headers: Mapping[bytes, bytes], *, now: datetime
) -> tuple[Caller, str | None]:
    """Who asks, and the token the browser shall have from now on if it is another one.

    Raises Refused `csrf_refused`, and `session_ended` for a token that is none of ours, or no more.
    """
    cookie.check_site(method, headers, tools.policy.console.origins)
    token = cookie.token_in(headers)

    async def work(tx: Tx) -> _Judged:
        found = None if token is None else await find_session(tx, token)
        return None if found is None or token is None else await _turn(tx, tools, found, token, now)

    judged = await tools.database.run(work)
    if judged is None:
        raise Refused("session_ended", field="Cookie")
    session, staff, fresh = judged
    cookie.check_token(method, headers, csrf_token(tools.challenge_key, session.id))
    emergency = EMERGENCY in staff.roles
    # Whoever opened an envelope is known by it, and is nobody where two people are needed.
    person = staff.invited_by if emergency else staff.id
    caller = Caller(session.id, person, None, staff.scopes, staff.id, True, emergency)
    return caller, fresh


async def _turn(
    tx: Tx, tools: Tools, found: tuple[Session, Staff], token: str, now: datetime
) -> _Judged:
    session, staff = found
    if session.ended_at is not None or staff.state is not State.ACTIVE:
        return None
    turn = judge(session, secret_hash(token), now=now)
    if isinstance(turn, End):
        await operations.end_session(tx, session_id=session.id, why=turn, now=now)
        if turn is End.REPLAYED:
            record = Record(now, tools.entropy)
            known = {"staff": staff.id, "address": session.address}
            endpoints = tools.notified("security")
            record.access("session.replayed", session.id, known, endpoints=endpoints)
            await record.write(tx)
        return None
    fresh = None
    if turn is Turn.ROTATE:
        fresh = await operations.rotate_session(tx, session=session, entropy=tools.entropy, now=now)
    elif turn is Turn.TOUCH:
        await operations.touch_session(tx, session=session, now=now)
    return session, staff, fresh
