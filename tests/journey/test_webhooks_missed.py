"""What an endpoint has missed: days of silence, a worker killed in the act, a replay of it all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from tests.journey.conftest import Client, House
from tests.journey.test_webhooks import Receiver, Shop, receiver, rounds, sender, shop

from anfu.channels.webhooks import WebhookSender
from anfu.payments.document import rfc3339

__all__ = ["receiver", "sender"]
ROOT = Path(__file__).parents[2]
# A worker with no more than delivery: database, time and keys come in, nothing goes out.
WORKER = """
import asyncio, sys
from datetime import datetime
from types import SimpleNamespace
from anfu.channels.notices.sender import NoticeSender
from anfu.channels.webhooks import WebhookSender
from anfu.entrypoints.worker.rounds import deliver
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SystemEntropy
from anfu.parties.keyring import KeyRing, Sealer
from anfu.storage.database import open_database

async def main():
    url, now, ring = sys.stdin.read().split("|")
    database = await open_database(url, connections=1)
    entropy = SystemEntropy()
    tools = SimpleNamespace(database=database, entropy=entropy,
                            sealer=Sealer(KeyRing.parse(ring), entropy))
    clock = ManualClock(datetime.fromisoformat(now))
    await deliver(tools, clock, WebhookSender(allow_loopback=True), NoticeSender(()))

asyncio.run(main())
"""


async def in_steps(house: House, at: Shop, sender: WebhookSender, *, hours: float) -> None:
    """Let time pass from one attempt to the next, as a worker that never sleeps would."""
    end = house.clock.now() + timedelta(hours=hours)
    async with house.database.transaction(readonly=True) as tx:
        due = await tx.fetchval(_NEXT, at.endpoint["id"])
    while due is not None and due <= end:
        house.clock.set(max(due, house.clock.now()))
        await rounds(house, sender)
        async with house.database.transaction(readonly=True) as tx:
            due = await tx.fetchval(_NEXT, at.endpoint["id"])
    house.clock.set(max(end, house.clock.now()))


# Of those at the head of their object: the others wait for them.
_NEXT = """
SELECT min(next_at) FROM storage.delivery d WHERE endpoint_id = $1 AND state = 'WAITING'
AND NOT EXISTS (SELECT FROM storage.delivery e WHERE e.endpoint_id = d.endpoint_id
                AND e.object_id = d.object_id AND e.state = 'WAITING' AND e.seq < d.seq)
"""


async def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/deliveries", **query)
    assert answer.status_code == 200, answer.text
    return [dict(found) for found in answer.json()["data"]]


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """(payment, kind) in the order of coming."""
    bodies = [msgspec.json.decode(body) for _, body in receiver.got]
    return [(body["data"]["id"], body["kind"]) for body in bodies]


async def test_an_endpoint_that_was_down_for_more_than_three_days_misses_nothing(
    house: House, receiver: Receiver, sender: WebhookSender
) -> None:
    at, office = await shop(house, receiver.url), house.office
    payer = await office.customer(deposit=1_000)
    since = rfc3339(house.clock.now())
    receiver.status = 500
    first = (await office.pay(payer, at.payee, 1_000_000))["id"]
    await in_steps(house, at, sender, hours=1)
    await office.post(f"/v1/payments/{first}/cancel")
    await in_steps(house, at, sender, hours=47)
    second = (await office.pay(payer, at.payee, 10))["id"]
    await in_steps(house, at, sender, hours=36)
    (dead,) = await listed(at.client, state="DEAD")
    assert (dead["attempts"], dead["answered"], dead["next_at"]) == (13, 500, None)
    assert len(await listed(at.client, state="WAITING")) == 2

    receiver.status, receiver.got = 200, []
    path = f"/v1/webhook_endpoints/{at.endpoint['id']}/replay"
    answer = await at.client.post(path, {"since": since}, key="all")
    assert answer.json() == {
        "object": "replay", "endpoint": at.endpoint["id"], "replayed": 1, "last": dead["id"],
        "more": False,
    }  # fmt: skip
    async with house.untouched():
        again = await at.client.post(path, {"since": since}, key="all")
        assert again.content == answer.content
    await in_steps(house, at, sender, hours=13)
    assert [one for one in told(receiver) if one[0] == first] == [
        (first, "payment.challenged"), (first, "payment.cancelled"),
    ]  # fmt: skip
    assert [one for one in told(receiver) if one[0] == second] == [(second, "payment.succeeded")]
    assert {d["state"] for d in await listed(at.client)} == {"DELIVERED"}


async def test_what_was_delivered_is_replayed_page_by_page_and_of_one_s_own_only(
    house: House, receiver: Receiver, sender: WebhookSender, monkeypatch: Any
) -> None:
    at, other = await shop(house, receiver.url), await shop(house, receiver.url)
    payer = await house.office.customer(deposit=100)
    early = rfc3339(house.clock.now())
    payments = [(await house.office.pay(payer, at.payee, 10))["id"] for _ in range(3)]
    await house.office.pay(payer, other.payee, 10)
    late = rfc3339(house.clock.now() + timedelta(seconds=1))
    await rounds(house, sender)
    events = (await at.client.get("/v1/events")).json()["data"]
    (only,) = await listed(at.client, event=events[0]["id"])
    assert (only["event"], only["endpoint"]) == (events[0]["id"], at.endpoint["id"])
    assert len(await listed(at.client, endpoint=at.endpoint["id"])) == 3
    assert await listed(other.client, event=events[0]["id"]) == []

    monkeypatch.setattr("anfu.entrypoints.api.deliveries.REPLAYED_MOST", 2)
    path = f"/v1/webhook_endpoints/{at.endpoint['id']}/replay"
    async with house.untouched():
        foreign = await other.client.post(path, {"since": early, "state": "DELIVERED"})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "endpoint_not_found")
    for form in ({"since": late, "state": "DELIVERED"}, {"since": "0001-01-01T00:00:00Z"}):
        assert (await at.client.post(path, form)).json()["replayed"] == 0
    receiver.got = []
    form = {"since": early, "state": "DELIVERED"}
    page = (await at.client.post(path, form)).json()
    assert (page["replayed"], page["more"]) == (2, True)
    await rounds(house, sender)
    page = (await at.client.post(path, {**form, "after": page["last"]})).json()
    assert (page["replayed"], page["more"]) == (1, False)
    await rounds(house, sender)
    heard = [payment for payment, _ in told(receiver)]  # side by side within a page
    assert (set(heard[:2]), heard[2:]) == (set(payments[:2]), payments[2:])


async def test_a_worker_killed_between_sending_and_noting_sends_again_and_in_order(
    house: House, receiver: Receiver, sender: WebhookSender, database_url: str
) -> None:
    at, office = await shop(house, receiver.url), house.office
    payment = (await office.pay(await office.customer(), at.payee, 1_000_000))["id"]
    await office.post(f"/v1/payments/{payment}/cancel")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, stdin=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    receiver.killed = worker.pid
    ring = house.tools.sealer.ring.to_text()
    await worker.communicate(f"{database_url}|{house.clock.now().isoformat()}|{ring}".encode())
    assert worker.returncode == -signal.SIGKILL
    receiver.killed = None
    assert told(receiver) == [(payment, "payment.challenged")]
    assert await rounds(house, sender, seconds=29) == 0  # the lease of the dead is still good
    assert await rounds(house, sender, seconds=2) == 1
    assert await rounds(house, sender) == 1
    assert told(receiver) == [
        (payment, "payment.challenged"), (payment, "payment.challenged"),
        (payment, "payment.cancelled"),
    ]  # fmt: skip
    ids = [headers["anfu-event-id"] for headers, _ in receiver.got]
    assert (ids[0] == ids[1], len(set(ids))) == (True, 2)
