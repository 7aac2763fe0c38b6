"""The rows of Alipay's sheets as lines of a bill. Pure.

Amounts are compared in 订单金额, what the payer was asked for; 商家实收 is less by what others paid
for it. Refunds carry negative amounts; the sign of 服务费 is written differently by different
sources, so it is taken from the kind of the row.
"""

from __future__ import annotations

from anfu.channels.alipay.amounts import CURRENCY
from anfu.channels.alipay.sheets import Row
from anfu.channels.bills.bill import FundKind, FundLine, TradeKind, TradeLine, TradeState

ORDERED, RECEIVED, SERVICE = "订单金额（元）", "商家实收（元）", "服务费（元）"
INCOME, SPENT = "收入金额（+元）", "支出金额（-元）"
_TRADES = {"交易": TradeKind.PAYMENT, "退款": TradeKind.REFUND}
_FUNDS = {
    "在线支付": FundKind.PAYMENT,
    "交易付款": FundKind.PAYMENT,
    "交易退款": FundKind.REFUND,
    "退款": FundKind.REFUND,
    "收费": FundKind.FEE,
    "退费": FundKind.FEE,
    "服务费": FundKind.FEE,
    "提现": FundKind.SETTLEMENT,
    "自动提现": FundKind.SETTLEMENT,
    "转账到银行卡": FundKind.SETTLEMENT,
}


def trade_line(row: Row) -> TradeLine:
    """Raises Refused(bill_malformed)."""
    kind = _TRADES.get(row.text("业务类型"))
    number, refund = row.text("商户订单号"), row.text("退款批次号/请求号")
    if kind is None:
        raise row.wrong("业务类型")
    if not number:
        raise row.wrong("商户订单号")
    back = kind is TradeKind.REFUND
    if back and not refund:
        raise row.wrong("退款批次号/请求号")
    fee = abs(row.fen(SERVICE))
    return TradeLine(
        row=row.number,
        kind=kind,
        number=number,
        refund=refund if back else None,
        reference=row.text("支付宝交易号"),
        amount=abs(row.fen(ORDERED)),
        currency=CURRENCY,
        fee=-fee if back else fee,
        at=row.time("完成时间"),
        state=TradeState.DONE,
    )


def fund_line(row: Row) -> FundLine:
    """Raises Refused(bill_malformed)."""
    return FundLine(
        row=row.number,
        kind=_FUNDS.get(row.text("业务类型"), FundKind.OTHER),
        number=row.text("商户订单号") or None,
        reference=row.text("业务流水号") or row.text("账务流水号"),
        amount=abs(row.fen(INCOME)) - abs(row.fen(SPENT)),
        currency=CURRENCY,
        at=row.time("发生时间"),
        balance=row.fen("账户余额（元）"),
    )
