"""WeChat Pay's bills: fetched with their hash, read by name, summed up."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from tests.contract.wechat_rig import CODE, NATIVE, NOW, REFUND, Rig, make_rig

from anfu.channels.bills.bill import (
    BillFile,
    BillKind,
    FundKind,
    NoBill,
    TradeKind,
    TradeState,
)
from anfu.channels.sandbox.faults import Faults
from anfu.channels.wechat.bills import check_digest
from anfu.channels.wechat.simulator.troubles import Trouble, Troubles
from anfu.channels.wechat.trades import read_trades
from anfu.kernel.errors import OutsideFailure, Refused

DAY = date(2026, 11, 26)
NEXT_TEN = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


@pytest.fixture
async def rig() -> Rig:
    """A day with two payments, a refund, and a payer's code; one merchant would break the table."""
    rig = make_rig()
    await rig.paid()
    await rig.paid(replace(NATIVE, payment="pay_2", amount=99, subject="a,`b\r\n`1,`2"))
    rig.clock.advance(timedelta(minutes=1))
    await rig.channel.pay(replace(CODE, payment="pay_3", amount=500))
    await rig.channel.refund(replace(REFUND, amount=334))
    return rig


async def bill(rig: Rig, kind: BillKind = BillKind.TRADE) -> BillFile:
    rig.clock.set(max(NEXT_TEN, rig.clock.now()))
    file = await rig.bills.fetch(kind, DAY)
    assert isinstance(file, BillFile)
    return file


async def test_the_trade_bill_of_a_day(rig: Rig) -> None:
    assert rig.simulator.desk.orders.all["pay_2"].wanted.description == "a, b   1, 2"
    file = await bill(rig)
    assert file.name == "wechat-trade-2026-11-26.csv.gz"
    lines = list(rig.bills.trades(file))
    assert [(i.row, i.kind, i.number, i.refund, i.amount, i.fee) for i in lines] == [
        (1, TradeKind.PAYMENT, NATIVE.payment, None, 1234, 7),
        (2, TradeKind.PAYMENT, "pay_2", None, 99, 1),
        (3, TradeKind.REFUND, NATIVE.payment, REFUND.refund, 334, -2),
        (4, TradeKind.PAYMENT, "pay_3", None, 500, 3),
    ]
    assert {(i.currency, i.state) for i in lines} == {("CNY", TradeState.DONE)}
    assert [i.at for i in lines] == [NOW, NOW, *[NOW + timedelta(minutes=1)] * 2]
    known = await rig.channel.query(NATIVE)
    assert lines[0].reference == known.reference
    assert lines[2].reference == (await rig.channel.query_refund(REFUND)).reference


async def test_a_reversed_code_is_money_back_under_the_payments_own_number(rig: Rig) -> None:
    rig.simulator.desk.reverse("pay_3", now=rig.clock.now())
    back = [i for i in rig.bills.trades(await bill(rig)) if i.number == "pay_3"]
    assert [(i.kind, i.refund, i.amount) for i in back] == [
        (TradeKind.PAYMENT, None, 500),
        (TradeKind.REFUND, "pay_3", 500),
    ]


async def test_the_fund_bill_of_a_day_and_its_settlement(rig: Rig) -> None:
    assert rig.simulator.settle() == 1234 - 7 + 99 - 1 + 500 - 3 - 334 + 2
    lines = list(rig.bills.funds(await bill(rig, BillKind.FUND)))
    assert [(i.kind, i.amount, i.balance) for i in lines] == [
        (FundKind.PAYMENT, 1234, 1234),
        (FundKind.FEE, -7, 1227),
        (FundKind.PAYMENT, 99, 1326),
        (FundKind.FEE, -1, 1325),
        (FundKind.PAYMENT, 500, 1825),
        (FundKind.FEE, -3, 1822),
        (FundKind.REFUND, -334, 1488),
        (FundKind.FEE, 2, 1490),
        (FundKind.SETTLEMENT, -1490, 0),
    ]
    assert (lines[0].number, lines[6].number) == (NATIVE.payment, REFUND.refund)


@pytest.mark.parametrize("kind", BillKind)
async def test_when_there_is_no_bill(kind: BillKind) -> None:
    rig = make_rig()
    with pytest.raises(OutsideFailure) as failed:
        await rig.bills.fetch(kind, DAY)  # never of today
    assert failed.value.reason == "request_refused"
    rig.clock.set(NEXT_TEN - timedelta(seconds=1))
    assert await rig.bills.fetch(kind, DAY) is NoBill.LATER
    rig.clock.set(NEXT_TEN)
    assert await rig.bills.fetch(kind, DAY) is NoBill.EMPTY


async def test_the_hash_is_of_the_unpacked_text_with_byte_order_mark_and_crlf(rig: Rig) -> None:
    content = (await bill(rig)).content
    text = gzip.decompress(content)
    assert text.startswith(b"\xef\xbb\xbf") and text.endswith(b"\r\n")
    digest = hashlib.sha1(text).hexdigest()
    check_digest(content, digest)
    for other in (content, text.removeprefix(b"\xef\xbb\xbf"), text.replace(b"\r\n", b"\n")):
        with pytest.raises(Refused) as refused:
            check_digest(content, hashlib.sha1(other).hexdigest())
        assert str(refused.value) == "message_forged (hash_value)"


async def test_an_archive_that_is_none_or_unfolds_too_far_is_refused() -> None:
    for content in (b"", b"text", gzip.compress(b"x" * 99)[:-9]):
        with pytest.raises(Refused) as refused:
            check_digest(content or b"\x1f", "0")
        assert str(refused.value) == "message_malformed (archive)"
    bomb = gzip.compress(bytes(1_000_000))
    with pytest.raises(Refused) as refused:
        check_digest(bomb, "0", most_bytes=999_999)
    assert str(refused.value) == "message_malformed (size)"


async def test_a_file_that_was_changed_on_its_way_is_not_taken(rig: Rig) -> None:
    async def change(response: httpx.Response) -> httpx.Response:
        content = await response.aread()
        if response.headers.get("wechatpay-signature") is None:
            content = gzip.compress(gzip.decompress(content).replace(b"12.34", b"12.35"))
        stream = httpx.ByteStream(content)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)

    rig.tap.forge = change
    rig.clock.set(NEXT_TEN)
    with pytest.raises(OutsideFailure) as failed:
        await rig.bills.fetch(BillKind.TRADE, DAY)
    assert failed.value.reason == "answer_untrusted"


async def test_the_address_of_a_file_is_the_networks_own_and_the_request_signed(rig: Rig) -> None:
    await bill(rig)
    asked, fetched = rig.tap.sent[-2:]
    assert asked.url.raw_path == (
        b"/v3/bill/tradebill?bill_date=2026-11-26&bill_type=ALL&tar_type=GZIP"
    )
    assert fetched.url.path == "/v3/billdownload/file"
    assert fetched.headers["authorization"].startswith("WECHATPAY2-SHA256-RSA2048 ")
    rig.simulator.peer.url = "http://evil.example"
    with pytest.raises(OutsideFailure) as failed:
        await rig.bills.fetch(BillKind.TRADE, DAY)
    assert failed.value.reason == "answer_misplaced"
    assert rig.tap.sent[-1].url.path == "/v3/bill/tradebill"


@pytest.mark.parametrize(
    ("hit", "rows"),
    [
        (Trouble.MISSING_ROW, []),
        (Trouble.EXTRA_ROW, [("pay_3", 500), ("xay_3", 500)]),
        (Trouble.CHANGED_ROW, [("pay_3", 600)]),
    ],
)
async def test_rows_that_are_wrong_in_a_bill_whose_sums_are_right(
    hit: Trouble, rows: list[tuple[str, int]]
) -> None:
    rig = make_rig()
    await rig.channel.pay(replace(CODE, payment="pay_3", amount=500))
    rig.simulator.trouble(Troubles(Faults(), {hit: 1.0}))
    rig.clock.set(NEXT_TEN)
    file = await rig.bills.fetch(BillKind.TRADE, DAY)
    lines = list(rig.bills.trades(file)) if isinstance(file, BillFile) else []
    assert sorted((line.number, line.amount) for line in lines) == rows


def edited(change: Callable[[str], str]) -> bytes:
    return change(TEXT).encode()


COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
TEXT = (
    f"\ufeff{COLUMNS}\r\n"
    "`2026-11-26 12:00:00,`wx1,`1900000109,`0,`,`4200,`pay_1,`o1,`NATIVE,`SUCCESS,`OTHERS,`CNY,"
    "`10.00,`2.34,`0,`0,`0.00,`0.00,`,`,`茶, 绿茶,`,`0.07404,`0.60%,`12.34,`0.00,`\r\n"
    "`2026-11-26 12:01:00,`wx1,`1900000109,`0,`,`4200,`pay_1,`o1,`NATIVE,`REFUND,`OTHERS,`CNY,"
    "`0.00,`0.00,`5000,`rfd_1,`1.00,`0.00,`ORIGINAL,`PROCESSING,`茶, 绿茶,`,`-0.02500,`0.60%,`0.00,"
    "`3.34,`\r\n"
    f"{SUMS}\r\n`2,`10.00,`1.00,`0.00,`0.04904,`12.34,`3.34\r\n"
)


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace("\r\n", "\n")])
def test_what_was_ordered_is_read_never_what_vouchers_left(change: Callable[[str], str]) -> None:
    paid, back = read_trades(edited(change), "1900000109")
    assert (paid.amount, paid.fee, paid.state) == (1234, 7, TradeState.DONE)
    # 2.5 fen: half a fen away from zero.
    assert (back.amount, back.fee, back.state) == (334, -3, TradeState.PENDING)
    assert (back.number, back.refund, back.reference) == ("pay_1", "rfd_1", "5000")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (("`12.34,`0.00", "`12.35,`0.00"), "row 0: 订单总金额"),
        (("`0.07404", "`0.07405"), "row 0: 手续费总金额"),
        (("\r\n`2,", "\r\n`3,"), "row 0: 总交易单数"),
        (("`10.00,`2.34", "`1e1,`2.34"), "row 1: values"),
        (("`12.34,`0.00", "`12.345,`0.00"), "row 1: values"),
        (("`SUCCESS", "`STOLEN"), "row 1: values"),
        (("2026-11-26 12:00", "2026-13-26 12:00"), "row 1: values"),
        (("`wx1,`1900000109", "`wx1,`1900000108"), "row 1: 商户号"),
        (("`茶, 绿茶", "`茶,`绿茶"), "row 1: columns"),
        (("订单金额,申请", "订单价,申请"), "row 0: 订单金额"),
        (("商户号,特约", "商户订单号,特约"), "row 0: header"),
        ((SUMS, "总数"), "row 0: 总交易单数"),
    ],
)
def test_a_bill_that_does_not_add_up_is_refused(change: tuple[str, str], field: str) -> None:
    content = edited(lambda text: text.replace(*change, 1))
    with pytest.raises(Refused) as refused:
        list(read_trades(content, "1900000109"))
    assert (refused.value.code, refused.value.field) == ("bill_malformed", field)


@pytest.mark.parametrize("cut", [0, 3, 400, -200, -1, -40])
def test_half_a_bill_is_refused(cut: int) -> None:
    packed = gzip.compress(TEXT.encode())
    for content in (TEXT.encode()[:cut] if cut not in (-1,) else b"\xff", packed[:cut]):
        with pytest.raises(Refused) as refused:
            list(read_trades(content, "1900000109"))
        assert refused.value.code == "bill_malformed"
