"""Events and webhooks: told once, signed, in order, again and again until taken."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House, by_card

from anfu.channels.notices.sender import NoticeSender
from anfu.channels.webhooks import WebhookSender, verify_webhook
from anfu.entrypoints.worker.rounds import deliver
from anfu.kernel.errors import Refused


@dataclass
class Receiver:
    """A merchant's server: answers with `status`, keeps what came. `killed`: the process that
    sends is killed when it has sent, before it is answered."""

    url: str = ""
    status: int = 200
    killed: int | None = None
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.got.append((headers, body))
        if self.killed is not None:
            os.kill(self.killed, signal.SIGKILL)
            writer.close()
            return
        writer.write(
            b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % self.status
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def kinds(self) -> list[str]:
        return [headers["anfu-event-kind"] for headers, _ in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/anfu"
    async with server:
        yield receiver


@pytest.fixture
async def sender() -> AsyncIterator[WebhookSender]:
    sender = WebhookSender(allow_loopback=True, timeout_s=2)
    yield sender
    await sender.aclose()


@dataclass(frozen=True)
class Shop:
    client: Client
    payee: str
    endpoint: dict[str, Any]


async def shop(house: House, url: str) -> Shop:
    payee = await house.office.merchant()
    own = await house.client(merchant=payee)
    answer = await own.post("/v1/webhook_endpoints", {"url": url})
    assert answer.status_code == 201, answer.text
    return Shop(own, payee, answer.json())


async def rounds(house: House, sender: WebhookSender, *, seconds: float = 0) -> int:
    house.clock.advance(timedelta(seconds=seconds))
    return await deliver(house.tools, house.clock, sender, NoticeSender(()))


async def delivery(client: Client) -> dict[str, Any]:
    (found,) = (await client.get("/v1/deliveries")).json()["data"]
    return dict(found)


async def test_a_payment_is_told_once_and_signed(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at = await shop(house, receiver.url)
    payer = await house.office.customer(deposit=1_000)
    payment = await house.office.pay(payer, at.payee, 1_000)
    assert await rounds(house, sender) == 1
    assert await rounds(house, sender, seconds=60) == 0
    ((headers, body),) = receiver.got
    secret = at.endpoint["secret"].encode()
    verify_webhook(secret, headers["anfu-signature"], body, now=house.clock.now())
    with pytest.raises(Refused, match="signature_wrong"):
        verify_webhook(secret, headers["anfu-signature"], body + b" ", now=house.clock.now())
    with pytest.raises(Refused, match="signature_wrong"):
        verify_webhook(b"other", headers["anfu-signature"], body, now=house.clock.now())
    (event,) = (await at.client.get("/v1/events")).json()["data"]
    read = await at.client.get(f"/v1/events/{event['id']}")
    assert read.content == body
    assert headers["anfu-event-id"] == event["id"]
    assert (event["kind"], event["data"]) == ("payment.succeeded", payment)
    found = await delivery(at.client)
    assert (found["state"], found["attempts"], found["answered"]) == ("DELIVERED", 1, 200)
    assert (found["event"], found["endpoint"]) == (event["id"], at.endpoint["id"])
    assert found["next_at"] is None


async def test_every_final_state_is_told_once(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at = await shop(house, receiver.url)
    office, payer = house.office, await house.office.customer(deposit=1_000)
    challenged = await office.pay(payer, at.payee, 1_000_000)
    await office.post(f"/v1/payments/{challenged['id']}/cancel")
    await office.pay(payer, at.payee, 100)
    await office.pay(payer, at.payee, 1_001)
    for card in ("tok_stolen_card", "tok_lose_answer"):
        await office.post("/v1/payments", by_card(await office.customer(), at.payee, 100, card))
    await house.recover()
    for _ in range(3):
        await rounds(house, sender)
    assert sorted(receiver.kinds()) == [
        "payment.cancelled", "payment.challenged", "payment.failed", "payment.refused",
        "payment.succeeded", "payment.succeeded",
    ]  # fmt: skip
    told = [headers["anfu-event-id"] for headers, _ in receiver.got]
    assert len(set(told)) == 6
    events = (await at.client.get("/v1/events")).json()["data"]
    assert sorted(event["id"] for event in events) == sorted(told)


async def test_a_receiver_that_is_broken_is_asked_later_and_in_order(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at = await shop(house, receiver.url)
    payer = await house.office.customer()
    first = await house.office.pay(payer, at.payee, 1_000_000)
    await house.office.post(f"/v1/payments/{first['id']}/cancel")
    receiver.status = 500
    assert await rounds(house, sender) == 1
    assert await rounds(house, sender, seconds=3) == 0
    assert await rounds(house, sender, seconds=3) == 1  # 5 s, give or take a fifth
    assert await rounds(house, sender, seconds=10) == 0
    receiver.status = 200
    assert await rounds(house, sender, seconds=30) == 1
    assert await rounds(house, sender, seconds=60) == 1
    assert receiver.kinds() == ["payment.challenged"] * 3 + ["payment.cancelled"]
    assert len({headers["anfu-event-id"] for headers, _ in receiver.got}) == 2
    signatures = [headers["anfu-signature"] for headers, _ in receiver.got]
    assert len(set(signatures)) == 4  # each at its own time
    states = [d["state"] for d in (await at.client.get("/v1/deliveries")).json()["data"]]
    assert states == ["DELIVERED", "DELIVERED"]


async def test_a_failure_is_shown_and_delivered_again_on_demand(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at = await shop(house, receiver.url)
    await house.office.pay(await house.office.customer(deposit=10), at.payee, 10)
    receiver.status = 503
    await rounds(house, sender)
    waiting = await delivery(at.client)
    assert (waiting["state"], waiting["attempts"], waiting["answered"], waiting["error"]) == (
        "WAITING", 1, 503, "answered 503",
    )  # fmt: skip
    assert waiting["next_at"] is not None
    path = f"/v1/deliveries/{waiting['id']}/replay"
    async with house.untouched():
        early = await at.client.post(path)
        assert (early.status_code, early.json()["code"]) == (404, "delivery_not_found")
    receiver.status = 200
    await rounds(house, sender, seconds=10)
    again = await at.client.post(path, key="again")
    assert (again.status_code, again.json()["state"]) == (200, "WAITING")
    async with house.untouched():
        assert (await at.client.post(path, key="again")).content == again.content
    assert await rounds(house, sender) == 1
    assert receiver.kinds() == ["payment.succeeded"] * 3
    assert (await delivery(at.client))["state"] == "DELIVERED"


async def test_a_disabled_endpoint_is_told_nothing(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at = await shop(house, receiver.url)
    payer = await house.office.customer(deposit=100)
    await house.office.pay(payer, at.payee, 10)
    path = f"/v1/webhook_endpoints/{at.endpoint['id']}/disable"
    answer = await at.client.post(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "DISABLED")
    await house.office.pay(payer, at.payee, 10)
    await rounds(house, sender)
    assert receiver.got == []
    found = await delivery(at.client)  # of the first only
    assert (found["state"], found["error"]) == ("DEAD", "endpoint disabled")
    assert len((await at.client.get("/v1/events")).json()["data"]) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/anfu", "ftp://shop.example/", "https://user:pw@shop.example/",
        "https://shop.example/#x", "https://", "https://shop.example:0/", "javascript:alert(1)",
        "https://shop.example/\r\nx: y", "https://sh\u00f6p.example/", "//shop.example/", "",
        "https://shop.example/" + "x" * 2_000, "file:///etc/passwd", "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_refused(house: House, url: str) -> None:
    payee = await house.office.merchant()
    own = await house.client(merchant=payee)
    async with house.untouched():
        answer = await own.post("/v1/webhook_endpoints", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "url_invalid")


@pytest.mark.parametrize(
    "url", ["https://169.254.169.254/", "https://10.0.0.1/", "https://[fd00::1]/"]
)
async def test_an_address_inside_is_never_connected_to(
    house: House, sender: WebhookSender, url: str
) -> None:
    at = await shop(house, url)
    await house.office.pay(await house.office.customer(deposit=10), at.payee, 10)
    assert await rounds(house, sender) == 1
    found = await delivery(at.client)
    assert (found["state"], found["answered"], found["error"]) == (
        "WAITING", None, "the address is not allowed",
    )  # fmt: skip


async def test_a_secret_is_shown_once_whoever_asks_again(house: House) -> None:
    payee = await house.office.merchant()
    own = await house.client(merchant=payee)
    wish = {"url": "https://shop.example/anfu"}
    answers = await asyncio.gather(
        *(own.post("/v1/webhook_endpoints", wish, key="one") for _ in range(10))
    )
    found = [answer.json() for answer in answers]
    assert {a.status_code for a in answers} == {201}
    assert len({document["id"] for document in found}) == 1
    assert len([d for d in found if d["secret"] is not None]) == 1
    again = (await own.post("/v1/webhook_endpoints", wish, key="one")).json()
    assert (again["id"], again["secret"]) == (found[0]["id"], None)
    async with house.database.transaction(readonly=True) as tx:
        bodies = await tx.fetch("SELECT body FROM storage.idempotency")
    assert not any(b"whsec_" in (row["body"] or b"") for row in bodies)


async def test_a_merchant_has_sixteen_endpoints_at_most(house: House) -> None:
    payee = await house.office.merchant()
    own = await house.client(merchant=payee)
    wish = {"url": "https://shop.example/anfu"}
    answers = await asyncio.gather(*(own.post("/v1/webhook_endpoints", wish) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [201] * 16 + [422] * 4
    assert {a.json()["code"] for a in answers if a.status_code == 422} == {"endpoint_limit"}
