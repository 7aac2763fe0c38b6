"""Trade bills in the networks' own formats, for the bench: written row by row by the networks'
simulators, as the product will read them. Rows of one kind differ only where a line does."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from anfu.channels.alipay.simulator import book
from anfu.channels.alipay.simulator.statements import Deed, trade_archive
from anfu.channels.bills.bill import TradeKind, TradeLine, TradeState
from anfu.channels.unionpay.layout import TRADES
from anfu.channels.unionpay.messages import order_id
from anfu.channels.unionpay.scenes import PAY, REFUND
from anfu.channels.unionpay.simulator.keys import MERCHANT
from anfu.channels.unionpay.simulator.orders import Record
from anfu.channels.unionpay.simulator.statements import amounts, packed, row_values
from anfu.channels.wechat.provision import MERCHANT_NUMBER
from anfu.channels.wechat.simulator.orders import Order, Refund, RefundState, Wanted
from anfu.channels.wechat.simulator.statements import Row, paid_row, refund_row, trade_lines
from anfu.settlement.reconciliation.terms import Terms

RATE_PPM = 6000
_SUBJECT = "一日之计"
# What a payment and its line can be made to be in every format, besides alike.
_CLASSES = ("LONG", "LONG_FAILED", "SHORT", "AMOUNT_MISMATCH", "FEE_MISMATCH", "DUPLICATE")


@dataclass(frozen=True, slots=True)
class Format:
    """How a network writes the bill of a day, what is agreed with it, and the classes of
    differences that such a bill can show."""

    write: Callable[[Iterable[TradeLine], date], bytes]
    terms: Terms
    classes: tuple[str, ...] = _CLASSES


def _write_wechat(lines: Iterable[TradeLine], day: date) -> bytes:
    packed_file = io.BytesIO()
    with gzip.GzipFile(fileobj=packed_file, mode="wb", compresslevel=6, mtime=0) as file:
        file.writelines(trade_lines(map(_wechat_row, lines)))
    return packed_file.getvalue()


def _wechat_row(line: TradeLine) -> Row:
    wanted = Wanted("wx00000000000000a1", "JSAPI", line.amount, line.currency, _SUBJECT)
    order = Order(line.number, wanted, "", line.at, paid_at=line.at, transaction=line.reference)
    if line.refund is None:
        row = paid_row(order, MERCHANT_NUMBER)
    else:
        refund = Refund(
            line.refund, line.reference, line.amount, line.at, RefundState.SUCCESS, None
        )
        row = refund_row(order, MERCHANT_NUMBER, refund)
    if line.state is TradeState.NOT_DONE:
        row["退款状态"] = "FAIL"
    beyond = line.fee - _fee(line)
    row["手续费"] = f"{Decimal(row['手续费']) + Decimal(beyond) / 100:.5f}"
    return row


def _write_alipay(lines: Iterable[TradeLine], day: date) -> bytes:
    return trade_archive(map(_alipay_deed, lines), day)


def _alipay_deed(line: TradeLine) -> Deed:
    offer = book.Offer(line.number, line.amount, _SUBJECT, None)
    trade = book.Trade(offer, line.reference, line.at)
    refund = None if line.refund is None else book.Refund(line.refund, line.amount, line.at)
    return Deed(trade, refund, line.amount, abs(line.fee), line.at)


def _write_unionpay(lines: Iterable[TradeLine], day: date) -> bytes:
    return packed(day, MERCHANT, {"ZM": map(_unionpay_row, lines)})


def _unionpay_row(line: TradeLine) -> bytes:
    payment = _unionpay_record(line, PAY, line.number)
    if line.refund is None:
        record, original = payment, None
    else:
        record, original = _unionpay_record(line, REFUND, line.refund), payment
    values = row_values(record, original, MERCHANT)
    return TRADES.write(values | amounts(record.kind, line.amount, line.fee))


def _unionpay_record(line: TradeLine, kind: str, number: str) -> Record:
    fields = {"orderId": order_id(number), "txnAmt": str(line.amount), "txnType": kind,
              "txnSubType": "01", "bizType": "000201"}  # fmt: skip
    return Record(fields, "", "00", line.reference[-21:], line.at)


def _fee(line: TradeLine) -> int:
    return fee_of(line.amount) if line.kind is TradeKind.PAYMENT else -fee_of(line.amount)


def fee_of(amount: int) -> int:
    """What every network takes here: 0.6 %, half a fen up."""
    return (amount * RATE_PPM + 500_000) // 1_000_000


FORMATS: Mapping[str, Format] = {
    "wechat": Format(
        _write_wechat, Terms(rate_ppm=RATE_PPM), (*_CLASSES, "CURRENCY_MISMATCH", "STATUS_MISMATCH")
    ),
    "alipay": Format(_write_alipay, Terms(rate_ppm=RATE_PPM)),
    "unionpay": Format(_write_unionpay, Terms(rate_ppm=RATE_PPM, refund_fees=False, begins=1)),
}
