"""Bills: GBK names, sheets in any order, sums that must agree, sizes that are bounded."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest
from tests.contract.alipay_rig import ORDER, REFUND, Rig, make_rig

from anfu.channels.alipay import archive
from anfu.channels.alipay.bills import AlipayBills
from anfu.channels.alipay.simulator.faults import WireFault
from anfu.channels.alipay.simulator.statements import FUND_COLUMNS, TRADE_COLUMNS
from anfu.channels.bills.bill import (
    BillFile,
    BillKind,
    FundKind,
    FundLine,
    NoBill,
    TradeKind,
    TradeLine,
    TradeState,
)
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import SeededEntropy

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROW = (
    "2026112322001\t,pay_1\t,{kind}\t,茶\t,2026-11-23 11:59:00\t,2026-11-23 12:00:00\t,,,,,*付\t,"
    "{amount}\t,{amount}\t,0.00\t,0.00\t,0.00\t,0.00\t,0.00\t,\t,0.00\t,0.00\t,{refund}\t,"
    "{fee}\t,0.00\t,\t"
)
PAID = ROW.format(kind="交易", amount="12.34", refund="", fee="-0.07")
BACK = ROW.format(kind="退款", amount="-10.00", refund="rfd_1", fee="0.06")
SUMS = [
    "#交易合计：1笔，商家实收共12.34元，商家优惠共0.00元",
    "#退款合计：1笔，商家实收退款共-10.00元",
]
TOTALS = "门店编号,交易订单总笔数,退款订单总笔数\n合计\t,{}\t,{}\t\n"
DETAILS, TOGETHER = "2088_20261123_业务明细.csv", "2088_20261123_业务明细(汇总).csv"
RIG = make_rig()
BILLS = RIG.bills
PAYMENT = TradeLine(
    1, TradeKind.PAYMENT, "pay_1", None, "2026112322001", 1234, "CNY", 7, AT, TradeState.DONE
)  # fmt: skip


def sheet(rows: list[str], sums: list[str], columns: str = TRADE_COLUMNS) -> str:
    ends = [f"#-----业务明细列表{word}-----" for word in ("", "结束")]
    lines = ["#支付宝业务明细查询", ends[0], columns, *rows, ends[1], *sums, ""]
    return "\r\n".join(lines)


def bill(sheets: dict[str, str], kind: BillKind = BillKind.TRADE) -> BillFile:
    """A file whose names are GBK and not flagged: zipfile cannot write such names, so they are
    written as digits of the same length and overwritten."""
    held = io.BytesIO()
    places = {name: f"{nth + 9:0{len(name.encode('gbk'))}}" for nth, name in enumerate(sheets)}
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in sheets.items():
            file.writestr(places[name], text.encode("gb18030"))
    content = held.getvalue()
    for name, place in places.items():
        content = content.replace(place.encode(), name.encode("gbk"))
    return raw(content, kind)


def raw(content: bytes, kind: BillKind = BillKind.TRADE) -> BillFile:
    return BillFile("alipay", kind, DAY, "bill.zip", content)


def refused(file: BillFile) -> str | None:
    with pytest.raises(Refused, match="bill_malformed") as caught:
        list(BILLS.trades(file))
    return caught.value.field


def test_a_trade_bill_is_read_by_its_headers_names() -> None:
    totals = TOTALS.format(1, 1)
    expected = [
        PAYMENT,
        PAYMENT._replace(row=2, kind=TradeKind.REFUND, refund="rfd_1", amount=1000, fee=-6),
    ]
    lines = list(BILLS.trades(bill({TOGETHER: totals, DETAILS: sheet([PAID, BACK], SUMS)})))
    assert lines == expected
    cells = [line.split(",") for line in (TRADE_COLUMNS, PAID, BACK)]
    turned, *rows = (",".join(reversed(line)) for line in cells)
    assert list(BILLS.trades(bill({DETAILS: sheet(rows, SUMS, turned)}))) == expected


def test_names_are_gbk_without_the_flag_and_the_sums_may_come_first() -> None:
    sheets = {TOGETHER: TOTALS.format(1, 0), DETAILS: sheet([PAID], SUMS[:1])}
    for ordered in (sheets, dict(reversed(sheets.items()))):
        file = bill(ordered)
        with zipfile.ZipFile(io.BytesIO(file.content)) as plain:
            assert "明细" not in "".join(plain.namelist())
        with archive.opened(file.content) as opened:
            assert [archive.entry_name(entry) for entry in opened.details] == [DETAILS]
            assert [archive.entry_name(entry) for entry in opened.sums] == [TOGETHER]
        assert list(BILLS.trades(file)) == [PAYMENT]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as flagged:
        for name, text in sheets.items():
            flagged.writestr(name, text.encode("gbk"))
    assert list(BILLS.trades(raw(held.getvalue()))) == [PAYMENT]


def test_a_long_day_comes_in_parts_that_are_numbered_through() -> None:
    parts = {
        "2088_业务明细_1.csv": sheet([PAID], SUMS[:1]),
        "2088_业务明细_2.csv": sheet([PAID], SUMS[:1]),
        TOGETHER: TOTALS.format(2, 0),
    }
    assert [line.row for line in BILLS.trades(bill(parts))] == [1, 2]


@pytest.mark.parametrize(
    ("rows", "sums", "field"),
    [
        ([PAID], ["#交易合计：2笔，商家实收共12.34元"], "交易合计"),
        ([PAID], ["#交易合计：1笔，商家实收共12.35元"], "交易合计"),
        ([PAID], [*SUMS[:1], "#退款合计：1笔，商家实收退款共-10.00元"], "退款合计"),
        ([PAID], ["#交易合计：1笔，商家实收共1.2.3元"], "交易合计"),
        ([PAID], [], "合计"),
        ([PAID, PAID[:20]], SUMS, "row 2"),
        ([PAID.replace("12.34", "12.345")], SUMS, "row 1, 商家实收（元）"),
        ([PAID.replace("12.34", "Infinity")], SUMS, "row 1, 商家实收（元）"),
        ([PAID.replace("交易", "转账")], SUMS, "row 1, 业务类型"),
        ([PAID.replace("pay_1", "")], SUMS, "row 1, 商户订单号"),
        ([BACK.replace("rfd_1", "")], SUMS, "row 1, 退款批次号/请求号"),
        ([PAID.replace("12:00:00", "12.00.00")], SUMS, "row 1, 完成时间"),
    ],
)  # fmt: skip
def test_a_bill_that_does_not_agree_with_itself_is_refused(
    rows: list[str], sums: list[str], field: str
) -> None:
    assert refused(bill({DETAILS: sheet(rows, sums)})) == field


def test_a_sheet_of_sums_that_counts_otherwise_is_refused() -> None:
    details = sheet([PAID], SUMS[:1])
    wrong = {DETAILS: details, TOGETHER: TOTALS.format(1, 1)}
    assert refused(bill(wrong)) == "row 1, 退款订单总笔数"
    columns = TRADE_COLUMNS.replace("业务类型", "类型")
    assert refused(bill({DETAILS: sheet([PAID], SUMS, columns)})) == "row 1, 业务类型"
    assert refused(bill({DETAILS: "#nothing\n"})) == "header"


def test_files_that_are_no_bill_and_zip_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    good = bill({DETAILS: sheet([PAID], SUMS[:1])})
    assert refused(raw(b"PK no zip")) == "file"
    assert refused(bill({TOGETHER: TOTALS.format(0, 0)})) == "file"
    assert refused(bill({f"{nth:02}明细.csv": "" for nth in range(33)})) == "size"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("x.csv", "x")
    assert refused(raw(held.getvalue())) == "file"
    monkeypatch.setattr(archive, "BYTES_MOST", 100)
    assert refused(good) == "size"


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_past_it() -> None:
    """What unpacks to more than the directory says is cut off there, and its CRC is wrong."""
    text = sheet([PAID], SUMS[:1])
    size, wrong = len(text.encode("gb18030")), 200
    content = bill({DETAILS: text}).content
    lying = content.replace(size.to_bytes(4, "little"), wrong.to_bytes(4, "little"))
    assert lying != content
    assert refused(raw(lying)) is not None


def test_a_file_that_was_damaged_is_refused() -> None:
    content = bytearray(bill({DETAILS: sheet([PAID] * 50, SUMS[:1])}).content)
    content[len(content) // 3] ^= 0xFF
    assert refused(raw(bytes(content))) is not None
    bad = sheet([PAID], SUMS[:1]).encode("gbk").replace("茶".encode("gbk"), b"\xff\xff")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("x.csv", bad)
    assert refused(raw(held.getvalue())) == "row 1"


FUND = (
    "{n}\t,ref{n}\t,{number}\t,\t,2026-11-23 12:00:00\t,\t,{i}\t,{o}\t,{left}\t,支付宝\t,"
    "{kind}\t,\t"
)


def test_a_fund_bill_is_read_with_its_signs_and_balances() -> None:
    rows = [
        FUND.format(n=1, number="pay_1", i="12.34", o="", left="12.34", kind="在线支付"),
        FUND.format(n=2, number="pay_1", i="", o="-0.07", left="12.27", kind="收费"),
        FUND.format(n=3, number="pay_1", i="0.00", o="-10.00", left="2.27", kind="交易退款"),
        FUND.format(n=4, number="", i="", o="-2.00", left="0.27", kind="提现"),
        FUND.format(n=5, number="", i="1.00", o="", left="1.27", kind="红包"),
    ]
    sums = ["#支出合计：3笔，共-12.07元", "#收入合计：2笔，共13.34元"]
    file = bill({"账务明细.csv": sheet(rows, sums, FUND_COLUMNS)}, BillKind.FUND)
    assert list(BILLS.funds(file)) == [
        FundLine(1, FundKind.PAYMENT, "pay_1", "ref1", 1234, "CNY", AT, 1234),
        FundLine(2, FundKind.FEE, "pay_1", "ref2", -7, "CNY", AT, 1227),
        FundLine(3, FundKind.REFUND, "pay_1", "ref3", -1000, "CNY", AT, 227),
        FundLine(4, FundKind.SETTLEMENT, None, "ref4", -200, "CNY", AT, 27),
        FundLine(5, FundKind.OTHER, None, "ref5", 100, "CNY", AT, 127),
    ]
    wrong = bill({"账务明细.csv": sheet(rows[:4], sums, FUND_COLUMNS)}, BillKind.FUND)
    with pytest.raises(Refused, match="bill_malformed"):
        list(BILLS.funds(wrong))


@pytest.fixture
async def rig() -> Rig:
    """A day on which one payment was made, given back in part, and settled."""
    rig = make_rig()
    await rig.channel.pay(ORDER)
    await rig.channel.refund(REFUND)
    assert rig.simulator.settle(DAY) == 1234 - 7 - 1000 + 6
    return rig


async def test_a_bill_is_later_then_there_and_a_day_of_nothing_is_empty(rig: Rig) -> None:
    nothing = date(2026, 11, 22)
    assert await rig.bills.fetch(BillKind.TRADE, nothing) is NoBill.EMPTY
    assert await rig.bills.fetch(BillKind.TRADE, DAY) is NoBill.LATER
    rig.later(hours=20, minutes=59)
    assert await rig.bills.fetch(BillKind.TRADE, DAY) is NoBill.LATER
    rig.later(minutes=1)
    file = await rig.bills.fetch(BillKind.TRADE, DAY)
    assert isinstance(file, BillFile)
    assert (file.channel, file.name) == ("alipay", "alipay-trade-2026-11-23.zip")
    reference = rig.simulator.book.trades["pay_1"].reference
    first = PAYMENT._replace(reference=reference)
    assert list(BILLS.trades(file)) == [
        first,
        first._replace(row=2, kind=TradeKind.REFUND, refund="rfd_1", amount=1000, fee=-6),
    ]
    assert await rig.bills.fetch(BillKind.TRADE, date(2026, 11, 24)) is NoBill.LATER


async def test_the_fund_bill_ends_where_the_bank_begins(rig: Rig) -> None:
    rig.later(hours=21)
    file = await rig.bills.fetch(BillKind.FUND, DAY)
    assert isinstance(file, BillFile)
    lines = list(BILLS.funds(file))
    assert [(line.kind.value, line.amount, line.balance) for line in lines] == [
        ("PAYMENT", 1234, 1234), ("FEE", -7, 1227), ("REFUND", -1000, 227), ("FEE", 6, 233),
        ("SETTLEMENT", -233, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "numbers", "amounts"),
    [
        (WireFault.BILL_MISSING, None, None),
        (WireFault.BILL_EXTRA, ["pay_1", "pay_1X"] * 2, [1234, 1234, 1000, 1000]),
        (WireFault.BILL_CHANGED, ["pay_1"] * 2, [1235, 1001]),
    ],
)
async def test_differences_are_seeded_and_the_bill_agrees_with_itself(
    rig: Rig, fault: WireFault, numbers: list[str] | None, amounts: list[int] | None
) -> None:
    rig.fail(fault)
    rig.later(hours=24)
    file = await rig.bills.fetch(BillKind.TRADE, DAY)
    if numbers is None:
        assert file is NoBill.EMPTY
        return
    assert isinstance(file, BillFile)
    lines = list(BILLS.trades(file))
    assert ([line.number for line in lines], [line.amount for line in lines]) == (numbers, amounts)


async def test_the_address_of_a_bill_lives_thirty_seconds(rig: Rig) -> None:
    rig.later(hours=24)
    inner = httpx.ASGITransport(rig.simulator.app)

    async def slow(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            rig.later(seconds=30)
        response = await inner.handle_async_request(request)
        return httpx.Response(response.status_code, stream=httpx.ByteStream(await response.aread()))

    bills = AlipayBills(
        rig.member, clock=rig.clock, entropy=SeededEntropy(1), transport=httpx.MockTransport(slow)
    )
    with pytest.raises(OutsideFailure) as caught:
        await bills.fetch(BillKind.TRADE, DAY)
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, "http_403")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(WireFault.RATE_LIMIT, "rate_limited"), (WireFault.FORGE, "answer_untrusted")],
)
async def test_a_bill_that_cannot_be_had_is_unknown(
    rig: Rig, fault: WireFault, reason: str
) -> None:
    rig.later(hours=24)
    rig.fail(fault)
    with pytest.raises(OutsideFailure) as caught:
        await rig.bills.fetch(BillKind.TRADE, DAY)
    assert (caught.value.outcome, caught.value.reason) == (Outcome.UNKNOWN, reason)


async def test_a_bill_is_not_fetched_without_tls_from_a_gateway_with_it(rig: Rig) -> None:
    rig.later(hours=24)
    member = replace(rig.member, gateway="https://127.0.0.1:9/gateway.do")
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.scheme)
        plain = httpx.Request(
            request.method, request.url.copy_with(scheme="http"),
            headers=request.headers, content=request.content,
        )  # fmt: skip
        response = await httpx.ASGITransport(rig.simulator.app).handle_async_request(plain)
        return httpx.Response(response.status_code, stream=httpx.ByteStream(await response.aread()))

    transport = httpx.MockTransport(answer)
    bills = AlipayBills(member, clock=rig.clock, entropy=SeededEntropy(1), transport=transport)
    with pytest.raises(OutsideFailure, match="answer_misplaced"):
        await bills.fetch(BillKind.TRADE, DAY)
    assert asked == ["https"]
