"""Sign in: password and, with it, a passkey or a code. Both are given at once and judged at once.

1. The page's ticket: its passkey challenge was made by us and is young.
2. The attempt is counted, by account and address, before it is looked at; above the rates nobody is
   let in, with the right password neither.
3. The password. Where there is no such account, a decoy is hashed: the same work, the same answer.
4. The second factor, tried whatever became of the password, for the same reason.
5. The account is ACTIVE.
6. The ticket is spent: what was seen on the way is not good again.

What is wrong is never told: every one of 3 to 6 is `sign_in_refused`. The session's token is new,
whatever the browser sent.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from anfu.authentication import passkey
from anfu.authentication.enrolled import operations as enrolled
from anfu.authentication.enrolled.enrolled import Enrolled
from anfu.authentication.enrolled.enrolled import State as FactorState
from anfu.authentication.enrolled.queries import find_usable, lock_usable
from anfu.authentication.enrolled.verify import verify
from anfu.authentication.password import DECOY, password_fits
from anfu.authentication.ticket import new_ticket, read_ticket
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.access import operations
from anfu.parties.access.queries import find_staff_by_login, get_staff
from anfu.parties.access.session import ABSOLUTE, NewSession, Session, narrowed
from anfu.parties.access.staff import Staff, State, parse_login
from anfu.payments.document import rfc3339
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

_TICKET = "sgn"


@dataclass(frozen=True, slots=True)
class SignIn:
    """`content` is a code (`totp`) or an assertion as JSON (`passkey`), made over the challenge of
    `ticket`. `address` is where the request came from."""

    ticket: str
    login: str
    password: str = field(repr=False)
    kind: str
    content: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and its token, which goes into the cookie and nowhere else."""

    session: Session
    staff: Staff
    token: str = field(repr=False)


def begin_sign_in(tools: Tools, *, now: datetime) -> dict[str, Any]:
    """A ticket, and what the page asks a passkey with. It is the same for everybody: it says of no
    account whether there is one."""
    subject = new_id(_TICKET, now=now, entropy=tools.entropy)
    ticket, ends = new_ticket(tools.challenge_key, subject, now=now)
    options = passkey.request_options(
        tools.policy.console, challenge=_challenge(tools, subject), handles=[]
    )
    return {
        "object": "sign_in",
        "ticket": ticket,
        "passkey": options,
        "expires_at": rfc3339(ends),
    }


async def sign_in(tools: Tools, wish: SignIn, *, now: datetime) -> SignedIn:
    """Raises Refused `ticket_invalid`, `ticket_expired`, `sign_in_throttled`, and
    `sign_in_refused` for whatever is wrong."""
    subject = read_ticket(tools.challenge_key, wish.ticket, kind=_TICKET, now=now)  # 1
    account = account_of(tools, wish.login)
    attempt = await _begin(tools, account, wish.address, now)  # 2
    staff, kept = await _known(tools, wish.login, now)
    # Argon2id takes its time on purpose; nobody else waits for it.
    right = await asyncio.to_thread(password_fits, kept, wish.password)  # 3

    async def work(tx: Tx) -> SignedIn | None:
        second = await _second(tx, tools, wish, ("" if staff is None else staff.id, subject), now)
        if staff is None or not right or second is None:
            return None
        present = await get_staff(tx, staff.id, lock=True)
        if present.state is not State.ACTIVE:  # 5
            return None
        if not await operations.spend_ticket(tx, ticket=subject, now=now):  # 6
            return None
        await enrolled.save(tx, before=second[0], after=second[1])
        await operations.end_attempt(tx, attempt=attempt, account=account, address=wish.address)
        admission = Admission(present, wish.address, ("password", wish.kind))
        return await admit(tx, tools, admission, now=now)

    done = await tools.database.run(work)
    if done is None:
        raise Refused("sign_in_refused")
    return done


@dataclass(frozen=True, slots=True)
class Admission:
    """An account that has `proven` who it is; `roles`: the session has these of its roles alone."""

    staff: Staff
    address: str
    proven: tuple[str, ...]
    roles: tuple[str, ...] | None = None


async def admit(tx: Tx, tools: Tools, admission: Admission, *, now: datetime) -> SignedIn:
    """A new session."""
    staff = admission.staff
    asked = NewSession(staff.id, admission.address, ABSOLUTE, admission.roles)
    session, token = await operations.open_session(tx, asked=asked, entropy=tools.entropy, now=now)
    record = Record(now, tools.entropy)
    known = {"staff": staff.id, "proven": list(admission.proven), "roles": session.roles}
    record.access("session.opened", session.id, known)
    await record.write(tx)
    return SignedIn(session, narrowed(staff, session), token)


def account_of(tools: Tools, login: str) -> bytes:
    """What attempts at a login are counted under: its keyed hash, so that what somebody typed into
    the wrong field, his password perhaps, is kept nowhere."""
    return tools.sealer.ring.blind_index("login", _spelled(login))


def _spelled(login: str) -> str:
    try:
        return parse_login(login)
    except Refused:
        return login


async def _begin(tools: Tools, account: bytes, address: str, now: datetime) -> str:
    async def work(tx: Tx) -> str:
        attempt, tried = await operations.begin_attempt(
            tx, account=account, address=address, entropy=tools.entropy, now=now
        )
        if tried.alarming:
            record = Record(now, tools.entropy)
            known = {"account": account.hex()[:16], "address": address}
            record.access("sign_in.throttled", attempt, known, endpoints=tools.notified("security"))
            await record.write(tx)
        return attempt

    return await tools.database.run(work)


async def _known(tools: Tools, login: str, now: datetime) -> tuple[Staff | None, bytes]:
    """The account, if there is one, and the hash to compare with."""
    async with tools.database.transaction(readonly=True) as tx:
        staff = await find_staff_by_login(tx, _spelled(login))
        id_ = "" if staff is None else staff.id
        factors = (await find_usable(tx, [id_], now=now)).get(id_, [])
    kept = [factor.verifier for factor in factors if factor.kind == "password"]
    return staff, kept[0] if kept else DECOY


async def _second(
    tx: Tx, tools: Tools, wish: SignIn, who: tuple[str, str], now: datetime
) -> tuple[Enrolled, Enrolled] | None:
    """The second factor before and after the right answer (4)."""
    staff_id, subject = who
    factors = await lock_usable(tx, staff_id, wish.kind, now=now)
    decoy = Enrolled(
        "fac_nobody", "", wish.kind, "", FactorState.ACTIVE, now, verifier=passkey.DECOY
    )
    for factor in factors or [decoy]:
        counter = verify(
            factor, wish.content, signed=_challenge(tools, subject), means=tools.staff_means,
            now=now,
        )  # fmt: skip
        if counter is not None and factor is not decoy:
            return factor, replace(factor, counter=counter, failures=0)
    return None


def _challenge(tools: Tools, subject: str) -> bytes:
    content = canonical_bytes({"v": 1, "sign_in": subject})
    return hmac.digest(tools.challenge_key, content, "sha256")
