"""Captures by the dozen at once: the firm outside is asked no more often than they may be wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.faces import Camera, opened
from tests.journey.factors.steps import LARGE, ask, challenged, confirm, prove, setup_of
from tests.journey.test_challenge import code_of

from anfu.channels.faces.simulator import Trouble
from anfu.entrypoints.worker.rounds import tidy

MANY = 12


@pytest.fixture
async def camera(house: House) -> AsyncIterator[Camera]:
    async with opened(house) as made:
        yield made


def count(answers: list[Any], code: str) -> int:
    return sum(a.status_code >= 400 and a.json()["code"] == code for a in answers)


async def asked_of(camera: Camera, *, wrong_codes: int = 0) -> tuple[dict[str, Any], list[str]]:
    """A payment that waits, with so many wrong answers, and captures of somebody else."""
    house, office = camera.house, camera.house.office
    payer = await office.customer(deposit=LARGE)
    await camera.enrol(payer)
    other = await camera.person_of(await office.customer())
    payment = await challenged(house, payer)
    right = await code_of(house, payer)
    for number in range(wrong_codes):
        code = f"{(int(right) + 1 + number) % 1_000_000:06}"
        assert (await prove(office, payment, "sms_code", code=code)).status_code == 422
    sign = (await ask(office, payment))["sign"]
    camera.firm.asked.clear()
    return payment, [camera.take(other, sign) for _ in range(MANY)]


@pytest.mark.parametrize("wrong_codes", [0, 3])
async def test_a_flood_of_captures_is_looked_at_as_often_as_attempts_are_left(
    camera: Camera, wrong_codes: int
) -> None:
    office, left = camera.house.office, 5 - wrong_codes
    payment, captures = await asked_of(camera, wrong_codes=wrong_codes)
    camera.firm.trouble = Trouble(delay_s=0.1)
    answers = await asyncio.gather(*(prove(office, payment, "face", capture=c) for c in captures))
    assert len(camera.firm.asked) == left
    assert [a.json()["state"] for a in answers if a.status_code == 200] == ["BLOCKED"]
    assert count(answers, "challenge_failed") == left - 1
    spent = [a for a in answers if a.json().get("code") == "face_checks_spent"]
    # Whoever comes after the last attempt finds nothing that waits.
    assert len(spent) + count(answers, "payment_not_challenged") == MANY - left
    assert {(a.status_code, a.json()["field"]) for a in spent} == {(409, "factor")}
    assert spent[0].json()["details"] == {"most": left}


async def test_a_flood_at_a_new_face_is_looked_at_five_times(camera: Camera) -> None:
    office = camera.house.office
    payer, thief = await office.customer(), await office.customer()
    await camera.person_of(payer)
    other, factor = await camera.person_of(thief), await camera.begin(payer)
    sign = (await setup_of(office, factor))["sign"]
    captures = [camera.take(other, sign) for _ in range(MANY)]
    camera.firm.trouble = Trouble(delay_s=0.1)
    answers = await asyncio.gather(*(confirm(office, factor, capture=c) for c in captures))
    assert len(camera.firm.asked) == 5
    assert count(answers, "factor_not_confirmed") == 5
    late = count(answers, "face_checks_spent") + count(answers, "factor_not_pending")
    assert late == MANY - 5


async def test_one_capture_sent_often_is_one_question(camera: Camera) -> None:
    office = camera.house.office
    payment, captures = await asked_of(camera)
    camera.firm.trouble = Trouble(delay_s=0.1)
    await asyncio.gather(*(prove(office, payment, "face", capture=captures[0]) for _ in range(4)))
    assert len({question["id"] for question in camera.firm.asked}) == 1
    assert await camera.house.count("authentication.face_look") == 2  # and of the enrolment


async def test_a_firm_that_does_not_say_is_asked_as_often_as_before(camera: Camera) -> None:
    office = camera.house.office
    payment, captures = await asked_of(camera)
    camera.firm.trouble = Trouble(status=503)
    async with camera.house.untouched():
        for capture in captures[:7]:
            refused = await prove(office, payment, "face", capture=capture)
            assert (refused.status_code, refused.json()["code"]) == (409, "face_unavailable")
    camera.firm.trouble = Trouble()
    assert (await prove(office, payment, "face", capture=captures[7])).status_code == 422


async def test_in_the_end_it_is_forgotten_what_was_asked(camera: Camera) -> None:
    house = camera.house
    await camera.enrol(await house.office.customer())
    assert await house.count("authentication.face_look") == 1
    house.clock.advance(timedelta(days=2, seconds=1))
    await tidy(house.tools, house.clock)
    assert await house.count("authentication.face_look") == 0
