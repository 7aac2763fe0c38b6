"""WeChat Pay over its simulator: every operation against every way it can end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.contract.wechat_rig import (
    CODE,
    DONE,
    NATIVE,
    NOT_DONE,
    ORDER,
    REFUND,
    UNKNOWN,
    Rig,
    make_rig,
    said,
)

from anfu.channels.port import ChannelAnswer, ChannelOrder, Scene
from anfu.channels.sandbox.faults import Fault
from anfu.channels.wechat.client import BankCard
from anfu.channels.wechat.member import PayerCodeWire
from anfu.channels.wechat.simulator.troubles import Trouble
from anfu.kernel.errors import Outcome

Ended = tuple[Outcome, str | None]
Step = Callable[[Rig], Awaitable[object]]
Call = Callable[[Rig], Awaitable[ChannelAnswer]]
AWAITED: Ended = (UNKNOWN, "payer_awaited")


@pytest.fixture(params=["v3", "v2"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """Both adapters for a payer's code; all else is the same."""
    return make_rig(payer_code=PayerCodeWire(request.param))


@pytest.fixture
def only() -> Rig:
    return make_rig()


async def nothing(_rig: Rig) -> None: ...


async def placed(rig: Rig) -> None:
    await rig.channel.pay(NATIVE)


async def asked_for_a_password(rig: Rig) -> None:
    await rig.channel.pay(replace(CODE, code="130061098828000001"))


async def paid(rig: Rig) -> None:
    await rig.paid()
    await rig.paid(replace(NATIVE, payment="pay_other"))


async def refunded(rig: Rig) -> None:
    await paid(rig)
    await rig.channel.refund(REFUND)


# operation: what comes before, the call, how it ends when all is well
OPERATIONS: Mapping[str, tuple[Step, Call, Ended]] = {
    "pay": (nothing, lambda rig: rig.channel.pay(NATIVE), AWAITED),
    "pay by code": (nothing, lambda rig: rig.channel.pay(CODE), (DONE, None)),
    "query": (paid, lambda rig: rig.channel.query(NATIVE), (DONE, None)),
    "close": (placed, lambda rig: rig.channel.close(NATIVE), (NOT_DONE, "closed")),
    "reverse": (
        asked_for_a_password,
        lambda rig: rig.channel.close(CODE),
        (NOT_DONE, "closed"),
    ),
    "refund": (paid, lambda rig: rig.channel.refund(REFUND), (DONE, None)),
    "query refund": (refunded, lambda rig: rig.channel.query_refund(REFUND), (DONE, None)),
}
FAILURES: Mapping[str, tuple[Fault | Trouble | None, Ended]] = {
    "lost request": (Fault.LOSE_REQUEST, (UNKNOWN, "timed_out")),
    "lost answer": (Fault.LOSE_ANSWER, (UNKNOWN, "timed_out")),
    "server error": (Fault.SERVER_ERROR, (UNKNOWN, "http_503")),
    "rate limit": (Trouble.RATE_LIMIT, (UNKNOWN, "rate_limited")),
    "forged answer": (None, (UNKNOWN, "answer_untrusted")),
}


async def forged(response: httpx.Response) -> httpx.Response:
    content = (await response.aread()).replace(b"<sign>", b"<sign>0")
    headers = dict(response.headers)
    signature = headers.get("wechatpay-signature", "").rstrip("=")
    headers["wechatpay-signature"] = f"{signature[1:]}A=="
    return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(content))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_that_meets_no_fault(rig: Rig, operation: str) -> None:
    prepare, call, expected = OPERATIONS[operation]
    await prepare(rig)
    answer = await call(rig)
    assert said(answer) == expected
    if expected[0] is DONE:
        assert answer.reference is not None
        amount = REFUND.amount if "refund" in operation else ORDER.amount
        assert (answer.amount, answer.currency) == (amount, "CNY")


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_operation_that_fails_is_unknown_even_the_first_time(
    only: Rig, operation: str, failure: str
) -> None:
    prepare, call, expected = OPERATIONS[operation]
    await prepare(only)
    fault, ended = FAILURES[failure]
    if fault is None:
        only.tap.forge = forged
    else:
        only.fail(fault)
    assert said(await call(only)) == ended
    only.tap.forge = None
    only.fail()
    assert said(await call(only)) == expected


async def test_a_late_success_after_the_close_is_told_and_found(only: Rig) -> None:
    await only.channel.pay(NATIVE)
    only.fail(Trouble.LATE_SUCCESS)
    assert said(await only.channel.close(NATIVE)) == (NOT_DONE, "closed")
    [notice] = await only.notices()
    assert (notice.payment, notice.outcome) == (NATIVE.payment, DONE)
    assert said(await only.channel.query(NATIVE)) == (DONE, None)


async def test_closing_what_is_paid_says_so_and_paying_again_too(only: Rig) -> None:
    done = await only.paid()
    assert await only.channel.close(NATIVE) == done
    assert await only.channel.pay(replace(NATIVE, first=False)) == done


async def test_another_content_under_the_same_number(only: Rig) -> None:
    assert said(await only.channel.pay(NATIVE)) == AWAITED
    for other in (replace(NATIVE, amount=1), replace(NATIVE, scene=Scene.H5)):
        assert said(await only.channel.pay(other)) == (UNKNOWN, "content_conflict")
    await only.paid()
    other = replace(NATIVE, amount=1)
    answer = await only.channel.pay(other)
    assert (said(answer), answer.amount) == ((UNKNOWN, "amount_mismatch"), 1234)


async def test_what_the_network_refuses_is_not_done_only_at_the_first_sending(only: Rig) -> None:
    order = replace(NATIVE, currency="USD")
    answer = await only.channel.pay(order)
    assert (said(answer), answer.said) == ((NOT_DONE, "request_refused"), "PARAM_ERROR")
    again = await only.channel.pay(replace(order, first=False))
    assert said(again) == (UNKNOWN, "request_refused")


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, payer=None),
        replace(ORDER, scene=Scene.H5, address=None),
        replace(CODE, code=None),
        replace(ORDER, scene=Scene.ON_FILE, card="tok_1"),
    ],
)
async def test_an_order_that_lacks_what_its_scene_needs_is_not_sent(
    only: Rig, order: ChannelOrder
) -> None:
    assert said(await only.channel.pay(order)) == (NOT_DONE, "request_refused")
    assert only.tap.sent == []


async def test_a_key_file_that_is_no_key_sends_nothing(tmp_path: Path) -> None:
    only = make_rig(tmp_path)
    path = only.member.keys.path("apiclient_key.pem")
    path.write_text("half a ")
    assert said(await only.channel.pay(NATIVE)) == (NOT_DONE, "merchant_misconfigured")
    assert said(await only.channel.query(NATIVE)) == (UNKNOWN, "merchant_misconfigured")
    assert only.tap.sent == []


async def test_a_connection_that_cannot_be_made(only: Rig) -> None:
    async def refuse(_response: httpx.Response) -> httpx.Response:
        raise httpx.ConnectError("refused")

    only.tap.forge = refuse
    assert said(await only.channel.pay(NATIVE)) == (NOT_DONE, "not_sent")
    assert said(await only.channel.pay(replace(NATIVE, first=False))) == (UNKNOWN, "not_sent")
    assert said(await only.channel.refund(REFUND)) == (NOT_DONE, "not_sent")
    assert said(await only.channel.query(NATIVE)) == (UNKNOWN, "not_sent")


async def test_an_answer_about_another_payment_is_not_believed(only: Rig) -> None:
    await only.paid()
    other = replace(NATIVE, payment="pay_other")
    await only.paid(other)
    kept: list[tuple[httpx.Headers, bytes]] = []

    async def keep(response: httpx.Response) -> httpx.Response:
        kept.append((response.headers, await response.aread()))
        headers, content = kept[0]
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))

    only.tap.forge = keep
    assert said(await only.channel.query(NATIVE)) == (DONE, None)
    assert said(await only.channel.query(other)) == (UNKNOWN, "answer_misplaced")


async def test_refunds_in_part_up_to_the_whole_and_never_over(only: Rig) -> None:
    await paid(only)
    done = await only.channel.refund(REFUND)
    assert (said(done), done.amount) == ((DONE, None), 1000)
    assert await only.channel.refund(REFUND) == done
    assert await only.channel.query_refund(REFUND) == done
    over = replace(REFUND, refund="rfd_2", amount=235)
    answer = await only.channel.refund(over)
    assert (said(answer), answer.said) == ((NOT_DONE, "request_refused"), "INVALID_REQUEST")
    assert said(await only.channel.query_refund(over)) == (UNKNOWN, "not_found")
    rest = replace(REFUND, refund="rfd_3", amount=234)
    assert said(await only.channel.refund(rest)) == (DONE, None)
    assert said(await only.channel.query(NATIVE)) == (DONE, None)
    assert len(only.simulator.desk.orders.all[NATIVE.payment].refunds) == 2


async def test_refunds_that_do_not_go_through(only: Rig) -> None:
    assert said(await only.channel.refund(REFUND)) == (NOT_DONE, "payment_not_paid")
    await only.paid()
    only.simulator.settle()
    # Our account is empty: the same number is sent again once it is not.
    assert said(await only.channel.refund(REFUND)) == (UNKNOWN, "refund_funds_short")
    await only.paid(replace(NATIVE, payment="pay_other"))
    only.fail(Fault.PROCESSING)
    assert said(await only.channel.refund(REFUND)) == (UNKNOWN, "processing")
    assert said(await only.channel.query_refund(REFUND)) == (DONE, None)


@pytest.mark.parametrize("card", [None, BankCard("ICBC_DEBIT", "6222021234567890", "张三")])
async def test_a_refund_that_the_payers_card_does_not_take_goes_elsewhere(
    only: Rig, card: BankCard | None
) -> None:
    await paid(only)
    only.fail(Trouble.ABNORMAL_REFUND)
    stuck = await only.channel.refund(REFUND)
    assert said(stuck) == (UNKNOWN, "refund_account_closed")
    assert stuck.reference is not None
    moved = await only.channel.refund_elsewhere(REFUND, stuck.reference, card)
    assert said(moved) == (UNKNOWN, "processing")
    assert said(await only.channel.query_refund(REFUND)) == (DONE, None)
    sent = only.tap.sent[-2].content
    assert b"6222021234567890" not in sent and "张三".encode() not in sent
