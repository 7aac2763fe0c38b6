"""The fund-flow bill (资金账单) as lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from types import MappingProxyType

from anfu.channels.bills.bill import FundKind, FundLine
from anfu.channels.wechat.amounts import fen, yuan
from anfu.channels.wechat.answers import CURRENCY
from anfu.channels.wechat.tables import Table, malformed
from anfu.channels.wechat.trades import moment

_COUNT = "资金流水总笔数"
_NAMES = (
    *("记账时间", "微信支付业务单号", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)"),
    "业务凭证号",
)
# 业务类型. What is not here is OTHER: 充值, 分账 and whatever the network invents.
KINDS = MappingProxyType(
    {
        "交易": FundKind.PAYMENT,
        "退款": FundKind.REFUND,
        "撤销": FundKind.REFUND,
        "扣除交易手续费": FundKind.FEE,
        "手续费": FundKind.FEE,
        "退还交易手续费": FundKind.FEE,
        "提现": FundKind.SETTLEMENT,
    }
)
_SIGNS = MappingProxyType({"收入": 1, "支出": -1})


def read_funds(content: bytes) -> Iterator[FundLine]:
    """The detail rows; at the end the sums are checked. Raises Refused("bill_malformed")."""
    table = Table(content, _COUNT)
    named = table.picker(*_NAMES)
    came, went = [0, 0], [0, 0]
    for number, values in table.rows():
        try:
            line = _line(number, named(values))
        except (ValueError, KeyError):
            raise malformed(number, "values") from None
        side = came if line.amount >= 0 else went
        side[0] += 1
        side[1] += abs(line.amount)
        yield line
    table.check(_COUNT, came[0] + went[0], int)
    for word, (count, total) in (("收入", came), ("支出", went)):
        table.check(f"{word}笔数", count, int)
        table.check(f"{word}金额", Decimal(total) / 100, yuan)


def _line(row: int, named: Sequence[str]) -> FundLine:
    at, reference, kind, side, amount, balance, number = named
    return FundLine(
        row=row,
        kind=KINDS.get(kind, FundKind.OTHER),
        number=number or None,
        reference=reference,
        amount=_SIGNS[side] * fen(yuan(amount)),
        currency=CURRENCY,
        at=moment(at),
        balance=fen(yuan(balance)),
    )
