"""What a crash leaves between a verdict and its payments is carried out, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.cases.case_floor import (
    act,
    done,
    hold,
    hold_card,
    refused,
    say,
    state_of,
    the_case,
    three_held,
    whole,
)
from tests.journey.conftest import House

from anfu.entrypoints.api import cases as api
from anfu.entrypoints.worker.rounds import work_cases
from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status


class Killed(Exception):  # noqa: N818
    """The process is gone."""


async def test_what_a_crash_leaves_between_two_payments_is_carried_out_by_the_worker(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the first of three payments: the verdict stands, the rest follows."""
    case, payments = await three_held(house)
    from anfu.payments import carry_out as module  # noqa: PLC0415

    before, ended = module._end, []

    async def once(tx: Any, tools: Any, item: Any, *, now: Any) -> Any:
        if ended:
            raise Killed
        ended.append(item.event)
        return await before(tx, tools, item, now=now)

    monkeypatch.setattr(module, "_end", once)
    answer = await say(house.office, case, "RELEASE", key="one")
    assert answer.status_code == 500
    monkeypatch.setattr(module, "_end", before)
    assert [await state_of(house, p) for p in payments] == ["SUCCEEDED", "IN_REVIEW", "IN_REVIEW"]
    async with house.untouched():
        await refused(await act(house.office, case, "reopen", {"text": "x"}), 409,
                      "case_not_carried_out")  # fmt: skip
        path = f"/v1/payments/{payments[1]['id']}/reject"
        await refused(await house.office.post(path, {}), 409, "case_decided")
        assert await work_cases(house.tools, house.clock) == 0  # its own process may be at it
    house.clock.advance(timedelta(seconds=31))
    turns = [work_cases(house.tools, house.clock) for _ in range(2)]
    assert sum(await asyncio.gather(*turns)) in (1, 2)
    assert [await state_of(house, p) for p in payments] == ["SUCCEEDED"] * 3
    assert house.wire.sent == ["/v1/payments"]
    assert await work_cases(house.tools, house.clock) == 0
    seen = {"verdict": "RELEASE", "reason": "PAYER_CONFIRMED", "revision": 3}
    again = await act(house.office, case, "verdict", seen, key="one")
    assert (again.status_code, again.json()["state"]) == (200, "CLOSED")
    await house.check_books()


async def test_a_crash_before_anything_is_carried_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, payments = await three_held(house)

    async def killed(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(api, "carry_out", killed)
    assert (await say(house.office, case, "REJECT")).status_code == 500
    assert {await state_of(house, p) for p in payments} == {"IN_REVIEW"}
    # Nothing expires under the hands of the worker.
    assert await house.recover(seconds=31) == 0
    assert await work_cases(house.tools, house.clock) == 1
    assert {await state_of(house, p) for p in payments} == {"REJECTED"}
    await house.check_books()


async def test_a_release_whose_channel_is_silent_is_resolved_later(house: House) -> None:
    payment = await hold_card(house, card="tok_lose_answer")
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "RELEASE")).json()["state"] == "CLOSED"
    assert await state_of(house, payment) == "UNKNOWN"
    assert (await whole(house.office, case))["items"][0]["fate"] == "SENDING"
    assert await house.recover() == 1
    assert await state_of(house, payment) == "SUCCEEDED"
    await house.check_books()


async def test_a_payee_suspended_between_verdict_and_release_gets_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")

    async def later(*_: Any, **__: Any) -> list[Any]:
        return []

    monkeypatch.setattr(api, "carry_out", later)
    assert (await say(house.office, case, "RELEASE")).status_code == 200
    await house.database.run(
        lambda tx: set_merchant_status(tx, merchant_id=payment["payee"], status=Status.SUSPENDED)
    )
    house.clock.advance(timedelta(seconds=31))
    await work_cases(house.tools, house.clock)
    assert await state_of(house, payment) == "IN_REVIEW"
    assert await house.recover(seconds=4 * 3_600) == 1
    assert await state_of(house, payment) == "EXPIRED"
    assert await work_cases(house.tools, house.clock) == 0
    after = await whole(house.office, case)
    assert (after["state"], after["items"][0]["fate"]) == ("CLOSED", "EXPIRED")
    await house.check_books()
