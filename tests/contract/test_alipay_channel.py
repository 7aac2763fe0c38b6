"""Alipay as a `Channel`: every operation against every way to fail, and the network's own traps.

The simulator speaks the real wire, with real signatures, in process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from tests.contract.alipay_rig import (
    DONE,
    NOT_DONE,
    NOW,
    NUMBER,
    ORDER,
    REFUND,
    UNKNOWN,
    Rig,
    make_rig,
    said,
)

from anfu.channels.alipay.member import Mode
from anfu.channels.alipay.simulator.call import Trouble
from anfu.channels.alipay.simulator.faults import WireFault
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.channels.alipay.simulator.wire import Wire
from anfu.channels.bills.bill import BillKind
from anfu.channels.port import ChannelAnswer, ChannelOrder, HandoverKind, Scene
from anfu.channels.sandbox.faults import Fault
from anfu.kernel.errors import BrokenInvariant, Outcome
from anfu.storage import transaction

CODE = replace(ORDER, scene=Scene.DYNAMIC_CODE, code=None)
MINI = replace(ORDER, scene=Scene.MINI_PROGRAM, code=None, payer="2088000000009999")
Call = Callable[[Rig], Awaitable[ChannelAnswer]]


@pytest.fixture
def rig() -> Rig:
    return make_rig()


async def _paid(rig: Rig) -> None:
    assert (await rig.channel.pay(ORDER)).outcome is DONE


async def _refunded(rig: Rig) -> None:
    await _paid(rig)
    assert (await rig.channel.refund(REFUND)).outcome is DONE


async def _nothing(rig: Rig) -> None:
    pass


OPERATIONS: dict[str, tuple[Callable[[Rig], Awaitable[None]], Call]] = {
    "pay": (_nothing, lambda rig: rig.channel.pay(ORDER)),
    "precreate": (_nothing, lambda rig: rig.channel.pay(CODE)),
    "create": (_nothing, lambda rig: rig.channel.pay(MINI)),
    "query": (_paid, lambda rig: rig.channel.query(ORDER)),
    "close": (_nothing, lambda rig: rig.channel.close(CODE)),
    "refund": (_paid, lambda rig: rig.channel.refund(REFUND)),
    "query_refund": (_refunded, lambda rig: rig.channel.query_refund(REFUND)),
}
GOOD: dict[str, tuple[Outcome, str | None]] = {
    "pay": (DONE, None),
    "precreate": (UNKNOWN, "payer_awaited"),
    "create": (UNKNOWN, "payer_awaited"),
    "query": (DONE, None),
    "close": (UNKNOWN, "not_found"),
    "refund": (DONE, None),
    "query_refund": (DONE, None),
}
BAD: dict[Fault | WireFault, tuple[Outcome, str]] = {
    Fault.LOSE_REQUEST: (UNKNOWN, "timed_out"),
    Fault.LOSE_ANSWER: (UNKNOWN, "timed_out"),
    Fault.LATE: (UNKNOWN, "timed_out"),
    Fault.SERVER_ERROR: (UNKNOWN, "http_503"),
    Fault.PROCESSING: (UNKNOWN, "network_busy"),
    WireFault.RATE_LIMIT: (UNKNOWN, "rate_limited"),
    WireFault.FORGE: (UNKNOWN, "answer_untrusted"),
}


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_succeeds(name: str, mode: Mode) -> None:
    rig = make_rig(mode)
    before, call = OPERATIONS[name]
    await before(rig)
    assert said(await call(rig)) == GOOD[name]


@pytest.mark.parametrize("fault", BAD)
@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_that_fails_ends_in_its_outcome(
    rig: Rig, name: str, fault: Fault | WireFault
) -> None:
    before, call = OPERATIONS[name]
    await before(rig)
    rig.member = replace(rig.member, timeout_s=0.02)
    rig.channel = rig.other(httpx.ASGITransport(rig.simulator.app))
    rig.fail(fault)
    answer = await call(rig)
    forged_not_found = (name, fault) == ("close", WireFault.FORGE)
    assert said(answer) == ((UNKNOWN, "not_found") if forged_not_found else BAD[fault])
    assert (answer.amount, answer.reference, answer.handover) == (None, None, None)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_connection_refused_is_not_done_only_at_the_first_sending(
    rig: Rig, name: str
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    before, call = OPERATIONS[name]
    await before(rig)
    rig.channel = rig.other(httpx.MockTransport(refuse))
    first = name in ("pay", "precreate", "create", "refund")
    assert said(await call(rig)) == (NOT_DONE if first else UNKNOWN, "not_sent")
    again = replace(ORDER, first=False)
    assert said(await rig.channel.pay(again)) == (UNKNOWN, "not_sent")


@pytest.mark.parametrize(
    ("digits", "reason", "code"),
    [
        ("0001", "insufficient_funds", "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
        ("0003", "payer_code_invalid", "ACQ.PAYMENT_AUTH_CODE_INVALID"),
        ("0004", "limit_at_network", "ACQ.TOTAL_FEE_EXCEED"),
    ],
)
async def test_a_decline_is_final_only_for_a_number_sent_once(
    rig: Rig, digits: str, reason: str, code: str
) -> None:
    order = replace(ORDER, code=f"28123456789012{digits}")
    assert await rig.channel.pay(order) == ChannelAnswer(NOT_DONE, None, reason, said=code)
    again = replace(order, first=False)
    assert await rig.channel.pay(again) == ChannelAnswer(UNKNOWN, None, reason, said=code)
    assert rig.simulator.book.trades == {}


async def test_a_code_that_an_earlier_sending_used_up_is_no_decline(rig: Rig) -> None:
    """The first sending paid and its answer was lost; the code is spent when it is sent again."""
    rig.fail(Fault.LOSE_ANSWER)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    for code in (ORDER.code, None):
        answer = await rig.channel.pay(replace(ORDER, first=False, code=code))
        assert (answer.outcome, answer.amount, answer.currency) == (DONE, 1234, "CNY")


async def test_a_payer_who_must_type_a_password_is_awaited_then_cancelled(rig: Rig) -> None:
    order = replace(ORDER, code="281234567890120002")
    assert said(await rig.channel.pay(order)) == (UNKNOWN, "payer_awaited")
    assert said(await rig.channel.query(order)) == (UNKNOWN, "payer_awaited")
    closed = await rig.channel.close(order)
    assert (said(closed), closed.said) == ((NOT_DONE, "closed"), "close")
    assert said(await rig.channel.query(order)) == (NOT_DONE, "closed")
    assert said(await rig.channel.pay(order)) == (NOT_DONE, "closed")


async def test_a_payer_who_typed_the_password_in_time_is_not_cancelled(rig: Rig) -> None:
    order = replace(ORDER, code="281234567890120002")
    await rig.channel.pay(order)
    rig.simulator.payer.pay(NUMBER)
    closed = await rig.channel.close(order)
    assert (closed.outcome, closed.amount) == (DONE, 1234)
    assert rig.simulator.book.trades[NUMBER].refunds == {}


async def test_a_cancel_of_what_the_network_does_not_know_proves_nothing(rig: Rig) -> None:
    assert said(await rig.channel.close(ORDER)) == (UNKNOWN, "not_found")
    assert said(await rig.channel.pay(ORDER)) == (DONE, None)


async def test_close_after_success_is_done_and_changes_nothing(rig: Rig) -> None:
    await rig.channel.pay(CODE)
    rig.simulator.payer.pay(NUMBER)
    closed = await rig.channel.close(CODE)
    assert (closed.outcome, closed.amount, closed.said) == (DONE, 1234, "TRADE_SUCCESS")
    assert rig.simulator.book.trades[NUMBER].state == "TRADE_SUCCESS"


async def test_an_order_nobody_has_come_for_is_closed_once_its_time_is_over(rig: Rig) -> None:
    """The network does not know a code nobody scanned: it ends by the moment it carries."""
    await rig.channel.pay(CODE)
    assert said(await rig.channel.close(CODE)) == (UNKNOWN, "not_found")
    rig.later(minutes=24, seconds=59)
    assert said(await rig.channel.close(CODE)) == (UNKNOWN, "not_found")
    rig.later(seconds=1)
    closed = await rig.channel.close(CODE)
    assert (said(closed), closed.said) == ((NOT_DONE, "order_expired"), "ACQ.TRADE_NOT_EXIST")


async def test_an_order_scanned_and_not_paid_is_closed_at_once(rig: Rig) -> None:
    assert said(await rig.channel.pay(MINI)) == (UNKNOWN, "payer_awaited")
    assert said(await rig.channel.close(MINI)) == (NOT_DONE, "closed")
    assert said(await rig.channel.query(MINI)) == (NOT_DONE, "closed")


async def test_a_trade_given_back_in_full_was_paid_and_one_that_expired_was_not(rig: Rig) -> None:
    """TRADE_CLOSED means both."""
    await _paid(rig)
    await rig.channel.refund(replace(REFUND, amount=1234))
    given_back = await rig.channel.query(ORDER)
    assert (given_back.outcome, given_back.amount) == (DONE, 1234)
    assert given_back.said == "TRADE_CLOSED"
    other = replace(MINI, payment="pay_2")
    await rig.channel.pay(other)
    rig.later(minutes=15)
    expired = await rig.channel.query(other)
    assert (said(expired), expired.said) == ((NOT_DONE, "closed"), "TRADE_CLOSED")


async def test_the_same_number_with_another_amount_is_a_conflict(rig: Rig) -> None:
    await rig.channel.pay(CODE)
    other = replace(CODE, amount=1235)
    assert said(await rig.channel.pay(other)) == (UNKNOWN, "content_conflict")
    await rig.channel.pay(CODE)
    rig.simulator.payer.pay(NUMBER)
    assert said(await rig.channel.query(other)) == (UNKNOWN, "amount_mismatch")


async def test_an_answer_about_another_order_is_misplaced(rig: Rig) -> None:
    class Replaying(httpx.AsyncBaseTransport):
        """Someone on the line, who answers with what was answered first."""

        def __init__(self) -> None:
            self.kept: bytes | None = None
            self.inner = httpx.ASGITransport(rig.simulator.app)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await self.inner.handle_async_request(request)
            self.kept = self.kept or await response.aread()
            return httpx.Response(200, stream=httpx.ByteStream(self.kept))

    await _paid(rig)
    channel = rig.other(Replaying())
    assert said(await channel.query(ORDER)) == (DONE, None)
    other = replace(ORDER, payment="pay_2")
    assert said(await channel.query(other)) == (UNKNOWN, "answer_misplaced")


async def test_refunds_in_part_up_to_the_whole_and_never_over(rig: Rig) -> None:
    await _refunded(rig)
    rig.later(seconds=3)
    over = replace(REFUND, refund="rfd_2", amount=235)
    assert said(await rig.channel.refund(over)) == (NOT_DONE, "refund_exceeds_payment")
    rest = await rig.channel.refund(replace(REFUND, refund="rfd_3", amount=234))
    assert (rest.outcome, rest.amount) == (DONE, 234)
    more = replace(REFUND, refund="rfd_4", amount=1)
    assert said(await rig.channel.refund(more)) == (NOT_DONE, "closed")
    assert [r.amount for r in rig.simulator.book.trades[NUMBER].refunds.values()] == [1000, 234]


async def test_a_refund_retried_with_the_same_number_moves_money_once(rig: Rig) -> None:
    """`fund_change` is N the second time; the query then says that it was done."""
    await _paid(rig)
    rig.fail(Fault.LOSE_ANSWER)
    assert said(await rig.channel.refund(REFUND)) == (UNKNOWN, "timed_out")
    rig.fail()
    again = await rig.channel.refund(replace(REFUND, first=False))
    assert (again.outcome, again.amount, again.currency) == (DONE, 1000, "CNY")
    assert len(rig.simulator.book.trades[NUMBER].refunds) == 1
    other = replace(REFUND, amount=999)
    assert said(await rig.channel.refund(other)) == (UNKNOWN, "content_conflict")


async def test_a_refund_declined_since_it_was_done_before_is_done(rig: Rig) -> None:
    """Nothing is left to give back because an earlier sending of this number gave it."""
    await _paid(rig)
    whole = replace(REFUND, amount=1234)
    await rig.channel.refund(whole)
    inner = httpx.ASGITransport(rig.simulator.app)
    wire = Wire(NetworkKeys(rig.folder), clock=rig.clock)

    async def strict(request: httpx.Request) -> httpx.Response:
        method = request.url.params["method"]
        response = await inner.handle_async_request(request)
        body = await response.aread()
        if method == "alipay.trade.refund":
            body = bytes(wire.refusal(method, Trouble("ACQ.TRADE_HAS_CLOSE"), NUMBER).body)
        return httpx.Response(200, stream=httpx.ByteStream(body))

    channel = rig.other(httpx.MockTransport(strict))
    again = await channel.refund(replace(whole, first=False))
    assert (again.outcome, again.amount) == (DONE, 1234)
    other = replace(whole, refund="rfd_2", first=False)
    assert said(await channel.refund(other)) == (NOT_DONE, "closed")


async def test_refunds_of_one_trade_within_three_seconds_are_rate_limited(rig: Rig) -> None:
    await _refunded(rig)
    second = replace(REFUND, refund="rfd_2", amount=34)
    rig.later(seconds=2.9)
    assert said(await rig.channel.refund(second)) == (UNKNOWN, "rate_limited")
    assert said(await rig.channel.query_refund(second)) == (UNKNOWN, "not_found")
    rig.later(seconds=0.1)
    assert said(await rig.channel.refund(second)) == (DONE, None)


async def test_what_cannot_be_refunded(rig: Rig) -> None:
    assert said(await rig.channel.refund(REFUND)) == (UNKNOWN, "not_found")
    await rig.channel.pay(MINI)
    assert said(await rig.channel.refund(REFUND)) == (UNKNOWN, "payment_not_paid")
    dollars = replace(REFUND, currency="USD")
    assert said(await rig.channel.refund(dollars)) == (NOT_DONE, "currency_mismatch")


async def test_a_late_success_after_the_close_is_found(rig: Rig) -> None:
    await rig.channel.pay(MINI)
    rig.fail(WireFault.LATE_SUCCESS)
    assert said(await rig.channel.close(MINI)) == (NOT_DONE, "closed")
    assert said(await rig.channel.query(MINI)) == (DONE, None)
    assert [notice.outcome for notice in await rig.notices()] == [NOT_DONE, DONE]


async def test_a_request_that_arrives_late_is_paid_after_the_time_out(rig: Rig) -> None:
    rig.fail(Fault.LATE)
    rig.member = replace(rig.member, timeout_s=0.02)
    channel = rig.other(httpx.ASGITransport(rig.simulator.app))
    assert said(await channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    await asyncio.sleep(0.02)
    assert said(await channel.query(ORDER)) == (DONE, None)


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, scene=Scene.ON_FILE),
        replace(MINI, payer=None),
    ],
    ids=["on file", "no payer"],
)
async def test_an_order_alipay_cannot_take_is_not_sent(rig: Rig, order: ChannelOrder) -> None:
    assert said(await rig.channel.pay(order)) == (NOT_DONE, "request_refused")
    assert said(await rig.channel.pay(replace(order, first=False))) == (UNKNOWN, "request_refused")
    assert said(await rig.channel.pay(replace(ORDER, code=None))) == (NOT_DONE, "request_refused")
    dollars = replace(ORDER, currency="USD")
    assert said(await rig.channel.pay(dollars)) == (NOT_DONE, "currency_mismatch")
    assert rig.simulator.book.trades == {}


@pytest.mark.parametrize(
    ("scene", "kind", "names"),
    [
        (Scene.PAGE, HandoverKind.LINK, {"url"}),
        (Scene.H5, HandoverKind.LINK, {"url"}),
        (Scene.STATIC_CODE, HandoverKind.LINK, {"url"}),
        (Scene.APP, HandoverKind.CALL, {"orderStr"}),
        (Scene.DYNAMIC_CODE, HandoverKind.CODE, {"text"}),
    ],
)
async def test_what_is_handed_over_can_be_opened_and_paid(
    rig: Rig, scene: Scene, kind: HandoverKind, names: set[str]
) -> None:
    order = replace(ORDER, scene=scene, code=None, return_url="https://shop.example/back?x=1")
    answer = await rig.channel.pay(order)
    assert answer.handover is not None
    assert (answer.handover.kind, set(answer.handover.values)) == (kind, names)
    [text] = answer.handover.values.values()
    assert text not in repr(answer)
    assert rig.simulator.payer.open(text) == NUMBER
    rig.simulator.payer.pay(NUMBER)
    done = await rig.channel.query(order)
    assert (done.outcome, done.amount) == (DONE, 1234)
    [notice] = await rig.notices()
    assert (notice.payment, notice.outcome, notice.amount) == (NUMBER, DONE, 1234)


async def test_a_payer_inside_the_app_behind_a_static_code_gets_a_call(rig: Rig) -> None:
    order = replace(MINI, scene=Scene.STATIC_CODE)
    answer = await rig.channel.pay(order)
    assert answer.handover is not None and answer.handover.kind is HandoverKind.CALL
    assert answer.handover.values == {"tradeNO": rig.simulator.book.trades[NUMBER].reference}


async def test_a_browser_pays_on_the_page_and_comes_back(rig: Rig) -> None:
    back = "https://shop.example/back?x=1"
    order = replace(ORDER, scene=Scene.H5, code=None, return_url=back)
    answer = await rig.channel.pay(order)
    assert answer.handover is not None
    link = answer.handover.values["url"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rig.simulator.app)) as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert "茶 咖啡: ¥12.34" in page.text and f'action="/cashier/{NUMBER}"' in page.text
        forged = await browser.get(link.replace("12.34", "0.01"))
        assert (forged.status_code, "isv.invalid-signature" in forged.text) == (400, True)
        there = str(page.url.join(f"/cashier/{NUMBER}"))
        paid = await browser.post(there, data={"act": "pay"})
    reference = rig.simulator.book.trades[NUMBER].reference
    assert paid.status_code == 303
    assert paid.headers["location"] == f"{back}&out_trade_no={NUMBER}&trade_no={reference}"
    assert said(await rig.channel.query(order)) == (DONE, None)


async def test_no_call_is_made_in_an_open_transaction(rig: Rig) -> None:
    mark = transaction._open.set(True)
    try:
        with pytest.raises(BrokenInvariant):
            await rig.channel.pay(replace(ORDER, scene=Scene.PAGE))
        for _, call in OPERATIONS.values():
            with pytest.raises(BrokenInvariant):
                await call(rig)
        with pytest.raises(BrokenInvariant):
            await rig.bills.fetch(BillKind.TRADE, NOW.date())
    finally:
        transaction._open.reset(mark)
    assert rig.simulator.book.trades == {}
