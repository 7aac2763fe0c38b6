"""What became of the challenge of a mandate is behaviour that risk reads, as that of a payment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.conftest import House
from tests.journey.factors.steps import totp
from tests.journey.test_challenge_outcomes import FACTS, facts, told
from tests.journey.test_mandates import PASSWORD, Rider, rider

from anfu.payments.withdraw import lapse

__all__ = ["rider"]  # the fixture
# The rider has a password.
SET_UP = ["PASSWORD_CHANGE"]


async def finish(rider: Rider, mandate: str, how: str) -> None:
    """The challenge of the mandate comes to its end."""
    match how:
        case "passed":
            await rider.prove(mandate, "password", password=PASSWORD)
            await rider.prove(mandate, "totp", code=totp(rider.house, rider.seed))
        case "guessed":
            for number in range(5):
                await rider.prove(mandate, "password", password=f"wrong-{number}-Guess")
        case "taken back":
            await rider.house.office.post(f"/v1/mandates/{mandate}/revoke")
        case "too late":
            rider.house.clock.advance(timedelta(minutes=5))
            await rider.prove(mandate, "password", password=PASSWORD)
        case "forgotten":
            rider.house.clock.advance(timedelta(minutes=5))
            assert await lapse(rider.house.tools, now=rider.house.clock.now(), most=9) == 1


@pytest.mark.parametrize(
    ("how", "state", "kinds", "known"),
    [
        ("passed", "ACTIVE", ["LOGIN", "CHALLENGE_PASSED"], (0, 0, 0)),
        ("guessed", "FAILED", ["LOGIN_FAILED"] * 5 + ["CHALLENGE_FAILED"], (1, 0, None)),
        ("taken back", "REVOKED", ["CHALLENGE_ABANDONED"], (0, 1, None)),
        ("too late", "FAILED", ["CHALLENGE_EXPIRED"], (0, 1, None)),
        ("forgotten", "FAILED", ["CHALLENGE_EXPIRED"], (0, 1, None)),
    ],
)
async def test_every_end_of_the_challenge_of_a_mandate_is_behaviour_and_a_fact(
    house: House, rider: Rider, how: str, state: str, kinds: list[str], known: tuple[Any, ...]
) -> None:
    mandate = (await rider.propose()).json()["id"]
    rider.house.clock.advance(timedelta(minutes=1))
    await finish(rider, mandate, how)
    assert (await house.office.get(f"/v1/mandates/{mandate}")).json()["state"] == state
    assert await told(house) == [*SET_UP, *kinds]
    assert await house.kinds(mandate) == ["mandate.pending", f"mandate.{state.lower()}"]
    async with house.untouched():
        late = await rider.prove(mandate, "password", password=PASSWORD)
        assert (late.status_code, late.json()["code"]) == (409, "mandate_not_pending")
        assert await lapse(house.tools, now=house.clock.now(), most=9) == 0
    found = await facts(house, rider.payer)
    assert tuple(found[name] for name in FACTS) == known


async def test_a_proposal_is_left_alone_while_its_time_runs(house: House, rider: Rider) -> None:
    mandate = (await rider.propose()).json()["id"]
    house.clock.advance(timedelta(minutes=5) - timedelta(milliseconds=2))
    async with house.untouched():
        assert await lapse(house.tools, now=house.clock.now(), most=9) == 0
    assert (await house.office.get(f"/v1/mandates/{mandate}")).json()["state"] == "PENDING"


async def test_ending_an_active_mandate_tells_of_no_challenge(house: House, rider: Rider) -> None:
    mandate = await rider.agreed()
    await house.office.post(f"/v1/mandates/{mandate}/revoke")
    assert await told(house) == [*SET_UP, "LOGIN", "CHALLENGE_PASSED"]


async def test_who_guesses_at_a_proposal_to_the_end_quietens_the_others(
    house: House, rider: Rider
) -> None:
    mandate = await rider.agreed()
    assert (await rider.draw(mandate))["state"] == "SUCCEEDED"
    other = (await rider.propose()).json()["id"]
    await finish(rider, other, "guessed")
    assert (await rider.draw(mandate))["state"] == "CHALLENGED"
    house.clock.advance(timedelta(hours=24))
    assert (await rider.draw(mandate))["state"] == "SUCCEEDED"
