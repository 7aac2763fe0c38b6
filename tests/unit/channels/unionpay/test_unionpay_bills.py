"""UnionPay's bills: byte widths, the archive, the days, and what the simulator writes."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.channels.unionpay.conftest import (
    BACK,
    NOW,
    NUMBER,
    ORDER,
    Ends,
    Rig,
    refund_of,
)

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
from anfu.channels.unionpay.bills import UnionpayBills
from anfu.channels.unionpay.layout import ERRORS, TRADES, Layout
from anfu.channels.unionpay.simulator.mishaps import Mishap
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.ids import SeededEntropy

DAY = date(2026, 11, 23)
MERCHANT = "777290058110048"
# As a published row of a bill, with a merchant, an order and a Chinese name of ours.
ROW: dict[int, str] = {
    1: "S56", 2: "88022900", 3: "00049993", 4: "190624", 5: "1123112203", 6: "622609******0048",
    7: "000000476800", 8: "4899", 9: "07", 10: "201509061122031906248", 11: "01",
    12: "pay01hf0000000000000000000000", 13: "01", 16: "D000000002861", 17: "C000000473939",
    18: "0001", 20: "01", 21: "01", 22: "000201", 28: MERCHANT, 31: "安付小店", 33: "C000000473939",
    34: "01080209", 35: "一杯茶",
}  # fmt: skip


def archive(rows: bytes, name: str = f"INN26112388ZM_{MERCHANT}", **others: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        for each, content in {name: rows, **others}.items():
            files.writestr(each, content)
    return packed.getvalue()


def bill(rows: bytes, kind: BillKind = BillKind.TRADE, **others: bytes) -> BillFile:
    return BillFile("unionpay", kind, DAY, "x.zip", archive(rows, **others))


@pytest.fixture
def bills(ends: Ends) -> UnionpayBills:
    return UnionpayBills(ends.member, clock=ManualClock(NOW), entropy=SeededEntropy(1))


def row(change: Mapping[int, str] | None = None) -> bytes:
    return TRADES.write({**ROW, **(change or {})})


def refused(bills: UnionpayBills, file: BillFile) -> str | None:
    with pytest.raises(Refused) as refusal:
        list(bills.trades(file))
    assert refusal.value.code == "bill_malformed"
    return refusal.value.field


def test_the_widths_are_those_of_the_specification() -> None:
    assert (len(TRADES.widths), TRADES.size) == (42, 607)
    assert (len(ERRORS.widths), ERRORS.size) == (22, 318 + 21)


def test_byte_widths_hold_with_chinese_text_before_a_field(bills: UnionpayBills) -> None:
    """安付小店 is 4 characters and 8 bytes: who counts characters reads what follows it wrong."""
    line = row()
    assert len(line) == 607 + 2
    assert len(line.decode("gbk")) == 609 - 4 - 3
    fields = Layout(TRADES.widths, {**TRADES.names, 31: "简称", 33: "清算净额"}).cut(
        line[:-2], place=1
    )
    assert fields["简称"] == "安付小店"
    assert fields["清算净额"] == "C000000473939"
    assert fields["商户自定义域"] == "一杯茶"
    [trade] = bills.trades(bill(line))
    assert trade == TradeLine(
        row=1, kind=TradeKind.PAYMENT, number=NUMBER, refund=None,
        reference="201509061122031906248", amount=476800, currency="CNY", fee=2861,
        at=datetime(2026, 11, 23, 3, 22, 3, tzinfo=UTC), state=TradeState.DONE,
    )  # fmt: skip


BACK_ROW = {
    12: "rfd01hf0000000000000000000000", 16: "C000000000100", 17: "D000000476700", 20: "04",
    33: "D000000476700", 41: "pay01hf0000000000000000000000",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["04", "31"])
def test_a_refund_names_its_payment_and_gives_its_fee_back(bills: UnionpayBills, kind: str) -> None:
    [line] = bills.trades(bill(row({**BACK_ROW, 20: kind})))
    assert (line.kind, line.number, line.refund) == (TradeKind.REFUND, NUMBER, BACK)
    assert (line.amount, line.fee) == (476800, -100)
    older = {**BACK_ROW, 35: BACK_ROW[41], 41: ""}
    assert next(bills.trades(bill(row(older)))).number == NUMBER


def test_an_instalment_fee_is_part_of_the_fee(bills: UnionpayBills) -> None:
    more = {38: "000000000100", 17: "C000000473839"}
    assert next(bills.trades(bill(row(more)))).fee == 2961


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({20: "02"}, "交易类型"),
        ({28: "777290058110049"}, "商户代码"),
        ({7: "00000047680x"}, "交易金额"),
        ({16: "X000000002861"}, "商户手续费"),
        ({16: "D00000002861"}, "商户手续费"),
        ({17: "C000000473938"}, "结算金额"),
        ({17: "D000000473939"}, "结算金额"),
        ({5: "1323112203"}, "交易传输时间"),
        ({12: "an-order"}, "商户订单号"),
        ({20: "04"}, "结算金额"),
        ({**BACK_ROW, 41: ""}, "商户订单号"),
    ],
)
def test_a_wrong_field_is_refused_with_row_and_column(
    bills: UnionpayBills, change: dict[int, str], field: str
) -> None:
    assert refused(bills, bill(row() + row(change))) == f"row 2: {field}"


def test_a_row_of_another_length_is_refused(bills: UnionpayBills) -> None:
    line = row().rstrip(b"\r\n")
    assert len(list(bills.trades(bill(line[:-98])))) == 1, "the reserve may be cut off"
    assert refused(bills, bill(line + b" ")) == "row 1: 608 bytes"
    assert refused(bills, bill(line[:400])) == "row 1: 400 bytes"
    assert refused(bills, bill(b"\r\n")) == "row 1: 0 bytes"
    shifted = line[:4] + b"x" + line[4:-1]
    assert refused(bills, bill(shifted)) == "row 1: after field 4"
    half = line.replace("安付小店".encode("gbk"), "安付小".encode("gbk") + b"\xb5x")
    assert len(list(bills.trades(bill(half)))) == 1, "a field that is not read may be anything"


def test_the_archive_is_of_this_day_and_merchant(bills: UnionpayBills) -> None:
    for name in (f"INN26112288ZM_{MERCHANT}", "INN26112388ZM_777290058110049"):
        file = BillFile("unionpay", BillKind.TRADE, DAY, "x", archive(row(), name))
        assert refused(bills, file) == f"row 0: {name}"
    other = BillFile("unionpay", BillKind.TRADE, DAY, "x", archive(row(), "readme.txt"))
    assert list(bills.trades(other)) == []
    assert refused(bills, replace(other, content=b"PK\x03\x04")) == "row 1: archive"
    broken = archive(row()).replace(b"000000476800", b"000000476900", 1)
    assert refused(bills, replace(other, content=broken)) == "row 1: archive"


@pytest.mark.parametrize(
    ("day", "time", "year"),
    [
        (date(2026, 1, 1), "1231230501", 2025),
        (date(2026, 1, 1), "0101120000", 2026),
        (date(2026, 12, 31), "1231120000", 2026),
        (date(2024, 2, 29), "0229120000", 2024),
        (date(2025, 1, 2), "0229120000", 2024),
    ],
)
def test_the_year_of_a_row_follows_from_the_settlement_date(
    bills: UnionpayBills, day: date, time: str, year: int
) -> None:
    content = archive(row({5: time}), f"INN{day:%y%m%d}88ZM_{MERCHANT}")
    [line] = bills.trades(BillFile("unionpay", BillKind.TRADE, day, "x", content))
    assert (line.at + timedelta(hours=8)).strftime("%Y%m%d") == f"{year}{time[:4]}"


def test_fund_lines_add_up_to_what_is_paid_out(bills: UnionpayBills) -> None:
    error = {1: "E74", 4: "000007", 5: "1123120000", 7: "000000000500", 15: "C" + "0" * 12,
             16: "D000000000500"}  # fmt: skip
    file = bill(
        row() + row(BACK_ROW), BillKind.FUND,
        **{f"INN26112388ZME_{MERCHANT}": ERRORS.write(error)},
    )  # fmt: skip
    lines = list(bills.funds(file))
    assert [(f.row, f.kind, f.amount, f.balance) for f in lines] == [
        (1, FundKind.PAYMENT, 476800, None),
        (2, FundKind.FEE, -2861, None),
        (3, FundKind.REFUND, -476800, None),
        (4, FundKind.FEE, 100, None),
        (5, FundKind.OTHER, -500, None),
        (6, FundKind.SETTLEMENT, 3261, 0),
    ]
    assert sum(f.amount for f in lines) == 0
    assert lines[-1].reference == "20261123"
    assert lines[4].reference == "E740000071123120000"
    assert list(bills.funds(bill(b""))) == []


async def fetch(rig: Rig, day: date, kind: BillKind = BillKind.TRADE) -> BillFile | NoBill:
    bills = UnionpayBills(rig.member, clock=rig.clock, entropy=SeededEntropy(1), transport=rig.wire)
    try:
        return await bills.fetch(kind, day)
    finally:
        await bills.aclose()


async def test_the_bill_of_a_day_is_there_the_next_day_at_nine(
    rig: Rig, bills: UnionpayBills
) -> None:
    paid = await rig.channel.pay(ORDER)
    await rig.channel.refund(refund_of(paid))
    rig.network.desk.mistake(DAY, -7)
    assert await fetch(rig, DAY) is NoBill.LATER
    rig.clock.set(datetime(2026, 11, 24, 0, 59, 59, tzinfo=UTC))
    assert await fetch(rig, DAY) is NoBill.LATER
    rig.pass_by(seconds=1)
    file = await fetch(rig, DAY, BillKind.FUND)
    assert isinstance(file, BillFile)
    assert (file.channel, file.day, file.name) == ("unionpay", DAY, f"{MERCHANT}_20261123.zip")
    assert [(t.number, t.refund, t.amount, t.fee) for t in bills.trades(file)] == [
        (NUMBER, None, 1234, 7),
        (NUMBER, BACK, 1000, 0),
    ]
    assert next(bills.trades(file)).reference == paid.reference
    funds: list[FundLine] = list(bills.funds(file))
    assert -funds[-1].amount == rig.network.settle(DAY) == 1234 - 7 - 1000 - 7


async def test_the_settlement_date_changes_at_23_o_clock(rig: Rig, bills: UnionpayBills) -> None:
    rig.clock.set(datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC))
    await rig.channel.pay(replace(ORDER, at=rig.clock.now()))
    rig.pass_by(seconds=1)
    await rig.channel.pay(replace(ORDER, payment=NUMBER + "2", at=rig.clock.now()))
    rig.pass_by(days=2)
    numbers = []
    for day in (DAY, DAY + timedelta(days=1)):
        file = await fetch(rig, day)
        assert isinstance(file, BillFile)
        numbers.append([line.number for line in bills.trades(file)])
    assert numbers == [[NUMBER], [NUMBER + "2"]]


async def test_no_file_is_an_answer_only_once_none_can_come(rig: Rig) -> None:
    rig.clock.set(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))
    assert await fetch(rig, DAY) is NoBill.LATER
    rig.pass_by(seconds=1)
    assert await fetch(rig, DAY) is NoBill.EMPTY


@pytest.mark.parametrize(
    ("mishap", "amounts"),
    [
        (Mishap.ROW_MISSING, []),
        (Mishap.ROW_EXTRA, [1234, 1234]),
        (Mishap.ROW_CHANGED, [1235]),
    ],
)
async def test_a_bill_that_is_wrong_is_still_read(
    rig: Rig, bills: UnionpayBills, mishap: Mishap, amounts: list[int]
) -> None:
    rig.mishap(mishap)
    await rig.channel.pay(ORDER)
    rig.pass_by(days=1)
    file = await fetch(rig, DAY)
    assert isinstance(file, BillFile)
    assert [line.amount for line in bills.trades(file)] == amounts


def _deflated(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    "said",
    [
        {"respCode": "00", "settleDate": "1123", "fileContent": "!"},
        {"respCode": "00", "settleDate": "1123", "fileContent": _deflated(b"x")[:-8]},
        {"respCode": "00", "settleDate": "1123", "fileContent": ""},
        {"respCode": "00", "settleDate": "1122", "fileContent": _deflated(b"x")},
        {"respCode": "11", "settleDate": "1123"},
    ],
)
async def test_a_file_that_cannot_be_unpacked_or_is_of_another_day_is_no_bill(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, said: dict[str, str]
) -> None:
    monkeypatch.setattr(rig.network.desk, "bill", lambda _: said)
    with pytest.raises(OutsideFailure) as failure:
        await fetch(rig, DAY)
    assert failure.value.reason in ("answer_untrusted", "request_refused")


async def test_a_forged_bill_is_no_bill(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    rig.pass_by(days=1)
    rig.wire.change = lambda status, body: (
        status,
        body.replace(b"fileContent=e", b"fileContent=f"),
    )
    with pytest.raises(OutsideFailure, match="answer_untrusted"):
        await fetch(rig, DAY)
