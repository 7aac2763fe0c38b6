"""What a payer does on the page of a checkout: pays, gives an attempt up, says how it was."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from anfu.channels.port import Scene
from anfu.entrypoints.api.checkout import claim_of
from anfu.entrypoints.api.checkout_page import OPEN, CheckoutPage, PageKey, opened, shown
from anfu.entrypoints.api.documents import BARRED, Amount, Currency, Id, Request
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.payments.call_off import call_off
from anfu.payments.checkouts.checkout import Checkout, Offer
from anfu.payments.checkouts.choose import Choosing, needs_proof, offer_of
from anfu.payments.checkouts.queries import get_standing
from anfu.payments.feedback.give import Said, give_feedback
from anfu.payments.meeting import NO_MEETING, Meeting
from anfu.payments.pay import PayOrder
from anfu.payments.payment import State as PaymentState
from anfu.payments.review import Disposition, dispose
from anfu.risk.environment import Environment
from anfu.storage.idempotency import Answer


class SeenForm(Request, frozen=True):
    """What stood on the payer's screen: other than it is, and nothing is paid."""

    amount: Amount
    currency: Currency


class PayForm(Request, frozen=True):
    """The payer takes the offer number `method`. `once`: the page's own mark of this tap: the same
    one pays once. `scene`: a telephone's browser or a computer's, where the payer goes on at a
    network; `session`: the device session the page has signed, where it could."""

    checkout: Id
    key: PageKey
    once: Id
    method: Annotated[int, Meta(ge=0, le=11)]
    shown: SeenForm
    scene: Literal["H5", "PAGE"] = "H5"
    session: Id | None = None


class CancelForm(Request, frozen=True):
    """The payer does not go on with the payment under way."""

    checkout: Id
    key: PageKey
    once: Id


class FeedbackForm(Request, frozen=True):
    """One to five; five is best."""

    checkout: Id
    key: PageKey
    once: Id
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(min_length=1, max_length=500)] | None = None

    def __repr__(self) -> str:
        return f"FeedbackForm(score={self.score})"


async def pay(call: Call) -> Answer:
    """Pay by the method that was chosen."""
    form: PayForm = call.body
    id_ = opened(call)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        checkout = (await get_standing(tx, id_, merchant=None)).checkout
    if (form.shown.amount, form.shown.currency) != (checkout.amount, checkout.currency):
        raise Refused("checkout_shown_otherwise", field="shown")
    await call.desk.pay(_order(call, checkout, offer_of(checkout, form.method)))
    return await shown(call)


def _order(call: Call, checkout: Checkout, offer: Offer) -> PayOrder:
    form: PayForm = call.body
    return PayOrder(
        claim=claim_of(call, checkout.id),
        merchant=checkout.payee,
        payer=checkout.payer,
        payee=checkout.payee,
        amount=checkout.amount,
        currency=checkout.currency,
        method=offer.method,
        environment=Environment(None, call.address or None, None, None, form.session),
        card=offer.card,
        code=checkout.code,
        order=checkout.order,
        description=checkout.description,
        meeting=_meeting(call, checkout, offer),
        checkout=Choosing(checkout.id, form.method, needs_proof(offer)),
    )


def _meeting(call: Call, checkout: Checkout, offer: Offer) -> Meeting:
    """The network sends its payer back to the page, which knows its own key."""
    if needs_proof(offer):
        return NO_MEETING
    back = f"{call.desk.tools.policy.party.origins[0]}/pay/{checkout.id}"
    return Meeting(Scene(call.body.scene), return_url=back)


async def cancel(call: Call) -> Answer:
    """Give up the payment that waits for its payer."""
    tools, id_ = call.desk.tools, opened(call)
    async with tools.database.transaction(readonly=True) as tx:
        standing = await get_standing(tx, id_, merchant=None)
    if not standing.tries:
        raise Refused("payment_not_waiting", field="checkout", state="NONE")
    payment = standing.tries[-1].payment
    wish = Disposition(claim_of(call, id_), None, payment, PaymentState.CANCELLED, "payer")
    if await call_off(tools, wish, now=call.now) is None:
        await call.desk.go_on(await dispose(tools, wish, now=call.now))
    return await shown(call)


async def say(call: Call) -> Answer:
    """A score, and a comment if there is one."""
    form: FeedbackForm = call.body
    checkout = opened(call)
    said = Said(claim_of(call, checkout), checkout, form.score, form.comment)
    await give_feedback(call.desk.tools, said, now=call.now)
    return await shown(call)


ONCE = (*OPEN, "idempotency_key_reused", "idempotency_in_flight")
_NOT_PAYABLE = ("checkout_paid", "checkout_paying", "checkout_expired", "checkout_closed")


def _page(name: str, path: str, summary: str, handler: Any, body: Any, *codes: str) -> Operation:
    return Operation(name, "POST", f"/v1/checkout/{path}", summary, handler, body=body,
                     answer=CheckoutPage, refusals=(*ONCE, *codes))  # fmt: skip


OPERATIONS = (
    _page("pay_checkout", "pay", "Pay a checkout by one of its methods, from the payer's page.",
          pay, PayForm, *_NOT_PAYABLE, *BARRED, "checkout_shown_otherwise", "method_not_offered",
          "party_not_found", "method_unknown", "no_route", "card_required", "scene_not_allowed",
          "purpose_needed", "payer_document_expired", "code_contradicts_scene"),
    _page("cancel_checkout_payment", "cancel", "Give up the payment under way, from the payer's"
          " page.", cancel, CancelForm, "payment_not_found", "payment_not_waiting"),
    _page("give_feedback", "feedback", "Say how paying was, from the payer's page.", say,
          FeedbackForm, "feedback_too_early"),
)  # fmt: skip
