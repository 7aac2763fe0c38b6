"""Single sign-on: to the identity provider and back."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.cookie import SIGN_ON, check_site, clearing, setting, value_in
from anfu.entrypoints.api.documents import Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.sign_in import SessionDocument
from anfu.kernel.errors import Refused
from anfu.parties.access.session import csrf_token
from anfu.payments.access.document import session_document
from anfu.payments.access.sign_on import Return, begin_sign_on, sign_on
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer

Part = Annotated[str, Meta(min_length=1, max_length=2048)]


class ReturnForm(Request, frozen=True):
    """What the provider put into the address of our page."""

    code: Part
    state: Part

    def __repr__(self) -> str:
        return "ReturnForm(…)"


class SignOnDocument(Struct, frozen=True):
    """Where to send the browser."""

    object: Literal["sign_on"]
    url: str


async def begin(call: Call) -> Answer:
    """The way to the provider."""
    tools = call.desk.tools
    check_site("POST", call.headers, tools.policy.console.origins)
    ticket, url = await begin_sign_on(tools, now=call.now)
    call.more.append(setting(ticket, SIGN_ON))
    return Answer(200, encode({"object": "sign_on", "url": url}))


async def enter(call: Call) -> Answer:
    """The way back."""
    tools, form = call.desk.tools, call.body
    check_site("POST", call.headers, tools.policy.console.origins)
    ticket = value_in(call.headers, SIGN_ON)
    if ticket is None:
        raise Refused("ticket_invalid", field="Cookie")
    back = Return(ticket, form.code, form.state, call.address)
    done = await sign_on(tools, back, now=call.now)
    call.more += [setting(done.token), clearing(SIGN_ON)]
    csrf = csrf_token(tools.challenge_key, done.session.id)
    return Answer(200, encode(session_document(done.session, done.staff, csrf, now=call.now)))


OPERATIONS = (
    Operation("begin_sign_on", "POST", "/v1/sign_on/begin", "Begin single sign-on.", begin,
              answer=SignOnDocument, refusals=("sign_on_off", "csrf_refused")),
    Operation("sign_on", "POST", "/v1/sign_on", "End single sign-on, back from the provider.",
              enter, body=ReturnForm, answer=SessionDocument,
              refusals=("sign_on_off", "csrf_refused", "ticket_invalid", "ticket_expired",
                        "state_invalid", "code_refused", "id_token_invalid", "subject_unknown"),
              example={"code": "SplxlOBeZQQYbYS6WxSbIA", "state": "af0ifjsldkj"}),
)  # fmt: skip
