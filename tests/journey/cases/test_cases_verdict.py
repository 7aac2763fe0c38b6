"""A verdict: everything that waits for the case is released or rejected once, by two people above
an amount, whatever breaks between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.journey.cases.case_floor import (
    LOOKED,
    act,
    done,
    hold,
    refused,
    say,
    state_of,
    the_case,
    three_held,
    whole,
    worker,
)
from tests.journey.conftest import House

from anfu.entrypoints.worker.rounds import work_cases
from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status
from anfu.risk.label import Truth
from anfu.risk.queries import find_labels


async def label_of(house: House, payment: dict[str, Any]) -> tuple[Truth, str] | None:
    async with house.database.transaction(readonly=True) as tx:
        found = (await find_labels(tx, [payment["id"]])).get(payment["id"])
    return found and (found.truth, found.source)


@pytest.mark.parametrize(
    ("verdict", "reason", "state", "label"),
    [
        ("RELEASE", "PAYER_CONFIRMED", "SUCCEEDED", (Truth.HONEST, "case")),
        ("RELEASE", "NO_GROUNDS", "SUCCEEDED", None),
        ("REJECT", "PAYER_DENIES", "REJECTED", (Truth.FRAUD, "case")),
        ("REJECT", "NOT_REACHED", "REJECTED", None),
    ],
)
async def test_one_verdict_ends_every_payment_that_waits_and_labels_it(
    house: House, verdict: str, reason: str, state: str, label: object
) -> None:
    case, payments = await three_held(house)
    answer = await say(house.office, case, verdict, reason, key="one")
    assert (answer.status_code, answer.json()["state"]) == (200, "CLOSED")
    assert [await state_of(house, p) for p in payments] == [state] * 3
    assert [await label_of(house, p) for p in payments] == [label] * 3
    assert house.wire.sent == (["/v1/payments"] if verdict == "RELEASE" else [])
    after = await whole(house.office, case)
    assert (after["at_stake"], after["amount"], after["holder"]) == (0, 60_000, None)
    assert {(i["verdict"], i["reason"], i["held"]) for i in after["items"]} == {
        (verdict, reason, False)
    }
    assert await house.kinds(case) == ["case.opened", "case.closed"]
    assert await house.count("limits.reservation") == 0
    async with house.untouched(LOOKED):
        seen = {"verdict": verdict, "reason": reason, "revision": 3}
        again = await act(house.office, case, "verdict", seen, key="one")
        assert (again.status_code, again.content) == (200, answer.content)
        await refused(await say(house.office, case, verdict, reason), 409, "case_closed")
        assert await house.recover(seconds=4 * 3_600) == 0
        assert await work_cases(house.tools, house.clock) == 0
    await house.check_books()


async def test_said_twice_at_once_it_is_done_once(house: House) -> None:
    case, payments = await three_held(house)
    answers = await asyncio.gather(
        *(say(house.office, case, verdict) for verdict in ["RELEASE", "REJECT"] * 4)
    )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    states = {await state_of(house, p) for p in payments}
    assert states in ({"SUCCEEDED"}, {"REJECTED"})
    assert await house.kinds(case) == ["case.opened", "case.closed"]
    assert await house.count("risk.case_voice") == 1
    await house.check_books()


async def test_a_part_is_concluded_and_the_rest_stays_open(house: House) -> None:
    case, payments = await three_held(house)
    items = (await whole(house.office, case))["items"]
    wish = [items[0]["decision"]]
    answer = await say(house.office, case, "REJECT", decisions=wish)
    assert (answer.json()["state"], answer.json()["at_stake"]) == ("CLAIMED", 50_000)
    assert [await state_of(house, p) for p in payments] == ["REJECTED", "IN_REVIEW", "IN_REVIEW"]
    async with house.untouched(LOOKED):
        again = await say(house.office, case, "RELEASE", decisions=wish)
        await refused(again, 422, "case_decision_unknown")
    assert (await say(house.office, case, "RELEASE")).json()["state"] == "CLOSED"
    assert [await state_of(house, p) for p in payments] == ["REJECTED", "SUCCEEDED", "SUCCEEDED"]
    await house.check_books()


async def test_what_was_not_seen_is_not_released(house: House) -> None:
    """A payment joins the case while the person is looking at it."""
    first = await hold(house)
    case = await the_case(house.office)
    await done(house.office, case["id"], "claim")
    late = await hold(house, payer=first["payer"])
    seen = {"verdict": "RELEASE", "reason": "KNOWN_HABIT", "revision": case["revision"]}
    async with house.untouched():
        answer = await act(house.office, case["id"], "verdict", seen)
        assert await refused(answer, 409, "case_changed") == {"revision": 2}
    assert await state_of(house, late) == "IN_REVIEW"


async def test_refusals_of_a_verdict_change_nothing(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    other = await worker(house)
    async with house.untouched(LOOKED):
        await refused(await say(house.office, case, "RELEASE"), 409, "case_not_claimed")
    await done(house.office, case, "claim")
    async with house.untouched(LOOKED):
        await refused(await say(other, case, "RELEASE"), 403, "case_not_yours")
        answer = await say(house.office, case, "RELEASE", "PAYER_DENIES")
        details = await refused(answer, 422, "case_reason_unknown")
        assert details == {"known": ["PAYER_CONFIRMED", "KNOWN_HABIT", "FALSE_ALARM", "NO_GROUNDS"]}
        answer = await say(house.office, case, "RELEASE", decisions=["dec_none"])
        await refused(answer, 422, "case_decision_unknown")
        for how in ("confirm", "decline"):
            await refused(await act(other, case, how), 409, "case_nothing_said")


async def test_a_suspended_payee_is_not_released_to(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    await house.database.run(
        lambda tx: set_merchant_status(tx, merchant_id=payment["payee"], status=Status.SUSPENDED)
    )
    async with house.untouched(LOOKED):
        answer = await say(house.office, case, "RELEASE")
        assert await refused(answer, 422, "party_suspended") == {"payment": payment["id"]}
    assert (await say(house.office, case, "REJECT")).status_code == 200
    assert await state_of(house, payment) == "REJECTED"


async def test_a_payer_stopped_by_the_police_meanwhile_is_not_released(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    order = {"authority": "Haidian Public Security Bureau", "reference": "2026-0117"}
    path = f"/v1/customers/{payment['payer']}/stop_orders"
    assert (await house.office.post(path, order)).status_code == 201
    async with house.untouched("parties.access_log"):
        details = await refused(await say(house.office, case, "RELEASE"), 409, "payment_stopped")
        assert (details["payment"], details["article"]) == (payment["id"], "二(一)2")
    assert (await say(house.office, case, "REJECT")).status_code == 200
    assert await state_of(house, payment) == "REJECTED"


async def test_a_payment_released_by_itself_closes_its_case(house: House) -> None:
    payment = await hold(house)
    second = await hold(house, payer=payment["payer"])
    case = (await the_case(house.office))["id"]
    for number, held in enumerate((payment, second)):
        assert (await whole(house.office, case))["state"] == "OPEN"
        path = f"/v1/payments/{held['id']}/{'reject' if number else 'release'}"
        answer = await house.office.post(path, {"note": "called"})
        assert answer.status_code == 200, answer.text
    after = await whole(house.office, case)
    assert (after["state"], after["at_stake"]) == ("CLOSED", 0)
    assert after["responded_at"] is not None
    assert [i["verdict"] for i in after["items"]] == ["RELEASE", "REJECT"]
    assert [i["decided_by"] for i in after["items"]] == [house.office.key] * 2
    assert await house.kinds(case) == ["case.opened", "case.closed"]
    await house.check_books()


async def test_a_payment_of_a_case_somebody_works_on_is_left_to_that_person(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    person = await worker(house, ["cases:read", "cases:write", "reviews:write"])
    await done(person, case, "claim")
    async with house.untouched():
        answer = await house.office.post(f"/v1/payments/{payment['id']}/release", {})
        await refused(answer, 403, "case_not_yours")
    answer = await person.post(f"/v1/payments/{payment['id']}/release", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "SUCCEEDED")


async def test_a_payment_the_payer_takes_back_leaves_its_case_to_be_looked_at(
    house: House,
) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    await house.office.post(f"/v1/payments/{payment['id']}/cancel")
    after = await whole(house.office, case)
    assert (after["state"], after["at_stake"]) == ("OPEN", 0)
    assert (after["items"][0]["fate"], after["items"][0]["payment"]) == ("CANCELLED",) * 2


async def test_reopened_a_case_gets_a_new_verdict_and_a_new_label(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    async with house.untouched():
        await refused(await act(house.office, case, "reopen", {"text": "x"}), 409,
                      "case_not_closed")  # fmt: skip
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "RELEASE")).status_code == 200
    assert await label_of(house, payment) == (Truth.HONEST, "case")
    again = await done(house.office, case, "reopen", {"text": "the payer called"})
    assert (again["state"], again["reopened"], again["at_stake"]) == ("OPEN", 1, 0)
    assert again["escalates_at"] is not None
    await done(house.office, case, "claim")
    assert (await say(house.office, case, "REJECT")).json()["state"] == "CLOSED"
    assert await label_of(house, payment) == (Truth.FRAUD, "case")
    assert await state_of(house, payment) == "SUCCEEDED"
    after = await whole(house.office, case)
    assert [v["verdict"] for v in after["voices"]] == ["RELEASE", "REJECT"]
    assert [n["text"] for n in after["notes"]] == ["the payer called"]
    assert await house.kinds(case) == [
        "case.opened", "case.closed", "case.reopened", "case.closed"]  # fmt: skip
    await house.check_books()
