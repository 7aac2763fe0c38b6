"""The page where a customer agrees to a mandate: its terms, the proof of two factors, or a no.

The ticket comes with the proposed mandate. What is proven is what the page shows: it works the
digest of the terms out of them, and other terms than those proposed end the mandate before it
began.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.challenges import ChallengeDocument, ProofForm, content_of
from anfu.entrypoints.api.checkout import (
    ONCE,
    TICKET,
    SendForm,
    Ticket,
    TicketForm,
    claim_of,
    subject_of,
)
from anfu.entrypoints.api.checkout_mandates import ShownMandate, shown_mandate
from anfu.entrypoints.api.documents import Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.mandates.mandate import PREFIX
from anfu.parties.mandates.queries import get_mandate
from anfu.parties.queries import find_names
from anfu.payments.agree import Agreement, find_asked, prove_mandate, send_mandate_code
from anfu.payments.document import encode
from anfu.payments.withdraw import decline
from anfu.storage.idempotency import Answer

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


class AgreementForm(Request, frozen=True):
    """The customer's answer. `shown`: SHA-256 (hex) of the terms as the page showed them."""

    ticket: Ticket
    once: Id
    shown: Digest
    answer: ProofForm


class MandatePage(Struct, frozen=True):
    """A mandate as its customer is asked to agree to it. `signatory`: what stands in the digest of
    the terms for customer and device; `challenge`: null when no answer would be good any more."""

    object: Literal["mandate_page"]
    mandate: ShownMandate
    merchant: str
    signatory: str
    challenge: ChallengeDocument | None


async def read(call: Call) -> Answer:
    """What the customer is to agree to."""
    return await _shown(call, subject_of(call, PREFIX))


async def code(call: Call) -> Answer:
    """A code to the customer, in place of the one before."""
    mandate = subject_of(call, PREFIX)
    claim = claim_of(call, mandate)
    return await send_mandate_code(call.desk.tools, mandate, None, claim, now=call.now)


async def prove(call: Call) -> Answer:
    """The customer's answer."""
    mandate, form = subject_of(call, PREFIX), call.body
    content, factor = content_of(form.answer), form.answer.factor
    given = Agreement(claim_of(call, mandate), None, mandate, content, factor, form.shown)
    await prove_mandate(call.desk.tools, given, now=call.now)
    return await _shown(call, mandate)


async def declined(call: Call) -> Answer:
    """The customer does not agree."""
    mandate = subject_of(call, PREFIX)
    await decline(call.desk.tools, mandate, claim_of(call, mandate), now=call.now)
    return await _shown(call, mandate)


async def _shown(call: Call, mandate: str) -> Answer:
    tools = call.desk.tools
    async with tools.database.transaction(readonly=True) as tx:
        found = await get_mandate(tx, mandate, merchant=None)
        merchant = found.terms.merchant
        name = (await find_names(tx, [merchant], ring=tools.sealer.ring))[merchant]
        asked = await find_asked(tx, tools, found, name, now=call.now)
    document = {"object": "mandate_page", "mandate": shown_mandate(found, name),
                "merchant": merchant, "signatory": found.terms.signatory(),
                "challenge": asked}  # fmt: skip
    return Answer(200, encode(document))


_PATH = "/v1/checkout/mandate"
_MISSING = ("mandate_not_found", "mandate_not_pending")
OPERATIONS = (
    Operation("read_checkout_mandate", "POST", _PATH, "What a mandate's customer is to agree to,"
              " for its page.", read, body=TicketForm, answer=MandatePage,
              refusals=(*TICKET, "mandate_not_found")),
    Operation("send_checkout_mandate_code", "POST", f"{_PATH}/code", "A code to a mandate's"
              " customer, from its page.", code, body=SendForm, answer=ChallengeDocument,
              refusals=(*ONCE, *_MISSING, "challenge_ended", "factor_not_offered", "codes_spent",
                        "code_rate_exceeded")),
    Operation("prove_checkout_mandate", "POST", f"{_PATH}/answer", "The customer's answer for a"
              " mandate, from its page.", prove, body=AgreementForm, answer=MandatePage,
              refusals=(*ONCE, *_MISSING, "factor_not_offered", "challenge_failed",
                        "consent_missing", "face_unavailable")),
    Operation("decline_checkout_mandate", "POST", f"{_PATH}/decline", "The customer does not agree"
              " to a mandate, from its page.", declined, body=SendForm, answer=MandatePage,
              refusals=(*ONCE, *_MISSING)),
)  # fmt: skip
