"""Above an amount a verdict takes two people, however it is tried with one."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from tests.journey.cases.case_floor import (
    LOOKED,
    act,
    adopt,
    done,
    hold,
    queue,
    refused,
    say,
    state_of,
    three_held,
    whole,
    worker,
)
from tests.journey.conftest import Client, House


async def said_by_one(house: House, verdict: str = "RELEASE") -> tuple[str, Any, Client]:
    """A case above the amount that takes two, said of by the office; and the second person."""
    await adopt(house, two_people={"CNY": 50_000})
    case, payments = await three_held(house)
    assert (await whole(house.office, case))["two_people"] is True
    answer = await say(house.office, case, verdict)
    assert (answer.status_code, answer.json()["state"]) == (200, "CONFIRMING")
    return case, payments, await worker(house)


async def test_above_the_amount_the_second_person_does_it(house: House) -> None:
    case, payments, second = await said_by_one(house)
    assert [await state_of(house, p) for p in payments] == ["IN_REVIEW"] * 3
    assert await house.count("risk.label") == 0
    async with house.untouched(LOOKED):
        answer = await act(house.office, case, "confirm")
        await refused(answer, 403, "case_second_person_needed")
        await refused(await say(house.office, case, "REJECT"), 409, "case_confirming")
        await refused(await act(house.office, case, "give-back", {}), 409, "case_confirming")
        await refused(await act(second, case, "claim"), 409, "case_claimed")
    answer = await act(second, case, "confirm", key="one")
    assert (answer.status_code, answer.json()["state"]) == (200, "CLOSED")
    assert [await state_of(house, p) for p in payments] == ["SUCCEEDED"] * 3
    [voice] = (await whole(house.office, case))["voices"]
    assert (voice["by"], voice["second"]) == (house.office.key, second.key)
    assert (voice["state"], voice["two_people"]) == ("FINAL", True)
    async with house.untouched():
        assert (await act(second, case, "confirm", key="one")).content == answer.content
    await house.check_books()


async def test_two_seconds_at_once_confirm_it_once(house: House) -> None:
    case, payments, second = await said_by_one(house)
    third = await worker(house)
    answers = await asyncio.gather(
        *(act(person, case, how) for person in (second, third) for how in ("confirm", "decline"))
    )
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]
    states = {await state_of(house, p) for p in payments}
    assert states in ({"SUCCEEDED"}, {"IN_REVIEW"})
    await house.check_books()


@pytest.mark.parametrize(("own", "state"), [(True, "WITHDRAWN"), (False, "DECLINED")])
async def test_what_one_said_is_taken_back_or_declined(house: House, own: bool, state: str) -> None:
    case, payments, second = await said_by_one(house)
    after = await done(house.office if own else second, case, "decline")
    assert (after["state"], after["holder"]) == ("CLAIMED", house.office.key)
    assert [v["state"] for v in (await whole(house.office, case))["voices"]] == [state]
    assert [await state_of(house, p) for p in payments] == ["IN_REVIEW"] * 3
    assert (await say(house.office, case, "REJECT")).json()["state"] == "CONFIRMING"
    await done(second, case, "confirm")
    assert [await state_of(house, p) for p in payments] == ["REJECTED"] * 3


async def test_the_database_itself_refuses_one_person_twice(
    house: House, owner: asyncpg.Connection
) -> None:
    case, _, _ = await said_by_one(house)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(
            "UPDATE risk.case_voice SET state = 'FINAL', second = by, second_at = now()"
            " WHERE case_id = $1", case,
        )  # fmt: skip


async def test_a_payment_that_comes_while_the_second_is_awaited_gets_a_case_of_its_own(
    house: House,
) -> None:
    case, payments, second = await said_by_one(house)
    late = await hold(house, payer=payments[0]["payer"])
    assert len(await queue(house.office)) == 2
    await done(second, case, "confirm")
    assert await state_of(house, late) == "IN_REVIEW"


async def test_small_payments_of_one_case_do_not_slip_past_the_second_person(
    house: House,
) -> None:
    """The attack: what takes two as a case is released payment by payment, or in parts."""
    await adopt(house, two_people={"CNY": 50_000})
    case, payments = await three_held(house)
    async with house.untouched():
        for payment in payments:
            for how in ("release", "reject"):
                path = f"/v1/payments/{payment['id']}/{how}"
                answer = await house.office.post(path, {"note": "x"})
                details = await refused(answer, 409, "case_two_people")
                assert details == {"case": case}
    items = (await whole(house.office, case))["items"]
    answer = await say(house.office, case, "RELEASE", decisions=[items[0]["decision"]])
    assert answer.json()["state"] == "CONFIRMING"
    assert {await state_of(house, p) for p in payments} == {"IN_REVIEW"}


async def test_a_currency_policy_does_not_name_always_takes_two(house: House) -> None:
    await adopt(house, two_people={"USD": 1_000_000})
    payment = await hold(house)
    path = f"/v1/payments/{payment['id']}/release"
    await refused(await house.office.post(path, {}), 409, "case_two_people")


async def test_handed_over_to_a_queue_what_was_said_still_waits_for_its_second(
    house: House,
) -> None:
    case, payments, second = await said_by_one(house)
    wish = {"queue": "night", "note": "second voice missing"}
    answer = await house.office.post("/v1/cases/hand-over", wish)
    [moved] = answer.json()["data"]
    assert (moved["state"], moved["holder"]) == ("CONFIRMING", None)
    async with house.untouched():
        await refused(await act(house.office, case, "confirm"), 403, "case_second_person_needed")
    assert (await done(second, case, "decline"))["state"] == "OPEN"
    assert {await state_of(house, p) for p in payments} == {"IN_REVIEW"}
