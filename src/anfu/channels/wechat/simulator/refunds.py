"""Refunds as the network does them: at most 50 of one payment, never more than was paid. In the
book of `desk`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anfu.channels.sandbox.faults import Fault
from anfu.channels.wechat.scenes import rfc3339
from anfu.channels.wechat.simulator.desk import Desk
from anfu.channels.wechat.simulator.orders import (
    PAID,
    Declined,
    Order,
    Refund,
    RefundState,
)
from anfu.channels.wechat.simulator.troubles import Trouble

_REFUNDS_MAX = 50


def refund(desk: Desk, body: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The refund under its number: new, or as it stands. Raises Declined."""
    order = _refundable(desk, body, now=now)
    amounts, number = body["amount"], body["out_refund_no"]
    known = order.refunds.get(number)
    if known is None:
        _check(desk, order, amounts)
        known = _take_back(desk, order, body, now=now)
    elif known.amount != amounts["refund"]:
        raise Declined(400, "INVALID_REQUEST")
    said = returned(order, known)
    if known.state is RefundState.PROCESSING:
        _finish(desk, order, known, now=now)
    return said


def query_refund(desk: Desk, number: str) -> dict[str, Any]:
    """Raises Declined for an unknown number."""
    found = desk.orders.find_refund(number)
    if found is None:
        raise Declined(404, "RESOURCE_NOT_EXISTS")
    return returned(*found)


def refund_elsewhere(
    desk: Desk, reference: str, body: Mapping[str, Any], *, now: datetime
) -> dict[str, Any]:
    """A refund that is ABNORMAL goes to another card. Raises Declined."""
    found = desk.orders.find_refund(reference)
    if found is None or found[1].number != body["out_refund_no"]:
        raise Declined(404, "RESOURCE_NOT_EXISTS")
    order, known = found
    sealed = body["type"] == "MERCHANT_BANK_CARD" or {"bank_account", "real_name"} <= body.keys()
    if known.state is not RefundState.ABNORMAL or not sealed:
        raise Declined(400, "INVALID_REQUEST")
    known.state = RefundState.PROCESSING
    said = returned(order, known)
    _finish(desk, order, known, now=now)
    return said


def returned(order: Order, refund: Refund) -> dict[str, Any]:
    """The refund as the network's object."""
    total = order.wanted.total
    return {
        "refund_id": refund.id,
        "out_refund_no": refund.number,
        "transaction_id": order.transaction,
        "out_trade_no": order.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(refund.at),
        "status": refund.state.value,
        "amount": {
            "total": total,
            "refund": refund.amount,
            "payer_total": total,
            "payer_refund": refund.amount,
            "currency": order.wanted.currency,
        },
    }


def _refundable(desk: Desk, body: Mapping[str, Any], *, now: datetime) -> Order:
    if "transaction_id" in body:
        order = desk.orders.by_transaction(body["transaction_id"])
    else:
        order = desk.orders.find(body["out_trade_no"], now=now)
    if order is None or order.state not in PAID:
        raise Declined(404, "RESOURCE_NOT_EXISTS")
    return order


def _check(desk: Desk, order: Order, amounts: Mapping[str, Any]) -> None:
    wanted = order.wanted
    fits = (amounts["total"], amounts["currency"]) == (wanted.total, wanted.currency)
    left = wanted.total - order.returned
    if not fits or not 0 < amounts["refund"] <= left or len(order.refunds) >= _REFUNDS_MAX:
        raise Declined(400, "INVALID_REQUEST")
    if desk.funds.balance < amounts["refund"]:
        raise Declined(403, "NOT_ENOUGH")


def _take_back(desk: Desk, order: Order, body: Mapping[str, Any], *, now: datetime) -> Refund:
    number, state = body["out_refund_no"], RefundState.PROCESSING
    if desk.troubles.hits(Trouble.ABNORMAL_REFUND, number):
        state = RefundState.ABNORMAL
    made = Refund(
        number,
        desk.orders.new_number("50", now=now),
        body["amount"]["refund"],
        now,
        state,
        body.get("notify_url"),
    )
    desk.orders.add_refund(order, made)
    if state is RefundState.ABNORMAL:
        desk.tell(order, made)
    elif not desk.troubles.hits(Fault.PROCESSING, number):
        _finish(desk, order, made, now=now)
    return made


def _finish(desk: Desk, order: Order, refund: Refund, *, now: datetime) -> None:
    refund.state = RefundState.SUCCESS
    desk.funds.give(order, "退款", refund.amount, now=now, refund=refund)
    desk.tell(order, refund)
