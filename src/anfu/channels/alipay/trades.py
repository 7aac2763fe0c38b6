"""What an answer says of a payment or a refund. Pure.

TRADE_CLOSED has two meanings: never paid, or paid and given back in full. Only a trade that was
paid has a `send_pay_date`.
"""

from __future__ import annotations

from typing import Any

from anfu.channels.alipay.amounts import CURRENCY, read_amount
from anfu.channels.alipay.answers import Answer, Untrusted
from anfu.channels.alipay.reasons import meaning_of, short
from anfu.channels.port import (
    ChannelAnswer,
    ChannelOrder,
    ChannelRefund,
    Handover,
    HandoverKind,
    Scene,
)
from anfu.kernel.errors import Outcome, OutsideFailure

PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")
_AWAITED = "payer_awaited"


def unsaid(failure: OutsideFailure, *, first: bool) -> ChannelAnswer:
    """A call without an answer. What was not sent now may have been sent before, unless this was
    the first time."""
    return ChannelAnswer(failure.outcome if first else Outcome.UNKNOWN, None, failure.reason)


def untrusted(answer: Untrusted) -> ChannelAnswer:
    return ChannelAnswer(Outcome.UNKNOWN, None, "answer_untrusted", said=answer.said)


def declined(answer: Answer, *, alone: bool) -> ChannelAnswer:
    """An answer that is no success; `alone`: no other sending of the number can still succeed."""
    meaning = meaning_of(answer)
    outcome = Outcome.NOT_DONE if meaning.final and alone else Outcome.UNKNOWN
    return ChannelAnswer(outcome, None, meaning.code, said=answer.said)


def awaited(handover: Handover | None, said: str | None = None) -> ChannelAnswer:
    """The payer must act."""
    return ChannelAnswer(Outcome.UNKNOWN, None, _AWAITED, handover=handover, said=said)


def ordered(answer: Answer, order: ChannelOrder) -> ChannelAnswer:
    """What a success of `.create`, `.precreate` or `.pay` says."""
    if answer.text("out_trade_no") != order.payment:
        return _misplaced(answer)
    if order.scene is Scene.PAYER_CODE:
        return _paid(answer, order.amount)
    if code := answer.text("qr_code"):
        return awaited(Handover(HandoverKind.CODE, {"text": code}))
    if number := answer.text("trade_no"):
        return awaited(Handover(HandoverKind.CALL, {"tradeNO": number}))
    return _misplaced(answer)


def queried(answer: Answer, order: ChannelOrder) -> ChannelAnswer:
    """What `.query` says of an order."""
    if answer.code != "10000":
        return declined(answer, alone=False)
    if answer.text("out_trade_no") != order.payment:
        return _misplaced(answer)
    status = answer.text("trade_status")
    if status in PAID or (status == "TRADE_CLOSED" and answer.text("send_pay_date")):
        return _paid(answer, order.amount)
    reference = answer.text("trade_no") or None
    if status == "TRADE_CLOSED":
        return ChannelAnswer(Outcome.NOT_DONE, reference, "closed", said=status)
    reason = _AWAITED if status == "WAIT_BUYER_PAY" else "processing"
    return ChannelAnswer(Outcome.UNKNOWN, reference, reason, said=status or answer.said)


def refunded(answer: Answer, refund: ChannelRefund) -> ChannelAnswer:
    """What `.refund` says, once it says that money moved: `refund_fee` is the sum of all refunds
    of the trade, so it can only be bounded."""
    if answer.text("out_trade_no") != refund.payment:
        return _misplaced(answer)
    total = read_amount(answer.text("refund_fee"))
    if total is None or not refund.amount <= total <= refund.total:
        return _done(answer, total, "amount_mismatch")
    return _done(answer, refund.amount, None)


def refund_queried(answer: Answer, refund: ChannelRefund) -> ChannelAnswer:
    """What `.fastpay.refund.query` says. Without a `refund_status` the refund has not arrived or
    has failed: nobody knows which."""
    if answer.code != "10000":
        return declined(answer, alone=False)
    if not answer.text("refund_status"):
        return ChannelAnswer(Outcome.UNKNOWN, None, "not_found", said=answer.said)
    numbers = (answer.text("out_trade_no"), answer.text("out_request_no"))
    if numbers != (refund.payment, refund.refund):
        return _misplaced(answer)
    if answer.text("refund_status") != "REFUND_SUCCESS":
        return ChannelAnswer(Outcome.UNKNOWN, None, "processing", said=answer.text("refund_status"))
    amount = read_amount(answer.text("refund_amount"))
    return _done(answer, amount, None if amount == refund.amount else "amount_mismatch")


def is_unknown_trade(answer: Answer) -> bool:
    return short(answer.sub_code) == "TRADE_NOT_EXIST"


def is_paid_trade(answer: Answer) -> bool:
    return short(answer.sub_code) == "TRADE_HAS_SUCCESS"


def _paid(answer: Answer, asked: int) -> ChannelAnswer:
    amount = read_amount(answer.text("total_amount"))
    return _done(answer, amount, None if amount == asked else "amount_mismatch")


def _done(answer: Answer, amount: int | None, wrong: str | None) -> ChannelAnswer:
    """DONE, unless something is `wrong` with it."""
    outcome = Outcome.DONE if wrong is None else Outcome.UNKNOWN
    currency: dict[str, Any] = {} if amount is None else {"currency": CURRENCY}
    reference = answer.text("trade_no") or None
    said = answer.text("trade_status") or answer.said
    return ChannelAnswer(outcome, reference, wrong, amount, said=said, **currency)


def _misplaced(answer: Answer) -> ChannelAnswer:
    return ChannelAnswer(Outcome.UNKNOWN, None, "answer_misplaced", said=answer.said)
