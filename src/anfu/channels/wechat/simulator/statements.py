"""The network's bills of a day, in its own format: byte order mark, CRLF, backticks, 元. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from anfu.channels.wechat.simulator.funds import RATE, Movement, fee
from anfu.channels.wechat.simulator.orders import Order, Refund, RefundState
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles
from anfu.channels.wechat.trades import SUMMED
from anfu.kernel.periods import SHANGHAI, civil_date

TRADE_COLUMNS = (
    *("交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号"),
    *("用户标识", "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额"),
    *("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态"),
    *("商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注"),
)
FUND_COLUMNS = (
    *("记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型"),
    *("收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号"),
)
_STATES = {RefundState.ABNORMAL: "CHANGE"}
Row = dict[str, str]


def trade_bill(
    orders: Iterable[Order], merchant: str, day: date, troubles: Troubles
) -> bytes | None:
    """Payments, refunds and reversals of `day`, by time; None without any."""
    rows = list(_troubled(_trades(orders, merchant, day), troubles))
    rows.sort(key=lambda row: (row["交易时间"], row["微信订单号"]))
    return b"".join(trade_lines(rows)) if rows else None


def trade_lines(rows: Iterable[Row]) -> Iterator[bytes]:
    """The bill of these rows line by line, their sums last."""
    sums: Counter[str] = Counter()  # in 1/100000 元, which fees are written in

    def told() -> Iterator[Sequence[str]]:
        for row in rows:
            sums["总交易单数"] += 1
            for name, total in SUMMED.items():
                sums[total] += int(Decimal(row[name]).scaleb(5))
            yield [row[name] for name in TRADE_COLUMNS]

    def totals() -> Row:
        amounts = {total: Decimal(sums[total]).scaleb(-5) for total in SUMMED.values()}
        return {"总交易单数": str(sums["总交易单数"])} | {
            name: f"{amount:.5f}" if name == "手续费总金额" else f"{amount:.2f}"
            for name, amount in amounts.items()
        }

    return _table(TRADE_COLUMNS, told(), totals)


def fund_bill(movements: Iterable[Movement], day: date) -> bytes | None:
    """Every movement of `day`; None without any."""
    moved = [one for one in movements if civil_date(one.at) == day]
    if not moved:
        return None
    came = [one.amount for one in moved if one.amount > 0]
    went = [-one.amount for one in moved if one.amount < 0]
    totals = {
        "资金流水总笔数": str(len(moved)),
        "收入笔数": str(len(came)),
        "收入金额": _yuan(sum(came)),
        "支出笔数": str(len(went)),
        "支出金额": _yuan(sum(went)),
    }
    return b"".join(_table(FUND_COLUMNS, map(_movement, moved), lambda: totals))


def paid_row(order: Order, merchant: str) -> Row:
    """The row of an order that was paid."""
    assert order.paid_at is not None
    return _row(order, merchant, order.paid_at, "SUCCESS") | _paid(order.wanted.total)


def refund_row(order: Order, merchant: str, refund: Refund) -> Row:
    return _row(order, merchant, refund.at, "REFUND") | _refund(refund)


def _trades(orders: Iterable[Order], merchant: str, day: date) -> Iterator[Row]:
    for order in orders:
        if order.paid_at is None:
            continue
        if civil_date(order.paid_at) == day:
            yield paid_row(order, merchant)
        if order.reversed_at is not None and civil_date(order.reversed_at) == day:
            back = _returned(order.wanted.total)
            yield _row(order, merchant, order.reversed_at, "REVOKED") | back
        for refund in order.refunds.values():
            if civil_date(refund.at) == day:
                yield refund_row(order, merchant, refund)


def _row(order: Order, merchant: str, at: datetime, state: str) -> Row:
    row = dict.fromkeys(TRADE_COLUMNS, "")
    zero = dict.fromkeys(SUMMED, "0.00")
    return row | zero | {
        "交易时间": _time(at),
        "公众账号ID": order.wanted.app,
        "商户号": merchant,
        "特约商户号": "0",
        "微信订单号": order.transaction or "",
        "商户订单号": order.number,
        "用户标识": order.openid,
        "交易类型": order.wanted.kind,
        "交易状态": state,
        "付款银行": "OTHERS",
        "货币种类": order.wanted.currency,
        "代金券金额": "0.00",
        "微信退款单号": "0",
        "商户退款单号": "0",
        "商品名称": order.wanted.description,
        "费率": f"{RATE:.2%}",
    }  # fmt: skip


def _paid(total: int) -> Row:
    return {"应结订单金额": _yuan(total), "订单金额": _yuan(total), "手续费": f"{fee(total):.5f}"}


def _returned(amount: int) -> Row:
    text = _yuan(amount)
    return {"退款金额": text, "申请退款金额": text, "手续费": f"{-fee(amount):.5f}"}


def _refund(refund: Refund) -> Row:
    return _returned(refund.amount) | {
        "微信退款单号": refund.id,
        "商户退款单号": refund.number,
        "退款类型": "ORIGINAL",
        "退款状态": _STATES.get(refund.state, refund.state.value),
    }


def _troubled(rows: Iterable[Row], troubles: Troubles) -> Iterator[Row]:
    for row in rows:
        about = f"{row['商户订单号']} {row['商户退款单号']} {row['交易状态']}"
        if troubles.hits(Trouble.MISSING_ROW, about):
            continue
        if troubles.hits(Trouble.EXTRA_ROW, about):
            yield row | {
                "商户订单号": f"x{row['商户订单号'][1:]}",
                "微信订单号": f"9{row['微信订单号'][1:]}",
            }
        if troubles.hits(Trouble.CHANGED_ROW, about):
            name = "订单金额" if row["交易状态"] == "SUCCESS" else "申请退款金额"
            row[name] = f"{Decimal(row[name]) + 1:.2f}"
        yield row


def _movement(one: Movement) -> list[str]:
    side = "收入" if one.amount > 0 else "支出"
    return [
        *(_time(one.at), one.reference, one.reference, one.kind, one.kind, side),
        *(_yuan(abs(one.amount)), _yuan(one.balance), "system", "", one.number),
    ]


def _table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], totals: Callable[[], Row]
) -> Iterator[bytes]:
    """Line by line; `totals` is asked for once the rows are at an end."""
    yield f"\ufeff{','.join(columns)}\r\n".encode()
    yield from map(_line, rows)
    sums = totals()
    yield f"{','.join(sums)}\r\n".encode()
    yield _line(list(sums.values()))


def _line(values: Sequence[str]) -> bytes:
    return (",".join(f"`{value}" for value in values) + "\r\n").encode()


def _yuan(amount: int) -> str:
    return f"{Decimal(amount) / 100:.2f}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
