"""The made-up UnionPay itself: whose requests it hears, and what it does in real time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest
from tests.unit.channels.unionpay.conftest import (
    DONE,
    NOT_DONE,
    NOW,
    NUMBER,
    ORDER,
    ORIGIN,
    Ends,
    Inbox,
    Rig,
    order,
    said,
)

from anfu.channels.port import Scene
from anfu.channels.sandbox.faults import Faults
from anfu.channels.unionpay.client import UnionpayChannel
from anfu.channels.unionpay.messages import read_answer, write_form
from anfu.channels.unionpay.scenes import pay_fields
from anfu.channels.unionpay.signing import sign
from anfu.channels.unionpay.simulator.keys import issue
from anfu.channels.unionpay.simulator.network import Simulator
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy


@pytest.mark.parametrize(
    "change", [{"txnAmt": "1"}, {"certId": "7"}, {"merId": "777290058110049"}, {"signature": ""}]
)
async def test_a_request_that_is_not_the_members_is_not_done(
    rig: Rig, change: dict[str, str]
) -> None:
    key, certificate = rig.member.signer()
    signed = sign({**pay_fields(rig.member, ORDER), "certId": certificate}, key)
    async with httpx.AsyncClient(transport=rig.wire, base_url=ORIGIN) as http:
        for endpoint in ("backTransReq", "frontTransReq"):
            url = f"/gateway/api/{endpoint}.do"
            answer = await http.post(url, content=write_form({**signed, **change}))
            if endpoint == "frontTransReq":
                assert answer.status_code == 400
            else:
                assert read_answer(answer.content)["respCode"] == "11"
    with pytest.raises(KeyError):
        rig.network.payer.pay(NUMBER)


async def test_a_page_that_is_over_or_decided_takes_nothing(rig: Rig) -> None:
    wanted = order(Scene.DYNAMIC_CODE)
    answer = await rig.channel.pay(wanted)
    assert answer.handover is not None
    url = answer.handover.values["text"]
    rig.pass_by(minutes=15)
    async with httpx.AsyncClient(transport=rig.wire) as phone:
        assert (await phone.post(url, data={"act": "pay"})).status_code == 409
        assert (await phone.get(url + "x")).status_code == 404
        rig.network.payer.decline(NUMBER)
        assert "Decided already" in (await phone.get(url)).text
    rig.pass_by(minutes=6)
    assert said(await rig.channel.query(wanted)) == (NOT_DONE, "insufficient_funds")


async def test_the_page_shows_a_subject_as_text(rig: Rig) -> None:
    answer = await rig.channel.pay(order(Scene.DYNAMIC_CODE, subject="<script>1</script>"))
    assert answer.handover is not None
    async with httpx.AsyncClient(transport=rig.wire) as phone:
        page = (await phone.get(answer.handover.values["text"])).text
    assert "<script>" not in page and "&lt;script&gt;" in page


async def test_notices_come_by_themselves_and_an_answer_may_be_slow(ends: Ends) -> None:
    inbox, clock = Inbox(), ManualClock(NOW)
    network = Simulator(
        ends.network, clock=clock, entropy=SeededEntropy(1), notify_url="http://other.test/n",
        faults=Faults(delay_ms=1), transport=httpx.ASGITransport(inbox.app),
    )  # fmt: skip
    transport = httpx.ASGITransport(network.app)
    async with network.app.router.lifespan_context(network.app):
        channel = UnionpayChannel(
            ends.member, clock=clock, entropy=SeededEntropy(2), transport=transport
        )
        assert said(await channel.pay(ORDER)) == (DONE, None)
        await channel.aclose()
        for _ in range(100):
            if inbox.bodies:
                break
            await asyncio.sleep(0.01)
    assert len(inbox.bodies) == 1


async def test_an_answer_of_another_owner_is_not_believed(rig: Rig) -> None:
    """Issued by the right authority to somebody else: anybody can be its customer."""
    other = issue("041@Z1@别家有限公司@1", rig.keys.issuer, now=NOW, authority=False)
    rig.network.present(other)
    answer = await rig.channel.pay(replace(ORDER, first=True))
    assert answer.reason == "answer_untrusted"
