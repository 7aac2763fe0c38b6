"""The network's bills of a day, as it makes them: a ZIP with GBK names, sheets in GBK. Pure.

Faults of a bill strike single rows; the sums are those of the rows that stand there.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    """A payment, or a refund of one. `amount` and `fee` are fen; those of a refund go back."""

    trade: Trade
    refund: Refund | None
    amount: int
    fee: int
    at: datetime

    @property
    def sign(self) -> int:
        return 1 if self.refund is None else -1


def trade_bill(book: Book, day: date, faults: WireFaults) -> bytes | None:
    """The bill `trade`; None when nothing happened."""
    deeds = list(_struck(_deeds(book, day), faults))
    return trade_archive(deeds, day) if deeds else None


def trade_archive(deeds: Iterable[Deed], day: date) -> bytes:
    """The bill of these deeds, of which one at a time is looked at."""
    counts: Counter[str] = Counter()
    amounts: Counter[str] = Counter()

    def rows() -> Iterator[Sequence[str]]:
        for deed in deeds:
            word = "交易" if deed.refund is None else "退款"
            counts[word] += 1
            amounts[word] += deed.sign * deed.amount
            amounts["服务费"] -= deed.sign * deed.fee
            yield _trade_row(deed)

    def sums() -> Sequence[str]:
        told = {"交易": "商家实收", "退款": "商家实收退款"}
        return [
            f"#{word}合计：{counts[word]}笔，{what}共{_yuan(amounts[word])}元，商家优惠共0.00元"
            for word, what in told.items()
        ]

    def total() -> Iterator[Sequence[str]]:
        net = _yuan(amounts["交易"] + amounts["退款"])
        yield ["合计", "", str(counts["交易"]), str(counts["退款"]), _yuan(amounts["交易"]), net,
               *["0.00"] * 3, _yuan(amounts["服务费"]), "0.00", net]  # fmt: skip

    sheets = {
        "业务明细": _sheet("业务明细", TRADE_COLUMNS, rows(), sums),
        "业务明细(汇总)": _sheet("业务汇总", TRADE_SUMS, total(), list),
    }
    return _archive(day, sheets)


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
    sheets = {"账务明细": _sheet("账务明细", FUND_COLUMNS, rows, lambda: sums)}
    return _archive(day, sheets) if rows else None


def _deeds(book: Book, day: date) -> Iterator[Deed]:
    for trade in book.trades.values():
        if trade.paid_at is not None and civil_date(trade.paid_at) == day:
            yield Deed(trade, None, *_charged(trade.offer.amount), trade.paid_at)
        for refund in trade.refunds.values():
            if civil_date(refund.at) == day:
                yield Deed(trade, refund, *_charged(refund.amount), refund.at)


def _charged(amount: int) -> tuple[int, int]:
    return amount, fee_of(amount)


def _struck(deeds: Iterable[Deed], faults: WireFaults) -> Iterator[Deed]:
    for deed in deeds:
        about = f"{deed.trade.offer.number}/{deed.refund.number if deed.refund else ''}"
        if faults.hits(WireFault.BILL_MISSING, about):
            continue
        changed = faults.hits(WireFault.BILL_CHANGED, about)
        amount, fee = _charged(deed.amount + changed)
        yield replace(deed, amount=amount, fee=fee)
        if faults.hits(WireFault.BILL_EXTRA, about):
            offer = replace(deed.trade.offer, number=f"{deed.trade.offer.number}X")
            other = replace(deed.trade, offer=offer, reference=f"{deed.trade.reference[:-1]}X")
            yield replace(deed, trade=other)


def _trade_row(deed: Deed) -> list[str]:
    trade, amount = deed.trade, _yuan(deed.sign * deed.amount)
    kind, number = ("交易", "") if deed.refund is None else ("退款", deed.refund.number)
    return [
        trade.reference, trade.offer.number, kind, trade.offer.subject.replace(",", " "),
        write_time(trade.made_at), write_time(deed.at), "", "", "", "", "*付(pay***@example.com)",
        amount, amount, *["0.00"] * 5, "", "0.00", "0.00", number,
        _yuan(-deed.sign * deed.fee), "0.00", "",
    ]  # fmt: skip


def _fund_row(nth: int, moved: Movement, balance: int) -> list[str]:
    income = _yuan(moved.amount) if moved.amount > 0 else ""
    spent = _yuan(moved.amount) if moved.amount < 0 else ""
    return [
        f"{nth + 1:012}", moved.reference, moved.number, "", write_time(moved.at), "", income,
        spent, _yuan(balance), "支付宝", moved.kind, "",
    ]  # fmt: skip


def _sheet(
    title: str, columns: str, rows: Iterable[Sequence[str]], sums: Callable[[], Sequence[str]]
) -> Iterator[str]:
    """Line by line; values end with a tab, as the network's do. `sums` is asked for once the rows
    are at an end."""
    yield f"#支付宝{title}查询"
    yield f"#账号：[{SELLER_ID}0156]"
    yield f"#{'-' * 41}{title}列表{'-' * 40}"
    yield columns
    for row in rows:
        yield ",".join(f"{value}\t" for value in row)
    yield f"#{'-' * 41}{title}列表结束{'-' * 36}"
    yield from sums()


class _GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written in GBK, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name is zipfile's
        return self.filename.encode("gbk"), self.flag_bits


def _archive(day: date, sheets: Mapping[str, Iterable[str]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, lines in sheets.items():
            entry = _GbkInfo(f"{SELLER_ID}0156_{day:%Y%m%d}_{name}.csv")
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as file:
                file.writelines(f"{line}\r\n".encode("gb18030") for line in lines)
    return packed.getvalue()


def _yuan(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"
