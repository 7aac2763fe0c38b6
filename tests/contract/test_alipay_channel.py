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
from anfu.channels.alipay.simulator.faults import WireFault
from anfu.channels.bills.bill import BillKind
from anfu.channels.port import ChannelAnswer, Scene
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
