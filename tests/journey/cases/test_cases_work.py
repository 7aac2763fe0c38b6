"""The work on a case between claim and verdict: one holder, notes, hand-over, escalation, time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

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
    the_case,
    whole,
    worker,
)
from tests.journey.conftest import House

from anfu.parties.keys.operations import revoke_key
from anfu.payments.escalate import escalate
from anfu.risk.cases.policy import Level


async def test_of_many_who_claim_one_has_it(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    people = [await worker(house) for _ in range(8)]
    answers = await asyncio.gather(*(act(person, case, "claim") for person in people))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 7
    winner = next(p for p, a in zip(people, answers, strict=True) if a.status_code == 200)
    for answer in answers:
        if answer.status_code != 200:
            assert await refused(answer, 409, "case_claimed") == {"holder": winner.key}
    after = await whole(house.office, case)
    assert (after["state"], after["holder"]) == ("CLAIMED", winner.key)
    assert [a["act"] for a in after["acts"]] == ["OPENED", "CLAIMED"]
    async with house.untouched():
        await refused(await act(winner, case, "claim"), 409, "case_claimed")


async def test_the_same_claim_again_is_answered_the_same(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    first = await act(house.office, case, "claim", key="once")
    async with house.untouched():
        again = await act(house.office, case, "claim", key="once")
    assert (again.status_code, again.content) == (200, first.content)


async def test_claiming_stops_the_clock_and_holds_the_payment_longer(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    house.clock.advance(timedelta(minutes=29))
    claimed = await done(house.office, case, "claim")
    assert (claimed["late"], claimed["left_s"], claimed["escalates_at"]) == (False, 0, None)
    [item] = (await whole(house.office, case))["items"]
    assert _moment(item["waits_until"]) == _moment(payment["created_at"]) + timedelta(hours=4)
    assert await house.recover(seconds=3 * 3_600) == 0
    assert await state_of(house, payment) == "IN_REVIEW"
    assert await house.recover(seconds=3_600) == 1
    assert await state_of(house, payment) == "EXPIRED"
    after = await whole(house.office, case)
    assert (after["state"], after["at_stake"], after["items"][0]["fate"]) == (
        "CLAIMED", 0, "EXPIRED")  # fmt: skip


async def test_a_claim_in_the_last_moment_beats_the_expiry_that_was_under_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has taken the payment as due; before it locks it, somebody claims the case."""
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    from anfu.payments import recover as module  # noqa: PLC0415

    before = module.find_payments

    async def meanwhile(tx: Any, ids: Any) -> Any:
        monkeypatch.setattr(module, "find_payments", before)
        await done(house.office, case, "claim")
        return await before(tx, ids)

    monkeypatch.setattr(module, "find_payments", meanwhile)
    assert await house.recover(seconds=1_800) == 1
    assert await state_of(house, payment) == "IN_REVIEW"
    assert (await done_by(house, case))["state"] == "CLOSED"
    assert await state_of(house, payment) == "SUCCEEDED"
    await house.check_books()


async def done_by(house: House, case: str) -> dict[str, Any]:
    answer = await say(house.office, case, "RELEASE")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_expired_payment_leaves_its_case_open_for_a_verdict(house: House) -> None:
    payment = await hold(house)
    case = (await the_case(house.office))["id"]
    assert await house.recover(seconds=1_800) == 1
    assert await state_of(house, payment) == "EXPIRED"
    after = await whole(house.office, case)
    assert (after["state"], after["amount"], after["at_stake"]) == ("OPEN", 10_000, 0)
    assert after["acts"][-1]["detail"] == {"event": payment["id"], "fate": "EXPIRED"}
    await done(house.office, case, "claim")
    answer = await say(house.office, case, "REJECT")
    assert answer.json()["state"] == "CLOSED"
    after = await whole(house.office, case)
    assert (after["items"][0]["label"], after["items"][0]["payment"]) == ("FRAUD", "EXPIRED")
    await house.check_books()


async def test_assigned_is_not_answered_until_that_person_says_so(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    person = await worker(house)
    assigned = await done(house.office, case, "assign", {"to": person.key})
    assert (assigned["state"], assigned["holder"]) == ("CLAIMED", person.key)
    assert (assigned["responded_at"], assigned["escalates_at"] is None) == (None, False)
    async with house.untouched(LOOKED):
        await refused(await act(house.office, case, "claim"), 409, "case_claimed")
        await refused(await say(house.office, case, "RELEASE"), 403, "case_not_yours")
    claimed = await done(person, case, "claim")
    assert claimed["responded_at"] is not None
    assert claimed["escalates_at"] is None


async def test_a_case_is_assigned_only_to_who_may_work_on_it(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    merchant = await house.client(merchant=await house.office.merchant("Other"))
    reader, gone = await worker(house, ["cases:read"]), await worker(house)
    await house.database.run(
        lambda tx: revoke_key(tx, key_id=gone.key, merchant=None, now=house.clock.now())
    )
    why = {
        merchant.key: "institution_only", reader.key: "scope_missing", gone.key: "key_revoked",
        "key_none": "key_not_found",
    }  # fmt: skip
    async with house.untouched():
        for key, reason in why.items():
            answer = await act(house.office, case, "assign", {"to": key})
            assert await refused(answer, 422, "case_person_unknown") == {"reason": reason}
            wish = {"to": key, "note": "end of shift"}
            answer = await house.office.post("/v1/cases/hand-over", wish)
            await refused(answer, 422, "case_person_unknown")
        await refused(await act(gone, case, "claim"), 401, "key_revoked")


async def test_given_back_anybody_takes_it(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    one, other = await worker(house), await worker(house)
    async with house.untouched():
        await refused(await act(one, case, "give-back", {}), 409, "case_not_claimed")
    await done(one, case, "claim")
    async with house.untouched():
        await refused(await act(other, case, "give-back", {}), 403, "case_not_yours")
    back = await done(one, case, "give-back", {"queue": "evening"})
    assert (back["state"], back["holder"], back["queue"]) == ("OPEN", None, "evening")
    assert _moment(back["escalates_at"]) == house.clock.now() + timedelta(minutes=15)
    assert back["responded_at"] is not None
    assert (await done(other, case, "claim"))["holder"] == other.key


async def test_notes_are_sealed_and_the_evidence_has_their_digest(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    text = "付款人张小明 13800000001 说不是他"
    await done(house.office, case, "notes", {"text": text})
    [note] = (await whole(house.office, case))["notes"]
    assert (note["text"], note["by"]) == (text, house.office.key)
    async with house.database.transaction(readonly=True) as tx:
        sealed = await tx.fetchval("SELECT sealed FROM risk.case_note")
        leaves = await tx.fetch("SELECT body FROM evidence.leaf WHERE subject = $1", case)
        events = await tx.fetch("SELECT body FROM storage.event WHERE object_id = $1", case)
        acts = await tx.fetch("SELECT detail FROM risk.case_act")
    for row in (*leaves, *events, *acts):
        assert "13800000001" not in str(row[0])
        assert b"13800000001" not in (row[0] if isinstance(row[0], bytes) else b"")
    assert text.encode() not in sealed


async def test_everything_a_person_has_is_handed_over_at_once_with_a_note(house: House) -> None:
    one, other = await worker(house), await worker(house)
    for _ in range(3):
        await hold(house)
    mine = [case["id"] for case in await queue(house.office)]
    for case in mine[:2]:
        await done(one, case, "claim")
    wish = {"to": other.key, "note": "night shift, call 102 first"}
    answer = await one.post("/v1/cases/hand-over", wish)
    assert {case["id"] for case in answer.json()["data"]} == set(mine[:2])
    assert {case["holder"] for case in answer.json()["data"]} == {other.key}
    assert len(await queue(house.office, holder=other.key)) == 2
    for case in mine[:2]:
        after = await whole(house.office, case)
        assert [n["text"] for n in after["notes"]] == [wish["note"]]
        assert after["state"] == "CLAIMED"
    wish = {"queue": "night", "note": "x", "holder": other.key}
    answer = await house.office.post("/v1/cases/hand-over", wish)
    assert {(c["state"], c["queue"]) for c in answer.json()["data"]} == {("OPEN", "night")}
    assert len(await queue(house.office, queue="night")) == 2
    assert (await one.post("/v1/cases/hand-over", wish | {"holder": one.key})).json()["data"] == []


async def test_a_hand_over_names_a_person_or_a_queue_and_says_why(house: House) -> None:
    async with house.untouched():
        for wish in ({"note": "x"}, {"note": "x", "to": "key_a", "queue": "b"}, {"queue": "b"}):
            answer = await house.office.post("/v1/cases/hand-over", wish)
            await refused(answer, 422, "field_invalid")


async def test_a_late_case_is_taken_up_level_by_level_each_once(house: House) -> None:
    await adopt(house, escalation=(Level(600, "lead"), Level(1_200, "head")))
    await hold(house)
    case = (await the_case(house.office))["id"]
    assert await escalate(house.tools, now=house.clock.now()) == 0
    for minutes, level in ((10, 1), (10, 2), (60, 2)):
        house.clock.advance(timedelta(minutes=minutes))
        # Several workers at once.
        turns = [escalate(house.tools, now=house.clock.now()) for _ in range(6)]
        assert sum(await asyncio.gather(*turns)) == (minutes == 10)
        assert (await whole(house.office, case))["level"] == level
    kinds = await house.kinds(case)
    assert kinds == ["case.opened", "case.escalated", "case.escalated"]
    events = (await house.office.get("/v1/events")).json()["data"]
    told = [e["data"]["to"] for e in events if e["kind"] == "case.escalated"]
    assert told == ["head", "lead"]
    assert await queue(house.office, late="true") == await queue(house.office)


async def test_a_case_somebody_works_on_is_not_escalated(house: House) -> None:
    await hold(house)
    case = (await the_case(house.office))["id"]
    await done(house.office, case, "claim")
    house.clock.advance(timedelta(hours=3))
    async with house.untouched():
        assert await escalate(house.tools, now=house.clock.now()) == 0
    await done(house.office, case, "give-back", {})
    house.clock.advance(timedelta(minutes=15))
    assert await escalate(house.tools, now=house.clock.now()) == 1


async def test_a_level_that_policy_has_dropped_is_not_reached(house: House) -> None:
    await hold(house)
    await adopt(house, escalation=())
    house.clock.advance(timedelta(hours=1))
    assert await escalate(house.tools, now=house.clock.now()) == 1
    assert await escalate(house.tools, now=house.clock.now()) == 0
    assert (await the_case(house.office))["escalates_at"] is None
    assert await house.kinds((await the_case(house.office))["id"]) == ["case.opened"]


async def test_the_queue_goes_by_what_is_at_stake_then_by_age(house: House) -> None:
    small, large, old = [await hold(house, amount=a) for a in (10_000, 400_000, 20_000)]
    younger = await hold(house, amount=30_000)
    shown = await queue(house.office)
    assert [case["amount"] for case in shown] == [400_000, 10_000, 20_000, 30_000]
    first = await house.office.get("/v1/cases", limit=2)
    assert first.json()["more"] is True
    rest = await queue(house.office, after=first.json()["data"][-1]["id"])
    assert [case["amount"] for case in rest] == [20_000, 30_000]
    assert await queue(house.office, grade="LOW") == []
    assert small != large != old != younger


async def test_figures_count_what_waits_and_how_fast_somebody_answers(house: House) -> None:
    for _ in range(4):
        await hold(house)
    cases = [case["id"] for case in await queue(house.office)]
    house.clock.advance(timedelta(minutes=10))
    await done(house.office, cases[0], "claim")
    house.clock.advance(timedelta(minutes=30))
    await done(house.office, cases[1], "claim")
    await done(house.office, cases[2], "claim")
    assert (await say(house.office, cases[2], "REJECT")).status_code == 200
    found = (await house.office.get("/v1/cases/figures", days=1)).json()
    assert found["open"] == [{"grade": "HIGH", "age_s": 3_600, "count": 3}]
    assert (found["opened"], found["answered"], found["due"]) == (4, 3, 4)
    assert (found["in_time"], found["in_target"], found["late"]) == (1, 1, 1)
    assert (found["in_time_share"], found["in_target_share"]) == (0.25, 0.25)
    assert 2_400 <= found["p50_s"] < 2_401
    assert 2_400 <= found["p95_s"] < 2_401
    assert 2_400 <= found["oldest_s"] < 2_401


async def test_figures_of_nothing(house: House) -> None:
    found = (await house.office.get("/v1/cases/figures")).json()
    assert (found["open"], found["opened"], found["p50_s"]) == ([], 0, None)
    assert (found["in_time_share"], found["late"], found["oldest_s"]) == (None, 0, 0.0)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
