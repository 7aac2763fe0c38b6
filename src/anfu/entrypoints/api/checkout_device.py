"""The device of a checkout's payer: a nonce for the SDK on the page, and the profile it signed.

Paying goes on without it: what risk does not know of a device it makes up for by other means.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from anfu.entrypoints.api.checkout import claim_of
from anfu.entrypoints.api.checkout_page import PageKey, opened
from anfu.entrypoints.api.checkout_pay import ONCE
from anfu.entrypoints.api.device_sessions import Payload, Signature
from anfu.entrypoints.api.documents import Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.parties.devices.proof import SIGNATURE_BYTES, read_base64url
from anfu.payments.checkouts.queries import get_standing
from anfu.payments.document import encode
from anfu.payments.recognise import Sent, Visit
from anfu.storage.idempotency import Answer


class VisitForm(Request, frozen=True):
    """The page, and its own mark of this visit."""

    checkout: Id
    key: PageKey
    once: Id


class ProfileForm(Request, frozen=True):
    """What the SDK signed, unchanged."""

    checkout: Id
    key: PageKey
    once: Id
    session: Id
    payload: Payload
    signature: Signature


class PageVisit(Struct, frozen=True):
    """A visit of the page; `nonce`: what the SDK signs; `device`: what the page is to remember,
    null until it was profiled, and of a profile that proved nothing."""

    object: Literal["page_visit"]
    session: str
    nonce: str | None
    device: str | None


async def visit(call: Call) -> Answer:
    """Open a device session for the payer."""
    merchant, payer = await _sides(call)
    wish = Visit(claim_of(call, call.body.checkout), merchant, payer)
    return _told(await call.desk.go_on(await call.desk.visiting.submit(wish)))


async def profile(call: Call) -> Answer:
    """The profile of the payer's device."""
    form: ProfileForm = call.body
    merchant, _ = await _sides(call)
    signature = read_base64url(form.signature)
    if signature is None or len(signature) != SIGNATURE_BYTES:
        raise Refused("field_invalid", field="signature", reason="not 64 bytes of base64url")
    claim = claim_of(call, form.checkout)
    sent = Sent(claim, merchant, form.session, form.payload, signature, call.address or None)
    return _told(await call.desk.go_on(await call.desk.recognising.submit(sent)))


async def _sides(call: Call) -> tuple[str, str | None]:
    """The scope of the device session, and the payer where it is a customer."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        checkout = (await get_standing(tx, opened(call), merchant=None)).checkout
    return checkout.payee, None if checkout.guest else checkout.payer


def _told(answer: Answer) -> Answer:
    """No more than the page needs: what is odd about a device is not for whoever holds it."""
    said = msgspec.json.decode(answer.body)
    told = {"session": said["id"], "nonce": said.get("nonce"), "device": said["device"]}
    return Answer(200, encode({"object": "page_visit", **told}))


OPERATIONS = (
    Operation("visit_checkout", "POST", "/v1/checkout/device", "Open a device session, from the"
              " payer's page.", visit, body=VisitForm, answer=PageVisit,
              refusals=(*ONCE, "customer_stored")),
    Operation("profile_checkout", "POST", "/v1/checkout/profile", "Send the signed profile of the"
              " payer's device, from its page.", profile, body=ProfileForm, answer=PageVisit,
              refusals=(*ONCE, "customer_stored", "device_session_not_found",
                        "device_profile_invalid")),
)  # fmt: skip
