"""What the payer's pages ask with a ticket for a key: the challenge of a payment, the set-up of a
factor. The pages themselves are those of `web/checkout` (`pages`)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, to_builtins

from anfu.authentication.code import veil
from anfu.authentication.ticket import read_ticket
from anfu.entrypoints.api.challenges import (
    WRONG,
    WRONG_CODE,
    ChallengeDocument,
    ChallengeForm,
    answer,
)
from anfu.entrypoints.api.documents import Id, PaymentDocument, Request
from anfu.entrypoints.api.factors import (
    WRONG as WRONG_FACTOR,
)
from anfu.entrypoints.api.factors import (
    ConfirmationForm,
    FactorDocument,
    SetupDocument,
    first_answer,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Refused
from anfu.payments.deny import Denial, deny
from anfu.payments.document import encode
from anfu.payments.present import present, send_code
from anfu.payments.set_up import Confirmation, confirm_factor, read_setup
from anfu.storage.idempotency import Answer, Claim

_OWNER = "checkout"

Ticket = Annotated[str, Meta(min_length=1, max_length=128)]


class TicketForm(Request, frozen=True):
    """The page's ticket."""

    ticket: Ticket


class SendForm(Request, frozen=True):
    """The page's ticket; `once` is its own mark of this request: the same one is done once."""

    ticket: Ticket
    once: Id


class AnswerForm(Request, frozen=True):
    """The payer's answer."""

    ticket: Ticket
    once: Id
    answer: ChallengeForm


class FirstAnswerForm(Request, frozen=True):
    """The first answer of a factor that is set up."""

    ticket: Ticket
    once: Id
    answer: ConfirmationForm


async def read(call: Call) -> Answer:
    """What the payer is asked."""
    payment = subject_of(call, "pay")
    return Answer(200, encode(await present(call.desk.tools, payment, None, now=call.now)))


async def code(call: Call) -> Answer:
    """A code once more."""
    payment = subject_of(call, "pay")
    return await send_code(call.desk.tools, payment, None, claim_of(call, payment), now=call.now)


async def prove(call: Call) -> Answer:
    """The payer's answer."""
    payment = subject_of(call, "pay")
    return await answer(call, call.body.answer, claim_of(call, payment), payment, None)


async def denied(call: Call) -> Answer:
    """The payer says that somebody else ordered the payment."""
    payment = subject_of(call, "pay")
    denial = Denial(claim_of(call, payment), None, payment)
    done = await deny(call.desk.tools, denial, now=call.now)
    return Answer(200, done.body)


async def setup(call: Call) -> Answer:
    """What setting a factor up needs."""
    _, document = await read_setup(call.desk.tools, subject_of(call, "fac"), None)
    return Answer(200, encode(document))


async def confirm(call: Call) -> Answer:
    """The first answer of a factor."""
    factor = subject_of(call, "fac")
    content = first_answer(call.body.answer)
    wish = Confirmation(claim_of(call, factor), None, factor, content)
    return await confirm_factor(call.desk.tools, wish, now=call.now)


def subject_of(call: Call, kind: str) -> str:
    """The id, of that kind, that the page's ticket is for.
    Raises Refused: page_foreign, ticket_invalid, ticket_expired."""
    check_own_page(call)
    key = call.desk.tools.challenge_key
    return read_ticket(key, call.body.ticket, kind=kind, now=call.now)


def check_own_page(call: Call) -> None:
    """A browser says which page a request comes from (Fetch Metadata): a page of somebody else's
    asks for nothing here, not even with a ticket it got hold of. Raises Refused(page_foreign)."""
    if call.headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
        raise Refused("page_foreign")


def claim_of(call: Call, subject: str) -> Claim:
    """The claim of a request by the page, under its own mark."""
    content = veil(call.desk.tools.challenge_key, digest(to_builtins(call.body)))
    return Claim(_OWNER, f"{subject}:{call.body.once}", content)


TICKET = ("page_foreign", "ticket_invalid", "ticket_expired")
ONCE = (*TICKET, "idempotency_key_reused", "idempotency_in_flight")
OPERATIONS = (
    Operation("read_checkout", "POST", "/v1/checkout/challenge", "What the payer is asked, for the"
              " payer's page.", read, body=TicketForm, answer=ChallengeDocument,
              refusals=(*TICKET, "payment_not_found", "payment_not_challenged")),
    Operation("send_checkout_code", "POST", "/v1/checkout/code", "A code to the payer, from the"
              " payer's page.", code, body=SendForm, answer=ChallengeDocument,
              refusals=(*ONCE, *WRONG_CODE)),
    Operation("prove_checkout", "POST", "/v1/checkout/answer", "The payer's answer, from the"
              " payer's page.", prove, body=AnswerForm, answer=PaymentDocument,
              refusals=(*ONCE, *WRONG)),
    Operation("deny_checkout", "POST", "/v1/checkout/deny", "The payer did not order the payment,"
              " from the payer's page.", denied, body=SendForm, answer=PaymentDocument,
              refusals=(*ONCE, "payment_not_found", "payment_not_challenged")),
    Operation("read_checkout_setup", "POST", "/v1/checkout/setup", "What setting a factor up"
              " needs, for the customer's page.", setup, body=TicketForm, answer=SetupDocument,
              refusals=(*TICKET, "factor_not_found", "factor_not_pending")),
    Operation("confirm_checkout_factor", "POST", "/v1/checkout/confirm", "The first answer of a"
              " factor, from the customer's page.", confirm, body=FirstAnswerForm,
              answer=FactorDocument, refusals=(*ONCE, *WRONG_FACTOR)),
)  # fmt: skip
