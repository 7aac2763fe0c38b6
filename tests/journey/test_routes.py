"""Two networks that take the same cards: which one is asked, and what happens when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journey.conftest import House, Wire, order
from tests.journey.test_channel_notices import letter

from anfu.channels.sandbox.client import Link, SandboxChannel
from anfu.channels.sandbox.faults import Fault, Faults
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.channels.sandbox.network import Network, NetworkSettings
from anfu.channels.sandbox.notices import SandboxNotices
from anfu.kernel.ids import SeededEntropy
from anfu.ledger.operations import open_accounts
from anfu.payments.fund import institution_accounts
from anfu.payments.health import Health
from anfu.payments.reckon import reckon
from anfu.payments.route import Route

AMOUNT = 5_000
PAY, CLOSE = "/v1/payments", "/v1/payments/close"


@pytest.fixture
async def spare(house: House) -> AsyncIterator[Wire]:
    """The line to a second network; both take the method `card`, the first for less."""
    ours, theirs = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (5, 6))
    member = Identity("anfu", ours, NETWORK, theirs.public_key())
    peer = Identity(NETWORK, theirs, "anfu", ours.public_key())
    settings = NetworkSettings(peer, None, Faults())
    wire = Wire(Network(settings, clock=house.clock, entropy=SeededEntropy(11)))
    channel = SandboxChannel(
        Link("http://spare", timeout_s=0.5), member, clock=house.clock, entropy=SeededEntropy(12),
        transport=wire,
    )  # fmt: skip
    tools = house.tools
    house.tools = house.desk.tools = replace(
        tools,
        channels={**tools.channels, "spare": channel},
        readers={**tools.readers, "spare": SandboxNotices(member)},
        routes={"card": (Route("sandbox", cost_bp=10), Route("spare", cost_bp=30, least=100))},
        health=Health(),
    )
    accounts = institution_accounts("CNY", ["sandbox", "spare"])
    await house.database.run(lambda tx: open_accounts(tx, accounts=accounts, now=house.clock.now()))
    yield wire
    await channel.aclose()


async def pay(house: House, card: str = "tok_good", amount: int = AMOUNT) -> dict[str, Any]:
    payer, payee = await house.office.customer(), await house.office.merchant()
    method = {"type": "card", "card": card}
    return await house.office.pay(payer, payee, amount, method=method)


async def read(house: House, payment: dict[str, Any]) -> dict[str, Any]:
    return dict((await house.office.get(f"/v1/payments/{payment['id']}")).json())


async def owed(house: House) -> dict[str, int]:
    """What stands on the institution's accounts, fen, debit side; empty ones left out."""
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetch(
            "SELECT split_part(key, '/', 2) AS name, debits_posted - credits_posted AS net"
            " FROM ledger.account WHERE key LIKE 'anfu/%' AND debits_posted <> credits_posted"
        )
    return {row["name"]: int(row["net"]) for row in rows}


async def sound(house: House) -> None:
    await house.check_books()
    found = await reckon(house.database)
    assert found.disagreements == []


async def test_the_cheapest_network_is_asked_and_the_payment_says_why(
    house: House, spare: Wire
) -> None:
    payment = await pay(house)
    assert (payment["state"], payment["channel"], payment["attempt"]) == ("SUCCEEDED", "sandbox", 1)
    assert payment["route"] == {
        "channel": "sandbox", "why": "CHEAPEST", "passed_over": {"spare": "DEARER"},
    }  # fmt: skip
    assert payment["method"]["type"] == "card"
    small = await pay(house, amount=99)
    assert small["route"] == {
        "channel": "sandbox", "why": "ONLY", "passed_over": {"spare": "AMOUNT"},
    }  # fmt: skip
    assert spare.sent == []
    await sound(house)


async def test_what_was_certainly_not_sent_goes_through_the_other_network(
    house: House, spare: Wire
) -> None:
    house.wire.before = httpx.ConnectError("down")
    payment = await pay(house)
    assert (payment["state"], payment["channel"], payment["attempt"]) == ("SUCCEEDED", "spare", 2)
    assert payment["route"]["passed_over"] == {"sandbox": "TRIED"}
    assert payment["failure"] is None
    assert spare.sent == [PAY]
    assert (await owed(house)) == {"channel-spare": AMOUNT}
    assert await house.kinds(payment["id"]) == ["payment.succeeded"]
    assert await house.count("payments.attempt") == 1
    assert await house.count("payments.open") == 0
    await sound(house)


@pytest.mark.parametrize("card", ["tok_stolen_card", "tok_insufficient_funds"])
async def test_a_decline_is_the_payers_and_not_tried_elsewhere(
    house: House, spare: Wire, card: str
) -> None:
    payment = await pay(house, card)
    assert (payment["state"], payment["failure"]) == ("FAILED", card.removeprefix("tok_"))
    assert payment["remedy"]["fault"] == "PAYER"
    assert spare.sent == []
    await sound(house)


async def test_an_unheard_network_is_closed_before_the_other_is_asked(
    house: House, spare: Wire
) -> None:
    house.network.faults = Faults(rates={Fault.LOSE_REQUEST: 1.0})
    waits = await pay(house)
    # Neither the question nor the close was heard: nobody may be asked instead.
    assert (waits["state"], waits["channel"]) == ("UNKNOWN", "sandbox")
    assert spare.sent == []
    house.network.faults = Faults()
    await house.recover()
    payment = await read(house, waits)
    assert (payment["state"], payment["channel"], payment["attempt"]) == ("SUCCEEDED", "spare", 2)
    assert house.wire.sent[-1] == CLOSE
    assert (await owed(house)) == {"channel-spare": AMOUNT}
    await sound(house)


async def test_nobody_waits_for_a_payment_that_is_too_old_to_be_sent_on(
    house: House, spare: Wire
) -> None:
    house.network.faults = Faults(rates={Fault.LOSE_REQUEST: 1.0})
    waits = await pay(house)
    house.network.faults = Faults()
    await house.recover(seconds=121)
    payment = await read(house, waits)
    assert (payment["state"], payment["failure"]) == ("FAILED", "closed")
    assert spare.sent == []
    await sound(house)


async def test_a_lost_answer_is_found_by_asking_at_once(house: House, spare: Wire) -> None:
    payment = await pay(house, "tok_lose_answer")
    assert (payment["state"], payment["channel"], payment["attempt"]) == ("SUCCEEDED", "sandbox", 1)
    assert spare.sent == []
    await sound(house)


async def test_a_payer_never_pays_twice_a_late_success_goes_back_by_itself(
    house: House, spare: Wire
) -> None:
    house.wire.before = httpx.ConnectError("down")
    payment = await pay(house)
    house.wire.before = None
    # The network has taken it all the same, and says so.
    lost = house.order_of(payment)
    assert (await house.tools.channels["sandbox"].pay(lost)).outcome == "DONE"
    reader = house.network
    said = reader.book.payment(payment["id"])
    answer = await _notice(house, said)
    assert answer.status_code == 200, answer.text
    assert (await read(house, payment))["state"] == "SUCCEEDED"
    assert (await owed(house)) == {
        "channel-sandbox": AMOUNT, "channel-spare": AMOUNT, "strays": -AMOUNT,
    }  # fmt: skip
    assert (await _notice(house, said)).status_code == 200  # said again, it is one stray
    assert await house.count("payments.stray") == 1
    await sound(house)
    await house.recover()
    assert (await owed(house)) == {"channel-spare": AMOUNT}
    listed = (await house.office.get("/v1/strays")).json()["data"]
    assert [(s["state"], s["number"], s["amount"]) for s in listed] == [
        ("RETURNED", payment["id"], AMOUNT)
    ]
    assert sorted(await house.kinds(payment["id"])) == [
        "payment.given_back", "payment.paid_late", "payment.succeeded",
    ]  # fmt: skip
    await house.recover()
    assert house.wire.sent.count("/v1/refunds") == 1
    await sound(house)


async def test_a_network_that_is_often_not_heard_is_passed_over(house: House, spare: Wire) -> None:
    house.wire.before = httpx.ConnectError("down")
    assert [(await pay(house))["attempt"] for _ in range(3)] == [2, 2, 1]
    house.wire.before = None
    other = await pay(house)
    assert (other["channel"], other["attempt"]) == ("spare", 1)
    assert other["route"]["why"] == "HEALTHIER"
    assert other["route"]["passed_over"] == {"sandbox": "UNHEARD"}
    house.clock.advance(timedelta(minutes=10))
    assert (await pay(house))["channel"] == "sandbox"  # what was seen then no longer counts
    await sound(house)


async def test_a_payment_no_network_can_take_is_refused(house: House, spare: Wire) -> None:
    payer, payee = await house.office.customer(), await house.office.merchant()
    tools = house.tools
    narrow = {"card": (Route("sandbox", most=10), Route("spare", least=10_000))}
    house.tools = house.desk.tools = replace(tools, routes=narrow)
    wish = order(payer, payee, AMOUNT, method={"type": "card", "card": "tok_good"})
    async with house.untouched():
        answer = await house.office.post("/v1/payments", wish)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_route")
    passed = answer.json()["details"]["passed_over"]
    assert passed == {"sandbox": "AMOUNT", "spare": "AMOUNT"}


async def test_a_refund_goes_back_through_the_network_that_was_paid(
    house: House, spare: Wire
) -> None:
    house.wire.before = httpx.ConnectError("down")
    payment = await pay(house)
    back = await house.office.post("/v1/refunds", {"payment": payment["id"], "amount": 2_000})
    assert (back.status_code, back.json()["state"]) == (201, "SUCCEEDED")
    assert spare.sent == [PAY, "/v1/refunds"]
    assert (await owed(house)) == {"channel-spare": 3_000}
    await sound(house)


async def _notice(house: House, said: Any) -> httpx.Response:
    return await letter(house, said).post(house)
