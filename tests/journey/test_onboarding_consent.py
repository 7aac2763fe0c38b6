"""Onboarding asks the ledger of consent before it asks some channels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journey.town import WORDS, C, F, R, Town, town

from anfu.channels.registries.simulator import Trouble
from anfu.compliance.ask_late import ask_late
from anfu.parties.identity.verification import Kind

__all__ = ["town"]


@pytest.mark.parametrize(
    ("kind", "purpose", "other", "law"),
    [
        (F, "BIOMETRICS", "CREDIT_INQUIRY", "个人信息保护法 29"),
        (R, "CREDIT_INQUIRY", "BIOMETRICS", "征信业管理条例 18"),
    ],
)
async def test_what_needs_consent_is_not_asked_without_it(
    town: Town, kind: Kind, purpose: str, other: str, law: str
) -> None:
    onboarding = await town.apply(other)
    async with town.house.untouched():
        refused = await town.ask(onboarding, kind)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_missing")
    assert refused.json()["details"] == {"purpose": purpose, "law": law}
    assert (await town.say(onboarding, purpose, "GIVEN", **WORDS)).status_code == 201
    assert (await town.ask(onboarding, kind)).status_code == 201
    assert len(town.registries[kind].asked) == 1
    assert (await town.say(onboarding, purpose, "WITHDRAWN")).status_code == 201
    async with town.house.untouched():
        assert (await town.ask(onboarding, kind)).json()["code"] == "consent_missing"
    assert len(town.registries[kind].asked) == 1


async def test_a_withdrawal_stops_a_question_that_still_waits(town: Town) -> None:
    onboarding = await town.apply()
    town.registries[F].trouble = Trouble(status=503)
    assert (await town.ask(onboarding, F)).status_code == 201
    assert (await town.say(onboarding, "BIOMETRICS", "WITHDRAWN")).status_code == 201
    town.registries[F].trouble = Trouble()
    asked = list(town.registries[F].asked)
    town.house.clock.advance(timedelta(seconds=31))
    assert await ask_late(town.house.tools, town.house.clock) == 1
    (face,) = (await town.read(onboarding))["verifications"]
    assert (face["state"], face["reason"]) == ("UNKNOWN", "consent_withdrawn")
    assert town.registries[F].asked == asked
    assert (await town.say(onboarding, "BIOMETRICS", "GIVEN", **WORDS)).status_code == 201
    town.house.clock.advance(timedelta(seconds=31))
    assert await ask_late(town.house.tools, town.house.clock) == 1
    assert (await town.read(onboarding))["state"] == "OPENED"


async def test_consent_given_when_applying_is_the_customers_too(town: Town) -> None:
    onboarding = await town.apply("BIOMETRICS")
    customer = (await town.earn(onboarding, C))["customer"]
    office = town.house.office
    path = f"/v1/customers/{customer}/consents"
    assert (await office.get(path)).json()["in_force"] == ["BIOMETRICS"]
    withdrawn = await office.post(path, {"purpose": "BIOMETRICS", "act": "WITHDRAWN"})
    assert (withdrawn.status_code, withdrawn.json()["person"]) == (201, customer)
    assert (await town.ask(onboarding, F)).json()["code"] == "consent_missing"
    listed = (await office.get(f"/v1/onboardings/{onboarding}/consents")).json()
    assert [(c["act"], c["person"]) for c in listed["data"]] == [
        ("WITHDRAWN", customer), ("GIVEN", onboarding),
    ]  # fmt: skip
