"""Alipay over real HTTP on loopback: notices come by themselves, and nothing secret is logged."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp
from tests.contract.alipay_rig import DONE, NOW, NUMBER, ORDER, PAYER_CODE, REFUND, make_rig
from tests.contract.conftest import Inbox, listening

from anfu.channels.alipay.client import AlipayChannel
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.channels.alipay.simulator.network import Simulator
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy


async def test_a_payment_its_notice_and_a_refund_over_loopback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    rig, inbox = make_rig(), Inbox()
    with (
        socket.create_server(("127.0.0.1", 0)) as ours,
        socket.create_server(("127.0.0.1", 0)) as theirs,
    ):
        notify_url = f"http://127.0.0.1:{ours.getsockname()[1]}/notices/alipay"
        gateway = f"http://127.0.0.1:{theirs.getsockname()[1]}/gateway.do"
        member = replace(rig.member, gateway=gateway, notify_url=notify_url, timeout_s=5.0)
        simulator = Simulator(
            NetworkKeys(rig.folder), clock=ManualClock(NOW), entropy=SeededEntropy(1)
        )
        with listening(_door(inbox), ours), listening(simulator.app, theirs):
            channel = AlipayChannel(member, clock=rig.clock, entropy=SeededEntropy(2))
            paid = await channel.pay(ORDER)
            refunded = await channel.refund(REFUND)
            await channel.aclose()
            await _come(inbox, 2)
    assert (paid.outcome, paid.amount, refunded.outcome) == (DONE, 1234, DONE)
    notices = [rig.read(body) for _, body in inbox.mail[:2]]
    assert [(notice.payment, notice.refund) for notice in notices] == [
        (NUMBER, None),
        (NUMBER, "rfd_1"),
    ]
    assert "gateway.do" in caplog.text
    assert PAYER_CODE not in caplog.text
    key = (rig.folder / "app-private.pem").read_text().splitlines()[1]
    assert key not in caplog.text


def _door(inbox: Inbox) -> ASGIApp:
    """Our own end: keeps what is posted."""

    async def take(request: Request) -> Response:
        inbox.mail.append((dict(request.headers), await request.body()))
        return Response("success")

    return Starlette(routes=[Route("/notices/alipay", take, methods=["POST"])])


async def _come(inbox: Inbox, count: int) -> None:
    for _ in range(1000):
        if len(inbox.mail) >= count:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError
