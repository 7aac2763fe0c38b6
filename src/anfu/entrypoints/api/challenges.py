"""Challenges: what the payer is asked, a code once more, and the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.authentication.code import veil
from anfu.authentication.ticket import new_ticket
from anfu.entrypoints.api.documents import Amount, Currency, Id, PaymentDocument, Personal, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id
from anfu.parties.party import CUSTOMER_PREFIX as CUSTOMER
from anfu.payments import queries
from anfu.payments.deny import Denial, deny
from anfu.payments.document import encode, rfc3339
from anfu.payments.present import present, send_code
from anfu.payments.step_up import Proof, step_up
from anfu.storage.idempotency import Answer, Claim

FactorName = Literal["sms_code", "totp", "hotp", "password", "passkey", "device_key", "face"]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$", max_length=6)]
Capture = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=64)]
Signature = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=128)]
Password = Annotated[str, Meta(min_length=1, max_length=64)]
_PARTS = {"sms_code": "code", "totp": "code", "hotp": "code", "password": "password",
          "device_key": "signature", "passkey": "assertion", "face": "capture"}  # fmt: skip


class ShownForm(Request, frozen=True):
    """The payment as the payer's screen showed it: other than it is, and the answer is refused."""

    payee: Id
    amount: Amount
    currency: Currency


class ProofForm(Request, frozen=True):
    """An answer by `factor`: a code, a password, a device key's signature (r and s, base64url), a
    passkey's assertion (AuthenticationResponseJSON), or the capture of a face: the reference that
    the firm of face checks gave the customer's device for `sign`. No picture is taken here."""

    factor: FactorName = "sms_code"
    code: Code | None = None
    password: Password | None = None
    signature: Signature | None = None
    assertion: dict[str, Any] | None = None
    capture: Capture | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(factor={self.factor!r})"


class ChallengeForm(ProofForm, frozen=True):
    """An answer for a payment. `device`: where it was read or made."""

    shown: ShownForm | None = None
    device: Id | None = None

    __repr__ = ProofForm.__repr__


class LinkedDocument(Struct, frozen=True):
    """What a proof confirms."""

    payment: str
    payee: str
    amount: int
    currency: str
    order: str | None


class ChallengeDocument(Struct, frozen=True):
    """What the payer is asked. `ways`: sets of factors, each enough by itself, least intrusive
    first; `next`: what may be answered with now; `sign`: what a key signs, which a page works out
    of `linked` itself; `options`: for `navigator.credentials.get`."""

    id: str
    object: Literal["challenge"]
    ways: list[list[str]]
    proven: list[str]
    next: list[str]
    linked: LinkedDocument
    payee_name: Personal
    sign: str
    options: dict[str, Any] | None
    attempts_left: int
    expires_at: datetime


class TicketDocument(Struct, frozen=True):
    """A ticket for the payer's page, and the page's address with it."""

    object: Literal["ticket"]
    ticket: str
    path: str
    expires_at: datetime


async def get(call: Call) -> Answer:
    """The challenge a payment waits for."""
    tools = call.desk.tools
    found = await present(tools, call.path["payment"], call.merchant, now=call.now)
    saw_payee(call, found)
    return Answer(200, encode(found))


async def code(call: Call) -> Answer:
    """A code to the payer, in place of the one before."""
    answer = await send_code(
        call.desk.tools, call.path["payment"], call.merchant, call.once, now=call.now
    )
    saw_payee(call, msgspec.json.decode(answer.body))
    return answer


async def prove(call: Call) -> Answer:
    """Answer the challenge of a payment."""
    claim = veiled(call, call.once)
    return await answer(call, call.body, claim, call.path["payment"], call.merchant)


def saw_payee(call: Call, challenge: dict[str, Any]) -> None:
    """Note whose name a challenge tells, unless it is a firm's."""
    payee = challenge["linked"]["payee"]
    call.saw(payee if is_id(CUSTOMER, payee) else None)


async def denied(call: Call) -> Answer:
    """The payer says that somebody else ordered the payment."""
    denial = Denial(call.once, call.merchant, call.path["payment"])
    done = await deny(call.desk.tools, denial, now=call.now)
    return Answer(200, done.body)


async def ticket(call: Call) -> Answer:
    """Let the payer's own page show the challenge and answer it."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        payment = await queries.get_payment(tx, call.path["payment"], merchant=call.merchant)
    return ticket_of(call, payment.id, "confirm")


async def answer(
    call: Call, form: ChallengeForm, claim: Claim, payment: str, merchant: str | None
) -> Answer:
    """How the payment stands after an answer. Raises Refused as `step_up`."""
    shown = form.shown
    seen = None if shown is None else (shown.payee, shown.amount, shown.currency)
    proof = Proof(claim, merchant, payment, content_of(form), form.factor, seen, form.device)
    desk = call.desk
    done = await desk.go_on(await step_up(desk.tools, proof, now=call.now))
    return Answer(200, done.body)


def content_of(form: ProofForm) -> str:
    """The answer itself. Raises Refused(field_invalid) unless there is exactly the one part that
    the factor answers with."""
    part = _PARTS[form.factor]
    given = {p for p in _PARTS.values() if getattr(form, p) is not None}
    if given != {part}:
        reason = f"{form.factor} is answered with {part}, and with nothing else"
        raise Refused("field_invalid", field=part, reason=reason)
    content = getattr(form, part)
    return content if isinstance(content, str) else msgspec.json.encode(content).decode()


def veiled(call: Call, claim: Claim) -> Claim:
    """The claim of a request with a secret in it: remembered by a keyed hash of its content."""
    return replace(claim, content=veil(call.desk.tools.challenge_key, claim.content))


def ticket_of(call: Call, subject: str, page: str) -> Answer:
    """A ticket for `subject`, from now on."""
    return Answer(200, encode(ticket_document(call, subject, page, since=call.now)))


def ticket_document(call: Call, subject: str, page: str, *, since: datetime) -> dict[str, Any]:
    """A ticket for that page as JSON values; it travels in the fragment, which no server writes
    into its log."""
    text, ends = new_ticket(call.desk.tools.challenge_key, subject, now=since)
    return {"object": "ticket", "ticket": text, "path": f"/checkout/{page}#{text}",
            "expires_at": rfc3339(ends)}  # fmt: skip


WRONG = ("payment_not_found", "payment_not_challenged", "challenge_failed", "factor_not_offered",
         "consent_missing", "face_unavailable", "face_checks_spent")  # fmt: skip
WRONG_CODE = ("payment_not_found", "payment_not_challenged", "challenge_ended",
              "factor_not_offered", "codes_spent", "code_rate_exceeded")  # fmt: skip
_PATH = "/v1/payments/{payment}/challenge"
OPERATIONS = (
    Operation("get_challenge", "GET", _PATH, "Read what the payer is asked.", get,
              scope="payments:read", answer=ChallengeDocument, personal=True,
              refusals=("payment_not_found", "payment_not_challenged")),
    Operation("prove_payment", "POST", _PATH, "Answer the challenge of a payment.", prove,
              scope="payments:write", body=ChallengeForm, answer=PaymentDocument, once=True,
              refusals=WRONG, example={"code": "123456"}),
    Operation("send_code", "POST", f"{_PATH}/code", "Send the payer a code.", code,
              scope="payments:write", answer=ChallengeDocument, once=True, personal=True,
              refusals=WRONG_CODE),
    Operation("deny_payment", "POST", f"{_PATH}/deny", "The payer did not order the payment: block"
              " it.", denied, scope="payments:write", answer=PaymentDocument, once=True,
              refusals=("payment_not_found", "payment_not_challenged")),
    Operation("create_payment_ticket", "POST", "/v1/payments/{payment}/ticket", "Let the payer's"
              " own page answer.", ticket, scope="payments:write", answer=TicketDocument,
              refusals=("payment_not_found",)),
)  # fmt: skip
