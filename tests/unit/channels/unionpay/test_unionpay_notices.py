"""Notices of UnionPay: verified, compared, told from their copies; and how often they come."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from tests.unit.channels.unionpay.conftest import (
    BACK,
    DONE,
    NOW,
    NUMBER,
    ORDER,
    UNKNOWN,
    Rig,
    order,
    refund_of,
)

from anfu.channels.port import Acknowledgement, Notice, Scene
from anfu.channels.sandbox.faults import Fault
from anfu.channels.unionpay.messages import write_form
from anfu.channels.unionpay.signing import sign
from anfu.channels.unionpay.simulator.mishaps import Mishap
from anfu.kernel.errors import Refused

PATH = "/v1/notices/unionpay"


def read(rig: Rig, body: bytes) -> Notice:
    return rig.notices().read(PATH, {}, body, now=rig.clock.now())


async def told(rig: Rig) -> dict[str, str]:
    """The fields of the notice of one payment."""
    await rig.channel.pay(ORDER)
    assert await rig.network.courier.turn() == 1
    return dict(parse_qsl(rig.inbox.bodies[-1].decode(), strict_parsing=True))


def signed(rig: Rig, fields: dict[str, str]) -> bytes:
    return write_form(sign(fields, rig.keys.own.key))


async def test_a_notice_says_what_was_paid(rig: Rig) -> None:
    fields = await told(rig)
    signature = hashlib.sha256(fields["signature"].encode()).hexdigest()[:32]
    assert read(rig, rig.inbox.bodies[0]) == Notice(
        nonce=f"202611231200000000018-{signature}",
        at=NOW,
        payment=NUMBER,
        refund=None,
        outcome=DONE,
        reference="202611231200000000018",
        reason=None,
        amount=1234,
        currency="CNY",
    )
    assert rig.notices().taken == Acknowledgement(200, b"ok", "text/plain")


async def test_a_notice_of_a_refund_names_its_payment(rig: Rig) -> None:
    paid = await rig.channel.pay(ORDER)
    await rig.channel.refund(refund_of(paid))
    assert await rig.network.courier.turn() == 2
    notice = read(rig, rig.inbox.bodies[1])
    assert (notice.payment, notice.refund, notice.amount) == (NUMBER, BACK, 1000)
    assert (notice.outcome, notice.reference) == (DONE, "202611231200000000028")


async def test_a_notice_of_failure_decides_nothing(rig: Rig) -> None:
    fields = await told(rig)
    notice = read(rig, signed(rig, {**fields, "respCode": "64"}))
    assert (notice.outcome, notice.reason) == (UNKNOWN, "insufficient_funds")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"merId": "777290058110049"}, "message_misdirected", "merId"),
        ({"txnType": "02"}, "message_malformed", "txnType"),
        ({"txnType": "04"}, "message_malformed", "orderId"),
        ({"orderId": "ord123456789"}, "message_malformed", "orderId"),
        ({"orderId": ""}, "message_malformed", "orderId"),
        ({"txnAmt": "-1"}, "message_malformed", "txnAmt"),
        ({"txnAmt": "1.5"}, "message_malformed", "txnAmt"),
        ({"txnAmt": "1" * 13}, "message_malformed", "txnAmt"),
        ({"currencyCode": "840"}, "message_malformed", "currencyCode"),
        ({"queryId": ""}, "message_malformed", "queryId"),
        ({"queryId": "a b"}, "message_malformed", "queryId"),
        ({"txnTime": "20261323120000"}, "message_malformed", "txnTime"),
        ({"txnTime": "20261123120501"}, "message_stale", "txnTime"),
        ({"txnTime": "20261024120000"}, "message_stale", "txnTime"),
        ({"signMethod": "11"}, "message_forged", "signMethod"),
    ],
)
async def test_what_is_signed_and_still_not_right_is_refused(
    rig: Rig, change: dict[str, str], code: str, field: str
) -> None:
    fields = await told(rig)
    with pytest.raises(Refused) as refusal:
        read(rig, signed(rig, {**fields, **change}))
    assert (refusal.value.code, refusal.value.field) == (code, field)


async def test_a_changed_or_unsigned_notice_is_refused(rig: Rig) -> None:
    fields = await told(rig)
    for change in ({"txnAmt": "1"}, {"orderId": fields["orderId"] + "2"}, {"extra": "1"}):
        with pytest.raises(Refused, match=r"message_forged \(signature\)"):
            read(rig, write_form({**fields, **change}))
    for missing in ("signature", "signPubKeyCert", "signMethod"):
        with pytest.raises(Refused, match="message_forged"):
            read(rig, write_form({k: v for k, v in fields.items() if k != missing}))


async def test_two_fields_cannot_be_hidden_in_one(rig: Rig) -> None:
    """The signed text is the same when a value swallows the field after it."""
    fields = await told(rig)
    swallowed = {k: v for k, v in fields.items() if k != "respMsg"}
    swallowed["respCode"] += f"&respMsg={fields['respMsg']}"
    with pytest.raises(Refused, match=r"message_malformed \(respCode\)"):
        read(rig, write_form(swallowed))
    for body in (write_form(fields) + b"&txnAmt=1234", b"\xff=1", b"a"):
        with pytest.raises(Refused, match=r"message_malformed \(body\)"):
            read(rig, body)


async def test_copies_share_a_nonce_and_other_contents_do_not(rig: Rig) -> None:
    rig.fail(Fault.REPEAT_NOTICE, Fault.WRONG_AMOUNT)
    rig.mishap(Mishap.CONTRADICTION)
    await rig.channel.pay(ORDER)
    assert await rig.network.courier.turn() == 4
    notices = [read(rig, body) for body in rig.inbox.bodies]
    assert [(n.outcome, n.amount) for n in notices] == [
        (UNKNOWN, 1234), (DONE, 1235), (DONE, 1234), (DONE, 1234),
    ]  # fmt: skip
    assert len({n.nonce for n in notices}) == 3
    assert notices[2] == notices[3]


async def test_a_lost_notice_does_not_come_and_one_held_back_comes_later(rig: Rig) -> None:
    rig.fail(Fault.LOSE_NOTICE)
    await rig.channel.pay(ORDER)
    assert await rig.network.courier.turn() == 0
    rig.fail(Fault.REORDER_NOTICE, reorder_ms=2000)
    await rig.channel.pay(replace(ORDER, payment=NUMBER + "2"))
    rig.fail()
    await rig.channel.pay(replace(ORDER, payment=NUMBER + "3"))
    assert await rig.network.courier.turn() == 1
    rig.pass_by(seconds=2)
    assert await rig.network.courier.turn() == 1
    assert [read(rig, b).payment for b in rig.inbox.bodies] == [NUMBER + "3", NUMBER + "2"]


async def test_a_notice_comes_five_times_and_no_more(rig: Rig) -> None:
    rig.inbox.status = 500
    await rig.channel.pay(ORDER)
    came = []
    for minute in range(30):
        came += [minute] * await rig.network.courier.turn()
        rig.pass_by(minutes=1)
    assert came == [0, 1, 3, 7, 12]
    assert len(set(rig.inbox.bodies)) == 1


@pytest.mark.parametrize("status", [200, 302])
async def test_a_notice_that_is_taken_does_not_come_again(rig: Rig, status: int) -> None:
    rig.inbox.status = status
    await rig.channel.pay(ORDER)
    assert await rig.network.courier.turn() == 1
    rig.pass_by(hours=1)
    assert await rig.network.courier.turn() == 0


async def test_a_notice_of_what_the_payer_did_arrives_after_the_keys_changed(rig: Rig) -> None:
    await rig.channel.pay(order(Scene.APP))
    rig.network.rotate()
    rig.pass_by(minutes=5)
    assert rig.network.payer.pay(NUMBER) is None
    assert await rig.network.courier.turn() == 1
    assert read(rig, rig.inbox.bodies[0]).outcome is DONE
    assert rig.clock.now() - read(rig, rig.inbox.bodies[0]).at == timedelta(minutes=5)
