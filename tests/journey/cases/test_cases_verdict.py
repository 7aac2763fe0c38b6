"""A verdict: everything that waits for the case is released or rejected once, by two people above
an amount, whatever breaks between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.journey.cases.case_floor import (
    act,
    adopt,
    done,
    hold,
    hold_card,
    queue,
    refused,
    say,
    state_of,
    the_case,
    whole,
    worker,
)
from tests.journey.conftest import Client, House

from anfu.entrypoints.api import cases as api
from anfu.entrypoints.worker.rounds import work_cases
from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status
from anfu.risk.label import Truth
from anfu.risk.queries import find_labels


async def three_held(house: House) -> tuple[str, list[dict[str, Any]]]:
    """A claimed case with three payments of one payer: two from the balance, one by card."""
    first = await hold(house)
    second = await hold(house, payer=first["payer"], amount=20_000)
    third = await hold_card(house, payer=first["payer"], amount=30_000)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    house.wire.sent.clear()
    return case, [first, second, third]


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
    async with house.untouched():
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
    async with house.untouched():
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
    async with house.untouched():
        await refused(await say(house.office, case, "RELEASE"), 409, "case_not_claimed")
    await done(house.office, case, "claim")
    async with house.untouched():
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
    async with house.untouched():
        answer = await say(house.office, case, "RELEASE")
        assert await refused(answer, 422, "party_suspended") == {"payment": payment["id"]}
    assert (await say(house.office, case, "REJECT")).status_code == 200
    assert await state_of(house, payment) == "REJECTED"


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
    async with house.untouched():
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
