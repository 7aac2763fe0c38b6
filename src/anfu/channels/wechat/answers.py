"""A payment or a refund as the network writes it, verified by others, as our answer. Pure.

Amounts are integers in fen; where the network names no currency it is CNY.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from anfu.channels.port import ChannelAnswer
from anfu.channels.wechat.member import Member
from anfu.kernel.errors import Outcome, Refused
from anfu.kernel.money import MAX_MINOR

CURRENCY = "CNY"
_DONE, _NOT_DONE, _UNKNOWN = Outcome.DONE, Outcome.NOT_DONE, Outcome.UNKNOWN

# trade_state. REFUND says that it was paid and that something went back; REVOKED that a payer's
# code was reversed, money and all.
TRADES: Mapping[str, tuple[Outcome, str | None]] = MappingProxyType(
    {
        "SUCCESS": (_DONE, None),
        "REFUND": (_DONE, None),
        "NOTPAY": (_UNKNOWN, "payer_awaited"),
        "USERPAYING": (_UNKNOWN, "payer_awaited"),
        "ACCEPT": (_UNKNOWN, "processing"),
        "CLOSED": (_NOT_DONE, "closed"),
        "REVOKED": (_NOT_DONE, "closed"),
        "PAYERROR": (_NOT_DONE, "payer_declined"),
    }
)
# status, and refund_status in a notice. ABNORMAL: the payer's card or account takes no money; it
# can still be sent elsewhere (apply-abnormal-refund), so it is not over.
REFUNDS: Mapping[str, tuple[Outcome, str | None]] = MappingProxyType(
    {
        "SUCCESS": (_DONE, None),
        "PROCESSING": (_UNKNOWN, "processing"),
        "ABNORMAL": (_UNKNOWN, "refund_account_closed"),
        "CLOSED": (_NOT_DONE, "closed"),
    }
)
UNTRUSTED = ChannelAnswer(_UNKNOWN, None, "answer_untrusted")
MISPLACED = ChannelAnswer(_UNKNOWN, None, "answer_misplaced")


def trade_answer(member: Member, number: str, value: Mapping[str, Any]) -> ChannelAnswer:
    """What a transaction says about the payment `number`."""
    if value.get("out_trade_no") != number or not is_for(member, value):
        return MISPLACED
    moved = read_amount(value, "total"), read_reference(value, "transaction_id")
    return _answer(TRADES, value.get("trade_state"), *moved)


def refund_answer(number: str, refund: str, value: Mapping[str, Any]) -> ChannelAnswer:
    """What a refund's object says about our `refund` of the payment `number`."""
    if (value.get("out_trade_no"), value.get("out_refund_no")) != (number, refund):
        return MISPLACED
    moved = read_amount(value, "refund"), read_reference(value, "refund_id")
    return _answer(REFUNDS, value.get("status", value.get("refund_status")), *moved)


def compared(answer: ChannelAnswer, amount: int, currency: str) -> ChannelAnswer:
    """`answer`, UNKNOWN where something else was moved than we asked for."""
    if answer.outcome is not _DONE or (answer.amount, answer.currency) == (amount, currency):
        return answer
    return ChannelAnswer(
        _UNKNOWN,
        answer.reference,
        "amount_mismatch",
        answer.amount,
        answer.currency,
        said=answer.said,
    )


def is_for(member: Member, value: Mapping[str, Any]) -> bool:
    """Whether merchant and app are ours; a transaction names both."""
    return value.get("mchid") == member.merchant and member.is_ours(value.get("appid"))


def read_amount(value: Mapping[str, Any], name: str) -> tuple[int | None, str | None]:
    """Fen and currency; None for both where there is no amount. Raises Refused for what is no
    amount."""
    amounts = value.get("amount")
    if amounts is None:
        return None, None
    amount = amounts.get(name) if isinstance(amounts, Mapping) else None
    currency = amounts.get("currency", CURRENCY) if isinstance(amounts, Mapping) else None
    if type(amount) is not int or not 0 <= amount <= MAX_MINOR or not _is_text(currency):
        raise Refused("message_malformed", field="amount")
    return amount, str(currency)


def read_reference(value: Mapping[str, Any], name: str) -> str | None:
    """The network's own number. Raises Refused for what is none."""
    reference = value.get(name)
    if reference is not None and not _is_text(reference):
        raise Refused("message_malformed", field=name)
    return reference


def _answer(
    states: Mapping[str, tuple[Outcome, str | None]],
    state: object,
    moved: tuple[int | None, str | None],
    reference: str | None,
) -> ChannelAnswer:
    """A state that nobody has told us of is not over."""
    outcome, reason = states.get(str(state), (_UNKNOWN, "processing"))
    if not _is_text(state) or (outcome is _DONE and None in (*moved, reference)):
        return UNTRUSTED
    return ChannelAnswer(outcome, reference, reason, *moved, said=str(state))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64 and value.isascii()
