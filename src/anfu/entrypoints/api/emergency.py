"""Break-glass: the envelope is opened; and the list of those that were."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.cookie import check_site, setting
from anfu.entrypoints.api.documents import Name, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.sign_in import Secret, SessionDocument
from anfu.parties.access.session import csrf_token
from anfu.parties.emergency.envelope import Envelope
from anfu.parties.emergency.queries import list_opened
from anfu.payments.access.break_glass import Breaking, break_glass
from anfu.payments.access.document import session_document
from anfu.payments.document import encode, rfc3339
from anfu.storage.idempotency import Answer


class EmergencyForm(Request, frozen=True):
    """The envelope's secret, who opens it, and why."""

    secret: Secret
    name: Name
    reason: Annotated[str, Meta(min_length=10, max_length=500)]

    def __repr__(self) -> str:
        return "EmergencyForm(…)"


class EmergencyDocument(Struct, frozen=True):
    """An envelope that was opened."""

    id: str
    object: Literal["emergency"]
    staff: str
    name: str
    reason: str
    address: str
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None


class EmergencyList(Struct, frozen=True):
    """A page of them."""

    object: Literal["list"]
    data: list[EmergencyDocument]
    more: bool


async def open_(call: Call) -> Answer:
    """Open it."""
    tools, form = call.desk.tools, call.body
    check_site("POST", call.headers, tools.policy.console.origins)
    wish = Breaking(form.secret, form.name, form.reason, call.address)
    done = await break_glass(tools, wish, now=call.now)
    call.more.append(setting(done.token))
    csrf = csrf_token(tools.challenge_key, done.session.id)
    return Answer(200, encode(session_document(done.session, done.staff, csrf, now=call.now)))


async def list_(call: Call) -> Answer:
    """A page."""
    tools, query = call.desk.tools, call.query
    async with tools.database.transaction(readonly=True) as tx:
        found = await list_opened(
            tx, ring=tools.sealer.ring, before=query.after, most=query.limit + 1
        )
    return Answer(200, page([_document(envelope) for envelope in found], query.limit))


def _document(envelope: Envelope) -> dict[str, Any]:
    closed = envelope.closed_at
    return {
        "id": envelope.id,
        "object": "emergency",
        "staff": envelope.staff_id,
        "name": envelope.opening.name,
        "reason": envelope.opening.reason,
        "address": envelope.address,
        "opened_at": rfc3339(envelope.opened_at),
        "ends_at": rfc3339(envelope.ends_at),
        "closed_at": None if closed is None else rfc3339(closed),
    }


OPERATIONS = (
    Operation("break_glass", "POST", "/v1/emergency", "Open the sealed envelope: an hour, and an"
              " alarm.", open_, body=EmergencyForm, answer=SessionDocument,
              refusals=("envelope_invalid", "name_invalid", "reason_invalid", "csrf_refused"),
              example={"secret": "bg_…", "name": "李伟",
                       "reason": "nobody on duty can sign in, accounts are being drained"}),
    Operation("list_emergencies", "GET", "/v1/emergencies", "List the envelopes that were opened.",
              list_, scope="access:read", query=PageQuery, answer=EmergencyList,
              institution=True),
)  # fmt: skip
