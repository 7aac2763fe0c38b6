"""Refunds at Alipay: once each, up to the whole, and not too fast."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from tests.contract.alipay_rig import (
    DONE,
    NOT_DONE,
    NUMBER,
    ORDER,
    REFUND,
    UNKNOWN,
    Rig,
    make_rig,
    said,
)

from anfu.channels.alipay.simulator.call import Trouble
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.channels.alipay.simulator.wire import Wire
from anfu.channels.port import Scene
from anfu.channels.sandbox.faults import Fault

MINI = replace(ORDER, scene=Scene.MINI_PROGRAM, code=None, payer="2088000000009999")


@pytest.fixture
def rig() -> Rig:
    return make_rig()


async def _paid(rig: Rig) -> None:
    assert (await rig.channel.pay(ORDER)).outcome is DONE


async def _refunded(rig: Rig) -> None:
    await _paid(rig)
    assert (await rig.channel.refund(REFUND)).outcome is DONE


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
