"""What the network's methods do: content in, the values of the answer out, or a `Trouble`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from anfu.channels.alipay.amounts import read_amount, write_amount
from anfu.channels.alipay.signing import write_time
from anfu.channels.alipay.simulator.book import CLOSED, SUCCESS, WAITING, Book, Offer, Refund, Trade
from anfu.channels.alipay.simulator.call import Call, Trouble, Values
from anfu.channels.alipay.simulator.faults import CODES, WAITING_CODE

_PAYER_CODE = re.compile(r"(2[5-9]|30)[0-9]{14,22}")
_REFUND_PAUSE = timedelta(seconds=3)
_LIMITED = "isv.app-call-limited"
_BUYER = {"buyer_user_id": "2088000000009999", "buyer_logon_id": "pay***@example.com"}


class Till:
    """The methods over one book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._codes: set[str] = set()
        self.methods: Mapping[str, Callable[[Call], Values]] = {
            "alipay.trade.create": self._create,
            "alipay.trade.precreate": self._precreate,
            "alipay.trade.pay": self._pay,
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.cancel": self._cancel,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._query_refund,
        }

    def take(self, offer: Offer, *, now: datetime) -> Trade:
        """The payer comes for an offer: its trade. Raises Trouble for one that is over, or was
        another's."""
        known = self._book.trades.get(offer.number)
        if known is not None:
            _agreed(known, offer)
        elif offer.expires_at is not None and offer.expires_at <= now:
            raise Trouble("ACQ.TRADE_HAS_CLOSE")
        return self._book.open(offer, now=now)

    def _create(self, call: Call) -> Values:
        return _names(self.take(call.offer(), now=call.now))

    def _precreate(self, call: Call) -> Values:
        offer = call.offer()
        known = self._book.trades.get(offer.number)
        if known is not None:
            _agreed(known, offer)
        held = self._book.offers.setdefault(offer.number, offer)
        if not held.agrees(offer):
            raise Trouble("ACQ.CONTEXT_INCONSISTENT")
        return {"out_trade_no": offer.number, "qr_code": f"{call.base_url}/qr/{offer.number}"}

    def _pay(self, call: Call) -> Values:
        offer, code = call.offer(), str(call.content.get("auth_code", ""))
        known = self._book.trades.get(offer.number)
        if known is not None:
            _agreed(known, offer)
            raise Trouble("", "10003")
        if offer.expires_at is not None and offer.expires_at <= call.now:
            raise Trouble("ACQ.TRADE_HAS_CLOSE")
        if _PAYER_CODE.fullmatch(code) is None or code in self._codes:
            raise Trouble("ACQ.PAYMENT_AUTH_CODE_INVALID")
        if (trouble := CODES.get(code[-4:])) is not None:
            raise Trouble(trouble)
        self._codes.add(code)
        trade = self._book.open(offer, now=call.now)
        if code.endswith(WAITING_CODE):
            raise Trouble("", "10003")
        self._book.pay(trade, now=call.now)
        call.told.append((trade, None))
        return {**_names(trade), **_paid(trade)}

    def _query(self, call: Call) -> Values:
        trade = self._trade(call)
        total = {"total_amount": write_amount(trade.offer.amount)}
        return {**_names(trade), "trade_status": trade.state, **total, **_paid(trade)}

    def _close(self, call: Call) -> Values:
        trade = self._trade(call)
        if trade.state != WAITING:
            raise Trouble("ACQ.REASON_TRADE_STATUS_INVALID")
        self._book.close(trade, now=call.now)
        call.told.append((trade, None))
        return _names(trade)

    def _cancel(self, call: Call) -> Values:
        """Of what the network does not know it succeeds, and says no `action`."""
        number = str(call.content.get("out_trade_no"))
        trade = self._book.trades.get(number)
        if trade is None:
            return {"out_trade_no": number, "retry_flag": "N"}
        action = "close"
        if trade.state == SUCCESS:
            if trade.refunds:
                raise Trouble("ACQ.REASON_TRADE_REFUND_FEE_ERR")
            action = "refund"
            self._book.refund(trade, Refund(number, trade.offer.amount, call.now))
        elif trade.state == WAITING:
            self._book.close(trade, now=call.now)
        call.told.append((trade, trade.refunds.get(number)))
        return {**_names(trade), "retry_flag": "N", "action": action}

    def _refund(self, call: Call) -> Values:
        trade = self._trade(call)
        amount = read_amount(str(call.content.get("refund_amount", "")))
        wanted = Refund(str(call.content.get("out_request_no") or trade.offer.number), amount or 0,
                        call.now)  # fmt: skip
        known = trade.refunds.get(wanted.number)
        if known is None:
            _may_refund(trade, wanted)
            self._book.refund(trade, wanted)
            call.told.append((trade, wanted))
        elif known.amount != wanted.amount:
            raise Trouble("ACQ.DISCORDANT_REPEAT_REQUEST")
        moved = "Y" if known is None else "N"
        total = write_amount(trade.refunded)
        return {**_names(trade), "fund_change": moved, "refund_fee": total}

    def _query_refund(self, call: Call) -> Values:
        trade = self._trade(call)
        refund = trade.refunds.get(str(call.content.get("out_request_no")))
        if refund is None:
            return {}
        return {
            **_names(trade),
            "out_request_no": refund.number,
            "refund_amount": write_amount(refund.amount),
            "total_amount": write_amount(trade.offer.amount),
            "refund_status": "REFUND_SUCCESS",
        }

    def _trade(self, call: Call) -> Trade:
        trade = self._book.trades.get(str(call.content.get("out_trade_no")))
        if trade is None:
            raise Trouble("ACQ.TRADE_NOT_EXIST")
        return trade


def _agreed(known: Trade, offer: Offer) -> None:
    if not known.offer.agrees(offer):
        raise Trouble("ACQ.CONTEXT_INCONSISTENT")
    if known.state == CLOSED:
        raise Trouble("ACQ.TRADE_HAS_CLOSE")
    if known.state == SUCCESS:
        raise Trouble("ACQ.TRADE_HAS_SUCCESS")


def _may_refund(trade: Trade, wanted: Refund) -> None:
    if trade.state == WAITING:
        raise Trouble("ACQ.TRADE_STATUS_ERROR")
    if trade.state == CLOSED:
        raise Trouble("ACQ.TRADE_HAS_CLOSE")
    if not 0 < wanted.amount <= trade.offer.amount - trade.refunded:
        raise Trouble("ACQ.REASON_TRADE_REFUND_FEE_ERR")
    last = max((refund.at for refund in trade.refunds.values()), default=None)
    if last is not None and wanted.at - last < _REFUND_PAUSE:
        raise Trouble(_LIMITED, "40005")


def _names(trade: Trade) -> dict[str, str]:
    return {"out_trade_no": trade.offer.number, "trade_no": trade.reference}


def _paid(trade: Trade) -> dict[str, str]:
    if trade.paid_at is None:
        return {}
    amount = write_amount(trade.offer.amount)
    return {
        **_BUYER,
        "total_amount": amount,
        "receipt_amount": amount,
        "send_pay_date": write_time(trade.paid_at),
    }
