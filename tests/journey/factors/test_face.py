"""A customer approves with its face: by consent, alive, for this payment, never as the only way."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.faces import ROGUE, Camera, agree, opened
from tests.journey.factors.steps import (
    COOLED,
    LARGE,
    STRONG,
    ask,
    begin,
    challenged,
    prove,
    with_totp,
)
from tests.journey.test_challenge import code_of

from anfu.channels.faces.simulator import Trouble


@pytest.fixture
async def camera(house: House) -> AsyncIterator[Camera]:
    async with opened(house) as made:
        yield made


async def checks(house: House) -> list[dict[str, Any]]:
    async with house.database.transaction(readonly=True) as tx:
        return [dict(r) for r in await tx.fetch(
            "SELECT factor, challenge, reference, passed, alive, score"
            " FROM authentication.face_check ORDER BY id")]  # fmt: skip


async def test_a_face_approves_and_only_its_outcome_is_kept(
    camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    factor, person = await camera.enrol(payer)
    assert (factor["class"], factor["usable_from"]) == ("inherence", factor["usable_from"])
    payment = await challenged(house, payer)
    asked = await ask(office, payment)
    assert asked["ways"] == [["sms_code"], ["face"]]
    capture = camera.take(person, asked["sign"])
    done = await prove(office, payment, "face", capture=capture)
    assert (done.status_code, done.json()["state"]) == (200, "SUCCEEDED"), done.text
    assert done.json()["factors"] == ["password", "certificate", "face"]
    of, seen = {"factor": factor["id"]}, {"passed": True, "alive": True, "score": 980}
    assert await checks(house) == [
        {**of, "challenge": None, "reference": "look_1", **seen},
        {**of, "challenge": payment["challenge"], "reference": "look_2", **seen},
    ]
    assert camera.firm.asked[0]["facts"] == {"name": "张小明", "document_number": person}
    assert (camera.firm.asked[1]["facts"], camera.firm.asked[1]["face"]) == ({}, "face_1")
    assert capture not in caplog.text
    assert person not in caplog.text
    await house.check_books()


async def test_without_consent_nobody_looks(camera: Camera) -> None:
    office = camera.house.office
    payer = await office.customer()
    for language, title in (("en", "has not consented"), ("zh", "未同意")):
        async with camera.house.untouched():
            refused = await office.post(
                f"/v1/customers/{payer}/factors", {"kind": "face", "label": "me"},
                headers={"Accept-Language": language},
            )  # fmt: skip
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
        assert title in refused.json()["title"]
        assert refused.json()["field"] == "consent"
    assert camera.firm.asked == []


async def test_consent_taken_back_ends_the_looking(camera: Camera) -> None:
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    _, person = await camera.enrol(payer)
    payment = await challenged(house, payer)
    capture = camera.take(person, (await ask(office, payment))["sign"])
    await agree(house, payer, "WITHDRAWN")
    asked = len(camera.firm.asked)
    async with house.untouched():
        refused = await prove(office, payment, "face", capture=capture)
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    assert len(camera.firm.asked) == asked


async def test_another_face_a_photograph_or_another_capture_is_wrong(camera: Camera) -> None:
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    _, person = await camera.enrol(payer)
    other = await camera.person_of(await office.customer())
    payment = await challenged(house, payer)
    sign = (await ask(office, payment))["sign"]
    for left, capture in (
        (4, camera.take(other, sign)),
        (3, camera.take(person, sign, alive=False)),
        (2, camera.take(person, "A" * 43)),
        (1, "cap_nobody_took"),
    ):
        wrong = await prove(office, payment, "face", capture=capture)
        assert (wrong.status_code, wrong.json()["details"]) == (422, {"attempts_left": left})
    passed = [(c["passed"], c["alive"], c["score"]) for c in await checks(house)]
    assert passed == [
        (True, True, 980), (False, True, 120), (False, False, 980), (False, False, 0),
        (False, False, 0),
    ]  # fmt: skip
    done = await prove(office, payment, "face", capture=camera.take(person, sign))
    assert done.json()["state"] == "SUCCEEDED"


async def test_a_face_is_enrolled_only_of_the_person_on_record(camera: Camera) -> None:
    payer = await camera.house.office.customer()
    await camera.person_of(payer)
    thief = await camera.person_of(await camera.house.office.customer())
    factor = await camera.begin(payer)
    for left in (4, 3, 2, 1, 0):
        wrong = await camera.confirm(factor, thief)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "factor_not_confirmed")
        assert wrong.json()["details"] == {"attempts_left": left}
    gone = (await camera.house.office.get(f"/v1/customers/{payer}/factors")).json()["data"]
    assert [one["state"] for one in gone] == ["REMOVED"]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(status=503),
        Trouble(delay_s=0.4),
        Trouble(signer=ROGUE),
        Trouble(answer={"id": "another"}),
        Trouble(answer={"face": "face_9"}),
        Trouble(answer={"score": 1001}),
        Trouble(answer={"reason": "no such reason!", "matched": False}),
    ],
    ids=["down", "slow", "rogue", "other question", "other face", "malformed", "no word"],
)
async def test_what_the_firm_does_not_say_is_not_counted(camera: Camera, trouble: Trouble) -> None:
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    _, person = await camera.enrol(payer)
    payment = await challenged(house, payer)
    capture = camera.take(person, (await ask(office, payment))["sign"])
    camera.firm.trouble = trouble
    async with house.untouched():
        refused = await prove(office, payment, "face", capture=capture)
        assert (refused.status_code, refused.json()["code"]) == (409, "face_unavailable")
    camera.firm.trouble = Trouble()
    again = await prove(office, payment, "face", capture=capture)  # the same question
    assert again.json()["state"] == "SUCCEEDED"


async def test_a_face_that_is_not_like_enough_for_us_is_wrong(camera: Camera) -> None:
    office = camera.house.office
    payer = await office.customer(deposit=LARGE)
    _, person = await camera.enrol(payer)
    payment = await challenged(camera.house, payer)
    capture = camera.take(person, (await ask(office, payment))["sign"])
    camera.firm.trouble = Trouble(answer={"score": 899})
    assert (await prove(office, payment, "face", capture=capture)).status_code == 422


async def test_nobody_is_looked_at_for_a_challenge_that_asks_for_no_face(camera: Camera) -> None:
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=2 * LARGE)
    await with_totp(house, payer)
    payment = await challenged(house, payer)
    async with house.untouched():
        refused = await prove(office, payment, "face", capture="cap_1")
        assert (refused.status_code, refused.json()["code"]) == (409, "factor_not_offered")
    assert camera.firm.asked == []
    stranger = await house.client(merchant=await office.merchant("Other"))
    async with house.untouched():
        refused = await prove(stranger, payment, "face", capture="cap_1")
        assert refused.json()["code"] == "payment_not_found"


async def test_a_house_without_a_firm_asks_for_no_face(camera: Camera, house: House) -> None:
    payer = await house.office.customer(deposit=LARGE)
    await camera.enrol(payer)
    object.__setattr__(house.tools, "faces", None)
    assert (await ask(house.office, await challenged(house, payer)))["ways"] == [["sms_code"]]
    async with house.untouched():
        refused = await house.office.post(
            f"/v1/customers/{payer}/factors", {"kind": "face", "label": "me"}
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "face_unavailable")


async def test_g17_a_face_is_never_the_only_way(camera: Camera) -> None:
    """Six codes an hour go to a number; then the face alone would be left, and is not asked for."""
    office = camera.house.office
    payer, payee = await office.customer(deposit=20 * LARGE), await office.merchant()
    await camera.enrol(payer)
    for _ in range(2):
        payment = await office.pay(payer, payee, LARGE, **STRONG)
        assert (await ask(office, payment))["ways"] == [["sms_code"], ["face"]]
        path = f"/v1/payments/{payment['id']}/challenge/code"
        assert [(await office.post(path)).status_code for _ in range(2)] == [200, 200]
    asked = len(camera.firm.asked)
    refused = await office.pay(payer, payee, LARGE, **STRONG)
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "factor_unavailable")
    assert refused["refusal"]["ways_out"] == ["enrol_factor", "wait", "contact_us"]
    assert len(camera.firm.asked) == asked


async def test_g17_the_alternative_stays_after_half_of_a_way_with_a_face(camera: Camera) -> None:
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    await camera.enrol(payer)
    await begin(office, payer, "password", password="qm7-vkz-24")
    house.clock.advance(COOLED)
    payment = await office.pay(payer, await office.merchant(), 300_000, factors=[])
    assert payment["state"] == "CHALLENGED", payment
    asked = await ask(office, payment)
    assert asked["ways"] == [["sms_code", "password"], ["sms_code", "face"], ["password", "face"]]
    more = await prove(office, payment, "password", password="qm7-vkz-24")
    assert more.json()["state"] == "CHALLENGED"
    assert (await ask(office, payment))["next"] == ["face", "sms_code"]
    await office.post(f"/v1/payments/{payment['id']}/challenge/code")
    done = await prove(office, payment, "sms_code", code=await code_of(house, payer))
    assert done.json()["state"] == "SUCCEEDED", done.text
