"""Signing in and out, and setting an account up from its link."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.entrypoints.api.cookie import check_site, clearing, setting
from anfu.entrypoints.api.documents import Name, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.staff import StaffDocument
from anfu.kernel.errors import Refused
from anfu.parties.access import operations
from anfu.parties.access.queries import get_staff, list_sessions
from anfu.parties.access.session import End, csrf_token, narrowed
from anfu.payments.access.document import session_document, staff_document
from anfu.payments.access.enlist import Enlistment, begin_enlistment, enlist
from anfu.payments.access.sign_in import SignIn, begin_sign_in, sign_in
from anfu.payments.document import encode
from anfu.payments.record import Record
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Secret = Annotated[str, Meta(min_length=1, max_length=128)]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$", max_length=6)]


class SignInForm(Request, frozen=True):
    """Password and second factor, together: `code` of an app, or the `assertion` of a passkey."""

    ticket: Secret
    login: Name
    password: Secret
    code: Code | None = None
    assertion: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return "SignInForm(…)"


class LinkForm(Request, frozen=True):
    """The one-time link."""

    invitation: Secret


class EnlistForm(Request, frozen=True):
    """A password and what is used beside it: the first `code` of an app, or the `attestation` of a
    passkey."""

    invitation: Secret
    password: Secret
    code: Code | None = None
    attestation: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return "EnlistForm(…)"


class SignInDocument(Struct, frozen=True):
    """What the page needs to ask a passkey; alike for everybody."""

    object: Literal["sign_in"]
    ticket: str
    passkey: dict[str, Any]
    expires_at: datetime


class SessionDocument(Struct, frozen=True):
    """A session. `csrf` goes with each write, as the header `Anfu-Csrf`; `now` is our clock."""

    id: str
    object: Literal["session"]
    staff: StaffDocument
    csrf: str
    idle_s: int
    created_at: datetime
    ends_at: datetime
    now: datetime


class EndedDocument(Struct, frozen=True):
    """How many sessions ended."""

    object: Literal["sessions_ended"]
    count: int


class EnlistmentDocument(Struct, frozen=True):
    """What the page needs to set up an app (an otpauth address) or a passkey."""

    object: Literal["enlistment"]
    login: str
    name: str
    roles: list[str]
    totp: str
    passkey: dict[str, Any]


async def begin(call: Call) -> Answer:
    """A ticket."""
    return Answer(200, encode(begin_sign_in(call.desk.tools, now=call.now)))


async def enter(call: Call) -> Answer:
    """A session, its token in a cookie."""
    tools, form = call.desk.tools, call.body
    # Else another site could sign a browser in as somebody else.
    check_site("POST", call.headers, tools.policy.console.origins)
    kind, content = _one(form.code, form.assertion, "assertion")
    wish = SignIn(form.ticket, form.login, form.password, kind, content, call.address)
    done = await sign_in(tools, wish, now=call.now)
    call.more.append(setting(done.token))
    csrf = csrf_token(tools.challenge_key, done.session.id)
    return Answer(200, encode(session_document(done.session, done.staff, csrf, now=call.now)))


async def read(call: Call) -> Answer:
    """Who is signed in."""
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        staff = await get_staff(tx, call.by.staff_id or "")
        found = [s for s in await list_sessions(tx, staff.id) if s.id == call.by.id]
    if not found:
        raise Refused("session_ended", field="Cookie")
    csrf = csrf_token(tools.challenge_key, call.by.id)
    staff = narrowed(staff, found[0])
    return Answer(200, encode(session_document(found[0], staff, csrf, now=call.now)))


async def leave(call: Call) -> Answer:
    """Sign out here."""

    async def work(tx: Tx) -> None:
        await operations.end_session(tx, session_id=call.by.id, why=End.SIGNED_OUT, now=call.now)
        await _note(tx, call, [call.by.id], End.SIGNED_OUT)

    await call.desk.tools.database.run(work)
    call.more[:] = [clearing()]
    return Answer(200, encode({"object": "sessions_ended", "count": 1}))


async def leave_everywhere(call: Call) -> Answer:
    """Sign out everywhere."""

    async def work(tx: Tx) -> int:
        ended = await operations.end_sessions(
            tx, staff_id=call.by.staff_id or "", why=End.EVERYWHERE, now=call.now
        )
        await _note(tx, call, ended, End.EVERYWHERE)
        return len(ended)

    count = await call.desk.tools.database.run(work)
    call.more[:] = [clearing()]
    return Answer(200, encode({"object": "sessions_ended", "count": count}))


async def begin_link(call: Call) -> Answer:
    """What setting an account up needs."""
    tools = call.desk.tools
    return Answer(200, encode(await begin_enlistment(tools, call.body.invitation, now=call.now)))


async def use_link(call: Call) -> Answer:
    """Set the account up."""
    form: EnlistForm = call.body
    check_site("POST", call.headers, call.desk.tools.policy.console.origins)
    kind, content = _one(form.code, form.attestation, "attestation")
    wish = Enlistment(form.invitation, form.password, kind, content)
    staff = await enlist(call.desk.tools, wish, now=call.now)
    return Answer(200, encode(staff_document(staff)))


async def _note(tx: Tx, call: Call, sessions: list[str], why: End) -> None:
    record = Record(call.now, call.desk.tools.entropy)
    for session in sessions:
        record.access("session.ended", session, {"staff": call.by.staff_id, "why": why})
    await record.write(tx)


def _one(code: str | None, given: dict[str, Any] | None, name: str) -> tuple[str, str]:
    """The second factor that is there: its kind and its text. Raises Refused(field_invalid) for
    none or both."""
    if code is not None and given is None:
        return "totp", code
    if given is not None and code is None:
        return "passkey", msgspec.json.encode(given).decode()
    raise Refused("field_invalid", field="body", reason=f"either code or {name}")


_WRONG = ("ticket_invalid", "ticket_expired", "sign_in_refused", "sign_in_throttled",
          "csrf_refused")  # fmt: skip
_PASSWORD = "a long sentence nobody knows"  # noqa: S105 - an example
OPERATIONS = (
    Operation("begin_sign_in", "POST", "/v1/sign_in/begin", "A ticket to sign in with.", begin,
              answer=SignInDocument),
    Operation("sign_in", "POST", "/v1/sign_in", "Sign in, with password and second factor at once.",
              enter, body=SignInForm, answer=SessionDocument, refusals=_WRONG,
              example={"ticket": "tkt_…", "login": "li.wei", "password": _PASSWORD,
                       "code": "123456"}),
    Operation("get_session", "GET", "/v1/session", "Who is signed in.", read, session=True,
              answer=SessionDocument),
    Operation("sign_out", "POST", "/v1/session/end", "Sign out.", leave, session=True,
              answer=EndedDocument),
    Operation("sign_out_everywhere", "POST", "/v1/session/end_all", "Sign out everywhere.",
              leave_everywhere, session=True, answer=EndedDocument),
    Operation("begin_enlistment", "POST", "/v1/enlistment/begin", "What setting an account up from"
              " its link needs.", begin_link, body=LinkForm, answer=EnlistmentDocument,
              refusals=("invitation_invalid",)),
    Operation("enlist", "POST", "/v1/enlistment", "Set an account up from its link.", use_link,
              body=EnlistForm, answer=StaffDocument,
              refusals=("invitation_invalid", "password_weak", "factor_setup_expired",
                        "passkey_invalid", "factor_not_confirmed", "factor_exists", "staff_state",
                        "csrf_refused"),
              example={"invitation": "inv_…", "password": _PASSWORD, "code": "123456"}),
)  # fmt: skip
