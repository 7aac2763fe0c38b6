"""Codes and notices reach the telephone: through a gateway that loses, delays and refuses."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House
from tests.journey.factors.steps import LARGE, challenged, prove, with_totp

from anfu.channels.sandbox.messages import Identity
from anfu.channels.signed import SignedLine
from anfu.channels.texts.gateway import TextGateway
from anfu.channels.texts.simulator import TextSimulator
from anfu.channels.texts.text import Handed, Text
from anfu.kernel.ids import SeededEntropy
from anfu.payments.hand_over import hand_over

OURS, THEIRS = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6))


@dataclass
class Line:
    """The gateway behind the house."""

    house: House
    simulator: TextSimulator

    async def turn(self) -> int:
        return await hand_over(self.house.tools, self.house.clock)

    @property
    def shown(self) -> list[Text]:
        return list(self.simulator.sent.values())


@pytest.fixture
async def line(house: House) -> AsyncIterator[Line]:
    ours = Identity("anfu", OURS, "texts", THEIRS.public_key())
    theirs = Identity("texts", THEIRS, "anfu", OURS.public_key())
    simulator = TextSimulator(theirs, clock=house.clock, entropy=SeededEntropy(11))
    signed = SignedLine(
        "http://texts", ours, clock=house.clock, entropy=SeededEntropy(12), timeout_s=0.3,
        transport=httpx.ASGITransport(simulator.app),
    )  # fmt: skip
    house.tools = replace(house.tools, texts=TextGateway(signed))
    house.desk.tools = house.tools
    yield Line(house, simulator)
    await signed.aclose()


async def test_a_code_reaches_the_customers_number_and_approves(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office = line.house.office
    payer = await office.customer(deposit=LARGE)
    payment = await challenged(line.house, payer)
    assert (line.shown, await line.house.count("channels.text")) == ([], 1)
    assert await line.turn() == 1
    (text,) = line.shown
    assert re.fullmatch(r"138[0-9]{8}", text.number)
    code = re.search(r"[0-9]{6}", text.body)
    assert code is not None
    assert await line.house.count("channels.text") == 0
    done = await prove(office, payment, "sms_code", code=code[0])
    assert done.json()["state"] == "SUCCEEDED"
    for secret in (code[0], text.number, text.body):
        assert secret not in caplog.text
        assert secret not in repr(text)


async def test_what_the_gateway_did_not_say_is_asked_again_and_sent_once(line: Line) -> None:
    await challenged(line.house, await line.house.office.customer(deposit=LARGE))
    line.simulator.trouble.lose_request = 1
    assert (await line.turn(), len(line.shown)) == (0, 0)
    assert await line.turn() == 0  # its lease is not over
    line.house.clock.advance(timedelta(seconds=10))
    line.simulator.trouble.lose_answer = 1
    assert (await line.turn(), len(line.shown)) == (0, 1)
    line.house.clock.advance(timedelta(seconds=10))
    assert (await line.turn(), len(line.shown)) == (1, 1)
    assert await line.house.count("channels.text") == 0


async def test_a_slow_gateway_is_not_waited_for(line: Line) -> None:
    await challenged(line.house, await line.house.office.customer(deposit=LARGE))
    line.simulator.trouble.delay_s = 1.0
    assert await line.turn() == 0
    assert await line.house.count("channels.text") == 1


async def test_a_code_that_is_worth_nothing_is_not_sent(line: Line) -> None:
    await challenged(line.house, await line.house.office.customer(deposit=LARGE))
    line.house.clock.advance(timedelta(minutes=5))
    assert (await line.turn(), line.shown) == (0, [])
    assert await line.house.count("channels.text") == 0


async def test_a_new_factor_is_told_to_the_telephone(line: Line) -> None:
    await with_totp(line.house, await line.house.office.customer())
    assert await line.turn() == 1
    assert "动态口令应用已设置" in line.shown[0].body


async def test_a_forged_answer_and_a_number_of_nobody(line: Line) -> None:
    gateway = line.house.tools.texts
    assert gateway is not None
    assert await gateway.send(Text("txt_a", "10086", "x")) is Handed.REJECTED
    liar = Identity("texts", Ed25519PrivateKey.generate(), "anfu", OURS.public_key())
    line.simulator.trouble.signer = liar
    assert await gateway.send(Text("txt_b", "13800138000", "x")) is Handed.UNKNOWN
