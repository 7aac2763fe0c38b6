"""Device sessions: a nonce for a page, the profile that comes back, and what it is worth."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.devices import TieDocument
from anfu.entrypoints.api.documents import Id, Personal, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.payments import check_address
from anfu.kernel.errors import Refused
from anfu.parties.devices import queries
from anfu.parties.devices.device import SessionState, Standing
from anfu.parties.devices.proof import SIGNATURE_BYTES, read_base64url
from anfu.payments.bind import Binding, bind
from anfu.payments.device_document import session_document
from anfu.payments.device_profile import PAYLOAD_MOST
from anfu.payments.document import encode
from anfu.payments.recognise import Sent, Visit
from anfu.storage.idempotency import Answer

Payload = Annotated[str, Meta(min_length=2, max_length=PAYLOAD_MOST)]
Signature = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{86}$", max_length=86)]
Ip = Annotated[str, Meta(max_length=45, description="IPv4 or IPv6.")]


class DeviceSessionForm(Request, frozen=True):
    """`payer`: who is expected to pay, where that is known."""

    payer: Id | None = None


class DeviceProfileForm(Request, frozen=True):
    """What the SDK returned, unchanged, and the address it came from."""

    payload: Payload
    signature: Signature
    address: Ip | None = None


class SignalDocument(Struct, frozen=True):
    """What is odd, in words."""

    code: str
    en: str
    zh: str


class DeviceSessionDocument(Struct, frozen=True):
    """A visit. `nonce`: for the page, told once. `standing` PROVEN: a known key signed; ALIKE:
    known by its traits only; NEW: never seen; REJECTED: the profile was not its own."""

    id: str
    object: Literal["device_session"]
    state: SessionState
    payer: str | None
    device: Personal | None
    standing: Standing | None
    bound: bool
    signals: list[SignalDocument]
    created_at: datetime
    profile_by: datetime
    nonce: str | None = None


async def create(call: Call) -> Answer:
    """Open a session."""
    form: DeviceSessionForm = call.body
    visit = Visit(call.once, call.merchant, form.payer)
    return await call.desk.go_on(await call.desk.visiting.submit(visit))


async def get(call: Call) -> Answer:
    """One session."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        session = await queries.get_session(tx, call.path["session"], merchant=call.merchant)
    call.saw(session.payer)
    return Answer(200, encode(session_document(session)))


async def send_profile(call: Call) -> Answer:
    """A profile comes; what was wrong with it is in the answer."""
    form: DeviceProfileForm = call.body
    if form.address is not None:
        check_address(form.address, "address")
    signature = read_base64url(form.signature)
    if signature is None or len(signature) != SIGNATURE_BYTES:
        raise Refused("field_invalid", field="signature", reason="not 64 bytes of base64url")
    sent = Sent(
        claim=call.once,
        merchant=call.merchant,
        session=call.path["session"],
        payload=form.payload,
        signature=signature,
        address=form.address,
    )
    return await call.desk.go_on(await call.desk.recognising.submit(sent))


async def bind_device(call: Call) -> Answer:
    """The device of the session belongs to its payer."""
    wish = Binding(call.once, call.path["session"], call.person)
    return call.saw_in(await bind(call.desk.tools, wish, now=call.now), "payer")


_PATH = "/v1/device-sessions"
OPERATIONS = (
    Operation("create_device_session", "POST", _PATH, "Open a device session: a nonce for a page"
              " or an app.", create, scope="devices:write", body=DeviceSessionForm,
              answer=DeviceSessionDocument, status=201, once=True, refusals=("customer_stored",),
              example={"payer": "cus_01kaw000000000000000000000"}),
    Operation("get_device_session", "GET", _PATH + "/{session}", "Read a device session.", get,
              scope="devices:read", answer=DeviceSessionDocument, personal=True,
              refusals=("device_session_not_found", "customer_stored")),
    Operation("send_device_profile", "POST", _PATH + "/{session}/profile", "Send the signed"
              " profile of a device.", send_profile, scope="devices:write",
              body=DeviceProfileForm, answer=DeviceSessionDocument, once=True,
              refusals=("device_session_not_found", "device_profile_invalid",
                        "customer_stored"),
              example={"payload": "{}", "signature": "A" * 86, "address": "203.0.113.7"}),
    Operation("bind_device", "POST", _PATH + "/{session}/bind", "Bind the device of a session to"
              " its payer, once you have verified that it is theirs.", bind_device,
              scope="devices:write", answer=TieDocument, once=True, institution=True, personal=True,
              refusals=("device_session_not_found", "device_session_unfit", "device_not_tied",
                        "customer_stored")),
)  # fmt: skip
