"""What no journey can finish becomes somebody's task, in time, and is told of again when late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.journey.conftest import House, by_card

from anfu.channels.sandbox.faults import Fault, Faults
from anfu.payments.tasks.hand_out import escalate_tasks
from anfu.payments.watch_refunds import watch_refunds


async def paid(house: House) -> dict[str, Any]:
    payer, payee = await house.office.customer(), await house.office.merchant()
    answer = await house.office.post("/v1/payments", by_card(payer, payee, 5_000))
    return dict(answer.json())


async def tasks(house: House, **query: Any) -> list[dict[str, Any]]:
    return list((await house.office.get("/v1/tasks", **query)).json()["data"])


async def turn(house: House) -> None:
    await watch_refunds(house.tools, now=house.clock.now(), most=10)
    await escalate_tasks(house.tools, now=house.clock.now(), most=10)


async def test_a_refund_that_drags_on_is_a_task_at_12_hours_and_overdue_at_24(house: House) -> None:
    payment = await paid(house)
    house.network.faults = Faults(rates={Fault.LOSE_REQUEST: 1.0})
    refund = (await house.office.post("/v1/refunds", {"payment": payment["id"]})).json()
    assert (refund["state"], refund["failure"]) == ("UNKNOWN", "timed_out")
    assert refund["remedy"]["fault"] == "NETWORK"
    house.clock.advance(timedelta(hours=11, minutes=59))
    await turn(house)
    assert await tasks(house) == []
    house.clock.advance(timedelta(minutes=1))
    for _ in range(2):
        await turn(house)
    [task] = await tasks(house)
    assert (task["kind"], task["subject"]) == ("REFUND_LATE", refund["id"])
    assert task["detail"]["payment"] == payment["id"]
    assert task["escalated_at"] is None
    house.clock.advance(timedelta(hours=12))
    for _ in range(2):
        await turn(house)
    [task] = await tasks(house)
    assert task["escalated_at"] is not None
    assert sorted(await house.kinds(refund["id"])) == ["task.opened", "task.overdue"]


async def test_a_refund_the_network_cannot_make_is_a_task_that_a_person_ends_once(
    house: House,
) -> None:
    payment = await paid(house)
    del house.network.book._payments[payment["id"]]  # the card is closed there
    refund = (await house.office.post("/v1/refunds", {"payment": payment["id"]})).json()
    assert (refund["state"], refund["failure"]) == ("FAILED", "payment_not_paid")
    [task] = await tasks(house, kind="REFUND_FAILED", done=False)
    assert task["title"]["zh"].startswith("支付网络退款失败")
    path, note = f"/v1/tasks/{task['id']}/done", {"note": "paid out to the card of her bank"}
    done = await house.office.post(path, note, key="once")
    assert (done.status_code, done.json()["done_by"] is not None) == (200, True)
    assert (await house.office.post(path, note, key="once")).content == done.content
    async with house.untouched():
        again = await house.office.post(path, note)
        assert (again.status_code, again.json()["code"]) == (409, "task_done")
        lost = await house.office.post("/v1/tasks/tsk_none/done", note)
        assert (lost.status_code, lost.json()["code"]) == (404, "task_not_found")
    assert await tasks(house, done=False) == []
    shop = await house.client(merchant=payment["payee"])
    refused = await shop.get("/v1/tasks")
    assert (refused.status_code, refused.json()["code"]) == (403, "institution_only")
