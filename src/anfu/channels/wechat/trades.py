"""The trade bill (交易账单, ALL) as lines. Pure.

What is compared with our books is 订单金额 (what was ordered) and 申请退款金额 (what we asked to
give back), never 应结订单金额 and 退款金额, which leave out what vouchers paid. A row REVOKED is a
payer's code reversed: money went back without a refund of ours, under the payment's own number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from anfu.channels.bills.bill import TradeKind, TradeLine, TradeState
from anfu.channels.wechat.amounts import fen, rounded_fen, yuan
from anfu.channels.wechat.tables import Table, malformed
from anfu.kernel.periods import SHANGHAI

# name: the column of sums it is added up in
SUMMED = MappingProxyType(
    {
        "应结订单金额": "应结订单总金额",
        "退款金额": "退款总金额",
        "充值券退款金额": "充值券退款总金额",
        "手续费": "手续费总金额",
        "订单金额": "订单总金额",
        "申请退款金额": "申请退款总金额",
    }
)
_COUNT = "总交易单数"
_NAMES = ("交易时间", "商户号", "微信订单号", "商户订单号", "交易状态", "货币种类")
_BACK = ("微信退款单号", "商户退款单号", "退款状态")
_STATES = MappingProxyType(
    {
        "SUCCESS": TradeState.DONE,
        "PROCESSING": TradeState.PENDING,
        "CHANGE": TradeState.PENDING,
        "FAIL": TradeState.NOT_DONE,
        "": TradeState.DONE,
    }
)
_ZERO = Decimal(0)
_MOMENT_LENGTH = 19


def read_trades(content: bytes, merchant: str) -> Iterator[TradeLine]:
    """The detail rows; at the end the sums are checked. Raises Refused("bill_malformed")."""
    table = Table(content, _COUNT)
    named, back = table.picker(*_NAMES), table.picker(*_BACK)
    summed = table.picker(*SUMMED)
    sums, number = [_ZERO] * len(SUMMED), 0
    for number, values in table.rows():
        picked = named(values)
        if picked[1] != merchant:
            raise malformed(number, "商户号")
        try:
            amounts = [yuan(text) for text in summed(values)]
            line = _line(number, picked, back(values), amounts)
        except (ValueError, KeyError):
            raise malformed(number, "values") from None
        sums = [total + amount for total, amount in zip(sums, amounts, strict=True)]
        yield line
    table.check(_COUNT, number, int)
    for name, total in zip(SUMMED.values(), sums, strict=True):
        table.check(name, total, yuan)


def _line(
    row: int, named: Sequence[str], back: Sequence[str], amounts: Sequence[Decimal]
) -> TradeLine:
    at, _, reference, number, state, currency = named
    back_reference, refund, back_state = back
    paid = state == "SUCCESS"
    if not paid and state not in ("REFUND", "REVOKED"):
        raise ValueError("a state that nobody knows")
    returned = back_reference if back_reference.strip("0") else reference
    return TradeLine(
        row=row,
        kind=TradeKind.PAYMENT if paid else TradeKind.REFUND,
        number=number,
        refund=None if paid else number if state == "REVOKED" else refund,
        reference=reference if paid else returned,
        amount=fen(amounts[4] if paid else amounts[5]),
        currency=currency,
        fee=rounded_fen(amounts[3]),
        at=moment(at),
        state=TradeState.DONE if paid else _STATES[back_state],
    )


def moment(text: str) -> datetime:
    """`2026-11-27 09:30:00` in Asia/Shanghai. Raises ValueError."""
    if len(text) != _MOMENT_LENGTH or text[10] != " ":
        raise ValueError("no moment")
    # Twenty times as fast as strptime, and a day has a million.
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
