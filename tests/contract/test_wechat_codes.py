"""A payer's code, by both adapters: what it proves when it fails, and closing it for good."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
from tests.contract.wechat_rig import CODE, DONE, NATIVE, NOT_DONE, UNKNOWN, Rig, make_rig, said

from anfu.channels.port import ChannelOrder
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.wechat.member import PayerCodeWire
from anfu.channels.wechat.simulator.orders import TradeState
from anfu.channels.wechat.simulator.troubles import Troubles
from anfu.kernel.errors import Outcome

Ended = tuple[Outcome, str | None]
AWAITED: Ended = (UNKNOWN, "payer_awaited")


@pytest.fixture(params=["v3", "v2"])
def rig(request: pytest.FixtureRequest) -> Rig:
    return make_rig(payer_code=PayerCodeWire(request.param))


@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        (Fault.LOSE_REQUEST, (UNKNOWN, "timed_out")),
        (Fault.LOSE_ANSWER, (UNKNOWN, "timed_out")),
        (Fault.SERVER_ERROR, (UNKNOWN, "http_503")),
    ],
)
async def test_a_code_by_version_2_that_fails_is_unknown(fault: Fault, ended: Ended) -> None:
    rig = make_rig(payer_code=PayerCodeWire.V2)
    rig.fail(fault)
    assert said(await rig.channel.pay(CODE)) == ended
    rig.fail()
    assert said(await rig.channel.pay(replace(CODE, first=False))) == (DONE, None)
    assert len(rig.simulator.desk.funds.movements) == 2


@pytest.mark.parametrize(
    ("last", "ended"),
    [
        ("0001", AWAITED),
        ("0002", (NOT_DONE, "payer_code_expired")),
        ("0003", (NOT_DONE, "insufficient_funds")),
        ("0004", (NOT_DONE, "payer_code_invalid")),
        ("0005", (UNKNOWN, "network_busy")),
        ("0006", (NOT_DONE, "risk_at_network")),
    ],
)
async def test_a_code_that_does_not_pay_at_once(rig: Rig, last: str, ended: Ended) -> None:
    order = replace(CODE, code=f"13006109882800{last}")
    assert said(await rig.channel.pay(order)) == ended
    again = await rig.channel.pay(replace(order, first=False))
    assert said(again) == (AWAITED if last == "0001" else (NOT_DONE, "payer_declined"))
    assert rig.simulator.desk.funds.movements == []


async def test_a_used_code_does_not_prove_that_an_earlier_sending_failed(rig: Rig) -> None:
    """The trap: the first sending took the money, its answer was lost, and the code is used."""
    rig.fail(Fault.LOSE_ANSWER)
    assert said(await rig.channel.pay(CODE)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.pay(replace(CODE, first=False))) == (DONE, None)
    # Even by a client that forgets to ask first, a used code is no proof.
    rig.simulator.desk.orders.all[CODE.payment].state = TradeState.USERPAYING
    known = await rig.channel._codes.charge(replace(CODE, first=False))
    assert said(known) == (UNKNOWN, "payer_code_invalid")


async def test_a_payer_who_types_the_password_and_one_who_does_not(rig: Rig) -> None:
    order = replace(CODE, code="130061098828000001")
    assert said(await rig.channel.pay(order)) == AWAITED
    assert said(await rig.channel.query(order)) == AWAITED
    assert rig.simulator.payer.pay(order.payment)
    assert said(await rig.channel.query(order)) == (DONE, None)
    other = replace(order, payment="pay_other", code="130061098828010001")
    assert said(await rig.channel.pay(other)) == AWAITED
    assert rig.simulator.payer.decline(other.payment)
    assert said(await rig.channel.query(other)) == (NOT_DONE, "payer_declined")


async def test_what_is_paid_is_never_reversed(rig: Rig) -> None:
    done = await rig.channel.pay(CODE)
    assert said(await rig.channel.close(CODE)) == (DONE, None)
    assert rig.simulator.desk.orders.all[CODE.payment].state is TradeState.SUCCESS
    assert (await rig.channel.query(CODE)).reference == done.reference


@pytest.mark.parametrize("order", [NATIVE, CODE], ids=["order", "code"])
async def test_a_number_nobody_knows_is_closed_for_good(rig: Rig, order: ChannelOrder) -> None:
    assert said(await rig.channel.query(order)) == (UNKNOWN, "not_found")
    assert said(await rig.channel.close(order)) == (NOT_DONE, "closed")
    assert said(await rig.channel.pay(order)) == (NOT_DONE, "closed")
    assert rig.simulator.payer.pay(order.payment) is False
    assert said(await rig.channel.query(order)) == (NOT_DONE, "closed")


async def test_a_request_that_arrives_after_the_close_takes_nothing(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=150)
    assert said(await rig.hasty.pay(CODE)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.close(CODE)) == (NOT_DONE, "closed")
    await asyncio.sleep(0.2)
    assert said(await rig.channel.query(CODE)) == (NOT_DONE, "closed")
    assert rig.simulator.desk.funds.movements == []


@pytest.mark.parametrize(("fault", "movements"), [(Fault.LOSE_REQUEST, 0), (Fault.LOSE_ANSWER, 2)])
async def test_a_simulator_that_keeps_silent(rig: Rig, fault: Fault, movements: int) -> None:
    rig.simulator.trouble(Troubles(Faults(rates={fault: 1.0})))
    assert said(await rig.hasty.pay(CODE)) == (UNKNOWN, "timed_out")
    assert len(rig.simulator.desk.funds.movements) == movements


async def test_parallel_sendings_of_one_code_pay_once(rig: Rig) -> None:
    order = replace(CODE, first=False)
    answers = await asyncio.gather(*[rig.channel.pay(order) for _ in range(8)])
    assert {answer.outcome for answer in answers} <= {DONE, UNKNOWN}
    assert len(rig.simulator.desk.funds.movements) == 2
    assert said(await rig.channel.query(order)) == (DONE, None)


@pytest.mark.parametrize("order", [NATIVE, CODE], ids=["order", "code"])
async def test_a_question_that_cannot_be_sent_does_not_undo_what_was_paid(
    rig: Rig, order: ChannelOrder
) -> None:
    """The trap: "it is paid already", and then no connection for the question what was paid."""
    await rig.channel.pay(order)
    rig.simulator.payer.pay(order.payment)

    async def cut(response: httpx.Response) -> httpx.Response:
        path = rig.tap.sent[-1].url.path
        if path.endswith((order.payment, "orderquery")):
            raise httpx.ConnectError("refused")
        return response

    rig.tap.forge = cut
    assert order.first
    assert said(await rig.channel.pay(order)) == (UNKNOWN, "not_sent")
