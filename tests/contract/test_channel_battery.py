"""What any `Channel` must do, run against the sandbox network over real HTTP on loopback.

A new channel joins by giving a `Rig` of its own simulator.
"""

import asyncio
import socket
from dataclasses import replace

import pytest
from tests.contract.conftest import (
    DONE,
    MEMBER,
    NOT_DONE,
    ORDER,
    REFUND,
    UNKNOWN,
    Rig,
    said,
)

from anfu.channels.port import ChannelAnswer
from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault
from anfu.kernel.ids import SeededEntropy


async def test_pay_is_done_with_a_reference_and_the_amount(rig: Rig) -> None:
    answer = await rig.channel.pay(ORDER)
    assert answer.reference is not None and answer.reference.startswith("sbx_")
    assert answer == ChannelAnswer(DONE, answer.reference, None, 1234, "CNY")
    assert await rig.channel.query(ORDER) == answer


async def test_the_same_payment_again_is_answered_as_before(rig: Rig) -> None:
    answers = [await rig.channel.pay(ORDER) for _ in range(3)]
    assert answers[0].outcome is DONE
    assert len(set(answers)) == 1
    assert len(await rig.inbox.wait(1)) == 1


async def test_parallel_sendings_of_one_payment_pay_once(rig: Rig) -> None:
    answers = await asyncio.gather(*[rig.channel.pay(ORDER) for _ in range(8)])
    assert len(set(answers)) == 1
    assert len(await rig.inbox.wait(1)) == 1


async def test_the_same_id_with_another_content_is_refused(rig: Rig) -> None:
    first = await rig.channel.pay(ORDER)
    for other in (
        replace(ORDER, amount=1235),
        replace(ORDER, currency="USD"),
        replace(ORDER, card="tok_other"),
    ):
        assert said(await rig.channel.pay(other)) == (UNKNOWN, "content_conflict")
    assert await rig.channel.query(ORDER) == first


@pytest.mark.parametrize("reason", ["insufficient_funds", "stolen_card", "expired_card"])
async def test_a_decline_is_not_done_with_its_reason_and_stays_so(rig: Rig, reason: str) -> None:
    order = replace(ORDER, card=f"tok_{reason}")
    assert said(await rig.channel.pay(order)) == (NOT_DONE, reason)
    assert said(await rig.channel.pay(order)) == (NOT_DONE, reason)
    assert said(await rig.channel.query(ORDER)) == (NOT_DONE, reason)
    assert said(await rig.channel.close(ORDER)) == (NOT_DONE, reason)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_lost_answer_is_unknown_and_then_found_done(rig: Rig, seed: int) -> None:
    rig.fail(Fault.LOSE_ANSWER, seed=seed)
    answer = await rig.channel.pay(replace(ORDER, first=True))
    assert answer.outcome is UNKNOWN
    assert answer.reason in ("timed_out", "connection_lost")
    rig.fail()
    found = await rig.channel.query(ORDER)
    assert (found.outcome, found.amount, found.currency) == (DONE, 1234, "CNY")
    assert await rig.channel.pay(ORDER) == found


async def test_a_lost_request_is_unknown_and_not_found_proves_nothing(rig: Rig) -> None:
    rig.fail(Fault.LOSE_REQUEST)
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.query(ORDER)) == (UNKNOWN, "not_found")
    assert said(await rig.channel.close(ORDER)) == (NOT_DONE, "closed")
    assert said(await rig.channel.pay(ORDER)) == (NOT_DONE, "closed")
    assert said(await rig.channel.query(ORDER)) == (NOT_DONE, "closed")
    assert rig.inbox.mail == []


async def test_a_request_that_arrives_after_the_close_is_refused(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=400)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.close(ORDER)) == (NOT_DONE, "closed")
    await asyncio.sleep(0.3)
    assert said(await rig.channel.query(ORDER)) == (NOT_DONE, "closed")
    assert rig.inbox.mail == []


async def test_a_request_that_arrives_late_is_paid_after_the_time_out(rig: Rig) -> None:
    rig.fail(Fault.LATE, late_ms=400)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "timed_out")
    rig.fail()
    assert said(await rig.channel.query(ORDER)) == (UNKNOWN, "not_found")
    [notice] = await rig.inbox.wait(1)
    assert (notice.payment, notice.outcome, notice.amount) == ("pay_1", DONE, 1234)
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


async def test_closing_what_is_paid_says_that_it_is_paid(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    assert await rig.channel.close(ORDER) == paid
    assert await rig.channel.query(ORDER) == paid


async def test_processing_is_unknown_until_the_truth(rig: Rig) -> None:
    rig.fail(Fault.PROCESSING)
    assert said(await rig.channel.pay(ORDER)) == (UNKNOWN, "processing")
    assert said(await rig.channel.query(ORDER)) == (UNKNOWN, "processing")
    assert said(await rig.channel.query(ORDER)) == (DONE, None)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_server_error_is_unknown_whether_or_not_it_worked(rig: Rig, seed: int) -> None:
    rig.fail(Fault.SERVER_ERROR, seed=seed)
    assert said(await rig.channel.pay(replace(ORDER, first=True))) == (UNKNOWN, "http_503")
    rig.fail()
    assert said(await rig.channel.pay(ORDER)) == (DONE, None)


async def test_a_refused_connection_is_not_done_only_at_the_first_sending(rig: Rig) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        link = Link(f"http://127.0.0.1:{closed.getsockname()[1]}", timeout_s=1)
        channel = SandboxChannel(link, MEMBER, clock=rig.clock, entropy=SeededEntropy(3))
        assert said(await channel.pay(replace(ORDER, first=True))) == (NOT_DONE, "not_sent")
        assert said(await channel.pay(ORDER)) == (UNKNOWN, "not_sent")
        assert said(await channel.refund(replace(REFUND, first=True))) == (NOT_DONE, "not_sent")
        assert said(await channel.refund(REFUND)) == (UNKNOWN, "not_sent")
        assert said(await channel.query(ORDER)) == (UNKNOWN, "not_sent")
        assert said(await channel.close(ORDER)) == (UNKNOWN, "not_sent")
        await channel.aclose()


async def test_refunds_in_part_up_to_the_whole_and_never_over(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    done = await rig.channel.refund(REFUND)
    assert (done.outcome, done.amount, done.currency) == (DONE, 1000, "CNY")
    assert await rig.channel.refund(REFUND) == done
    assert await rig.channel.query_refund(REFUND) == done
    over = replace(REFUND, refund="rfd_2", amount=235)
    assert said(await rig.channel.refund(over)) == (NOT_DONE, "refund_exceeds_payment")
    assert said(await rig.channel.query_refund(over)) == (NOT_DONE, "refund_exceeds_payment")
    rest = replace(REFUND, refund="rfd_3", amount=234)
    assert said(await rig.channel.refund(rest)) == (DONE, None)
    more = replace(REFUND, refund="rfd_4", amount=1)
    assert said(await rig.channel.refund(more)) == (NOT_DONE, "refund_exceeds_payment")


async def test_refunds_that_do_not_fit_their_payment_are_declined(rig: Rig) -> None:
    assert said(await rig.channel.refund(REFUND)) == (NOT_DONE, "payment_not_paid")
    await rig.channel.pay(ORDER)
    assert said(await rig.channel.refund(REFUND)) == (NOT_DONE, "payment_not_paid")
    dollars = replace(REFUND, refund="rfd_2", amount=1, currency="USD")
    assert said(await rig.channel.refund(dollars)) == (NOT_DONE, "currency_mismatch")
    await rig.channel.refund(replace(REFUND, refund="rfd_3", amount=1))
    other = replace(REFUND, refund="rfd_3", amount=2)
    assert said(await rig.channel.refund(other)) == (UNKNOWN, "content_conflict")


async def test_a_lost_refund_is_unknown_and_sending_it_again_settles_it(rig: Rig) -> None:
    await rig.channel.pay(ORDER)
    rig.fail(Fault.LOSE_REQUEST)
    assert said(await rig.channel.refund(REFUND)) == (UNKNOWN, "timed_out")
    rig.fail(Fault.LOSE_ANSWER)
    assert (await rig.channel.refund(REFUND)).outcome is UNKNOWN
    rig.fail()
    found = await rig.channel.query_refund(REFUND)
    assert found.outcome is DONE
    assert await rig.channel.refund(REFUND) == found
    assert said(await rig.channel.query_refund(replace(REFUND, refund="rfd_9"))) == (
        UNKNOWN,
        "not_found",
    )
