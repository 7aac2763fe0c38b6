"""The network's bills of a day, as it makes them: a ZIP with GBK names, sheets in GBK. Pure.

Faults of a bill strike single rows; the sums are those of the rows that stand there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from anfu.channels.alipay.signing import write_time
from anfu.channels.alipay.simulator.book import Book, Movement, Refund, Trade, fee_of
from anfu.channels.alipay.simulator.faults import WireFault, WireFaults
from anfu.channels.alipay.simulator.keys import SELLER_ID
from anfu.kernel.periods import civil_date

TRADE_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
TRADE_SUMS = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,"
    "商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)
FUND_COLUMNS = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,"
    "交易渠道,业务类型,备注"
)


@dataclass(frozen=True, slots=True)
class Deed:
    """A payment, or a refund of one; `amount` is fen."""

    trade: Trade
    refund: Refund | None
    amount: int
    at: datetime

    @property
    def signed(self) -> int:
        return self.amount if self.refund is None else -self.amount


def trade_bill(book: Book, day: date, faults: WireFaults) -> bytes | None:
    """The bill `trade`; None when nothing happened."""
    deeds = list(_struck(_deeds(book, day), faults))
    paid = [deed for deed in deeds if deed.refund is None]
    back = [deed for deed in deeds if deed.refund is not None]
    rows = [_trade_row(deed) for deed in deeds]
    sums = [_total("交易", "商家实收", paid), _total("退款", "商家实收退款", back)]
    net = _yuan(sum(deed.signed for deed in deeds))
    gross = _yuan(sum(deed.amount for deed in paid))
    fees = _yuan(-sum(_fee(deed) for deed in deeds))
    total = [
        "合计",
        "",
        str(len(paid)),
        str(len(back)),
        gross,
        net,
        *["0.00"] * 3,
        fees,
        "0.00",
        net,
    ]
    sheets = {
        "业务明细": _sheet("业务明细", TRADE_COLUMNS, rows, sums),
        "业务明细(汇总)": _sheet("业务汇总", TRADE_SUMS, [total], []),
    }
    return _archive(day, sheets) if deeds else None


def fund_bill(book: Book, day: date) -> bytes | None:
    """The bill `signcustomer`; None when nothing moved."""
    rows, balance, income, spent = [], 0, list[int](), list[int]()
    for nth, moved in enumerate(book.movements):
        balance += moved.amount
        if civil_date(moved.at) == day:
            rows.append(_fund_row(nth, moved, balance))
            (income if moved.amount > 0 else spent).append(moved.amount)
    sums = [
        f"#支出合计：{len(spent)}笔，共{_yuan(sum(spent))}元",
        f"#收入合计：{len(income)}笔，共{_yuan(sum(income))}元",
    ]
    sheets = {"账务明细": _sheet("账务明细", FUND_COLUMNS, rows, sums)}
    return _archive(day, sheets) if rows else None


def _deeds(book: Book, day: date) -> Iterator[Deed]:
    for trade in book.trades.values():
        if trade.paid_at is not None and civil_date(trade.paid_at) == day:
            yield Deed(trade, None, trade.offer.amount, trade.paid_at)
        for refund in trade.refunds.values():
            if civil_date(refund.at) == day:
                yield Deed(trade, refund, refund.amount, refund.at)


def _struck(deeds: Iterable[Deed], faults: WireFaults) -> Iterator[Deed]:
    for deed in deeds:
        about = f"{deed.trade.offer.number}/{deed.refund.number if deed.refund else ''}"
        if faults.hits(WireFault.BILL_MISSING, about):
            continue
        changed = faults.hits(WireFault.BILL_CHANGED, about)
        yield replace(deed, amount=deed.amount + 1) if changed else deed
        if faults.hits(WireFault.BILL_EXTRA, about):
            offer = replace(deed.trade.offer, number=f"{deed.trade.offer.number}X")
            other = replace(deed.trade, offer=offer, reference=f"{deed.trade.reference[:-1]}X")
            yield replace(deed, trade=other)


def _trade_row(deed: Deed) -> list[str]:
    trade, amount = deed.trade, _yuan(deed.signed)
    kind, number = ("交易", "") if deed.refund is None else ("退款", deed.refund.number)
    return [
        trade.reference, trade.offer.number, kind, trade.offer.subject.replace(",", " "),
        write_time(trade.made_at), write_time(deed.at), "", "", "", "", "*付(pay***@example.com)",
        amount, amount, *["0.00"] * 5, "", "0.00", "0.00", number, _yuan(-_fee(deed)), "0.00", "",
    ]  # fmt: skip


def _fund_row(nth: int, moved: Movement, balance: int) -> list[str]:
    income = _yuan(moved.amount) if moved.amount > 0 else ""
    spent = _yuan(moved.amount) if moved.amount < 0 else ""
    return [
        f"{nth + 1:012}", moved.reference, moved.number, "", write_time(moved.at), "", income,
        spent, _yuan(balance), "支付宝", moved.kind, "",
    ]  # fmt: skip


def _fee(deed: Deed) -> int:
    fee = fee_of(deed.amount)
    return fee if deed.refund is None else -fee


def _total(word: str, what: str, deeds: Sequence[Deed]) -> str:
    amount = _yuan(sum(deed.signed for deed in deeds))
    return f"#{word}合计：{len(deeds)}笔，{what}共{amount}元，商家优惠共0.00元"


def _sheet(title: str, columns: str, rows: Iterable[Sequence[str]], sums: Sequence[str]) -> str:
    """Values end with a tab, as the network's do."""
    lines = [
        f"#支付宝{title}查询",
        f"#账号：[{SELLER_ID}0156]",
        f"#{'-' * 41}{title}列表{'-' * 40}",
        columns,
        *(",".join(f"{value}\t" for value in row) for row in rows),
        f"#{'-' * 41}{title}列表结束{'-' * 36}",
        *sums,
    ]
    return "".join(f"{line}\r\n" for line in lines)


class _GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written in GBK, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name is zipfile's
        return self.filename.encode("gbk"), self.flag_bits


def _archive(day: date, sheets: dict[str, str]) -> bytes:
    """The sums stand before the details."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in reversed(sheets.items()):
            entry = _GbkInfo(f"{SELLER_ID}0156_{day:%Y%m%d}_{name}.csv")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("gb18030"))
    return packed.getvalue()


def _yuan(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"
