"""Mandates over HTTP: agreed with two factors, drawn on without any, revoked at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from tests.device_page import Page
from tests.journey.conftest import House, order
from tests.journey.factors.authenticators import DeviceKey
from tests.journey.factors.steps import COOLED, begin, totp, with_device_key, with_totp
from tests.journey.test_devices import visit

PASSWORD = "blue-Heron-7"
DAY = timedelta(days=1)


@dataclass
class Rider:
    """A customer with a password and an app, and a merchant."""

    house: House
    payer: str
    payee: str
    seed: bytes = field(repr=False)

    async def propose(self, **more: Any) -> Any:
        terms = terms_of(self.house, self.payer, self.payee)
        return await self.house.office.post("/v1/mandates", {**terms, **more})

    async def prove(self, mandate: str, factor: str, **answer: Any) -> Any:
        body = {"factor": factor, **answer}
        return await self.house.office.post(f"/v1/mandates/{mandate}/challenge", body)

    async def agreed(self, **more: Any) -> str:
        """A mandate that is active."""
        proposed = await self.propose(**more)
        assert proposed.status_code == 201, proposed.text
        mandate = str(proposed.json()["id"])
        self.house.clock.advance(timedelta(minutes=1))
        for factor, answer in (
            ("password", {"password": PASSWORD}),
            ("totp", {"code": totp(self.house, self.seed)}),
        ):
            done = await self.prove(mandate, factor, **answer)
            assert done.status_code == 200, done.text
        assert done.json()["state"] == "ACTIVE"
        return mandate

    async def draw(self, mandate: str, amount: int = 1_500, **more: Any) -> dict[str, Any]:
        wish = {"factors": [], "mandate": mandate, **more}
        return await self.house.office.pay(self.payer, self.payee, amount, **wish)


def terms_of(house: House, payer: str, payee: str) -> dict[str, Any]:
    ends = (house.clock.now() + timedelta(days=90)).isoformat()
    return {
        "customer": payer, "merchant": payee, "currency": "CNY", "per_payment": 2_000,
        "per_day": 5_000, "per_month": 8_000, "ends_at": ends, "purpose": "rides",
    }  # fmt: skip


async def proposed(house: House, payer: str, payee: str) -> str:
    """A mandate that waits for its proof; a day later, since a second factor cools off."""
    await begin(house.office, payer, "password", password=PASSWORD)
    await with_totp(house, payer)
    house.clock.advance(COOLED)
    answer = await house.office.post("/v1/mandates", terms_of(house, payer, payee))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def rider(house: House) -> Rider:
    payer = await house.office.customer(deposit=100_000)
    await begin(house.office, payer, "password", password=PASSWORD)
    _, seed = await with_totp(house, payer)
    house.clock.advance(COOLED)
    return Rider(house, payer, await house.office.merchant("City Rides"), seed)


async def test_agreed_once_with_two_classes_and_drawn_on_without_any(
    house: House, rider: Rider
) -> None:
    proposed = (await rider.propose()).json()
    mandate = proposed["id"]
    assert (proposed["state"], proposed["agreed_at"]) == ("PENDING", None)
    refused = await rider.draw(mandate)
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "mandate_not_active")
    asked = (await house.office.get(f"/v1/mandates/{mandate}/challenge")).json()
    assert asked["ways"] == [["totp", "password"], ["sms_code", "password"]]
    assert asked["linked"]["payment"] == mandate
    assert (asked["linked"]["payee"], asked["linked"]["amount"]) == (rider.payee, 2_000)
    house.clock.advance(timedelta(minutes=1))
    one = await rider.prove(mandate, "password", password=PASSWORD)
    assert (one.status_code, one.json()["state"]) == (200, "PENDING")
    two = await rider.prove(mandate, "totp", code=totp(house, rider.seed))
    assert (two.status_code, two.json()["state"]) == (200, "ACTIVE")
    paid = await rider.draw(mandate)
    assert (paid["state"], paid["mandate"], paid["factors"]) == ("SUCCEEDED", mandate, [])
    assert await house.office.balance(rider.payee) == (1_500, 1_500)
    used = (await house.office.get(f"/v1/mandates/{mandate}/payments")).json()["data"]
    assert [(p["id"], p["state"]) for p in used] == [
        (paid["id"], "SUCCEEDED"),
        (refused["id"], "REFUSED"),
    ]
    told = (await house.office.get("/v1/development/messages", to=rider.payer)).json()["data"]
    assert told[0]["kind"] == "mandate_drawn"
    assert "City Rides" in told[0]["text"] and "15.00" in told[0]["text"]
    assert await house.kinds(mandate) == ["mandate.pending", "mandate.active"]
    await house.check_books()


@pytest.mark.parametrize(
    ("amounts", "window", "remaining"),
    [([2_001], 2_000, 2_000), ([2_000, 2_000, 1_001], 5_000, 1_000)],
)
async def test_one_fen_over_is_refused_and_takes_nothing(
    house: House, rider: Rider, amounts: list[int], window: int, remaining: int
) -> None:
    mandate = await rider.agreed()
    *before, last = amounts
    for amount in before:
        assert (await rider.draw(mandate, amount))["state"] == "SUCCEEDED"
    over = await rider.draw(mandate, last)
    assert over["state"] == "REFUSED"
    refusal = over["refusal"]
    assert (refusal["code"], refusal["limit"], refusal["remaining"]) == (
        "mandate_exceeded", window, remaining,
    )  # fmt: skip
    assert refusal["ways_out"] == ["pay_with_proof"]
    assert await house.office.balance(rider.payee) == (sum(before),) * 2
    assert (await rider.draw(mandate, last - 1))["state"] == "SUCCEEDED"
    await house.check_books()


async def test_the_month_ends_it_and_the_next_begins_it(house: House, rider: Rider) -> None:
    mandate = await rider.agreed(per_month=5_000)
    for _ in range(2):
        assert (await rider.draw(mandate, 2_000))["state"] == "SUCCEEDED"
    house.clock.advance(DAY)
    over = await rider.draw(mandate, 1_001)
    assert (over["state"], over["refusal"]["remaining"]) == ("REFUSED", 1_000)
    house.clock.advance(timedelta(days=31))
    assert (await rider.draw(mandate, 2_000))["state"] == "SUCCEEDED"
    house.clock.advance(timedelta(days=90))
    late = await rider.draw(mandate, 100)
    assert (late["state"], late["refusal"]["code"]) == ("REFUSED", "mandate_expired")


async def test_revoked_it_carries_nothing_from_the_next_payment_on(
    house: House, rider: Rider
) -> None:
    mandate = await rider.agreed()
    done = await house.office.post(f"/v1/mandates/{mandate}/revoke")
    assert (done.status_code, done.json()["state"]) == (200, "REVOKED")
    after = await rider.draw(mandate)
    assert (after["state"], after["refusal"]["code"]) == ("REFUSED", "mandate_not_active")
    async with house.untouched():
        again = await house.office.post(f"/v1/mandates/{mandate}/revoke")
        assert (again.status_code, again.json()["code"]) == (409, "mandate_ended")
    assert await house.office.balance(rider.payee) == (0, 0)


async def test_parallel_payments_share_what_is_left_of_a_day(house: House, rider: Rider) -> None:
    mandate = await rider.agreed()
    paid = await asyncio.gather(*(rider.draw(mandate, 1_000) for _ in range(12)))
    assert sorted(p["state"] for p in paid) == ["REFUSED"] * 7 + ["SUCCEEDED"] * 5
    assert await house.office.balance(rider.payee) == (5_000, 5_000)
    await house.check_books()


async def test_mandates_drawn_on_at_once_each_keep_their_own_sums(
    house: House, rider: Rider
) -> None:
    small, large = await rider.agreed(per_day=2_000), await rider.agreed(per_day=3_000)
    assert (await rider.draw(small, 1_500))["state"] == "SUCCEEDED"
    draws = [rider.draw(mandate, 500 * (1 + n)) for n in range(2) for mandate in (small, large)]
    paid = await asyncio.gather(*draws, rider.draw(large, 1_500))
    assert [(p["mandate"], p["amount"], p["state"]) for p in paid] == [
        (small, 500, "SUCCEEDED"), (large, 500, "SUCCEEDED"), (small, 1_000, "REFUSED"),
        (large, 1_000, "SUCCEEDED"), (large, 1_500, "SUCCEEDED"),
    ]  # fmt: skip
    assert paid[2]["refusal"]["used"] == 2_000
    assert (await rider.draw(large, 100))["refusal"]["used"] == 3_000
    assert await house.office.balance(rider.payee) == (5_000, 5_000)
    await house.check_books()


async def test_one_tap_is_good_from_the_bound_device_alone(house: House, rider: Rider) -> None:
    mandate = await rider.agreed(device="dev_mine")
    other = await rider.draw(mandate, environment={"device": "dev_other"})
    assert (other["state"], other["refusal"]["code"]) == ("REFUSED", "mandate_other_device")
    none = await rider.draw(mandate)
    assert none["refusal"]["code"] == "mandate_other_device"
    mine = await rider.draw(mandate, environment={"device": "dev_mine"})
    assert mine["state"] == "SUCCEEDED"


async def test_a_browser_that_is_only_alike_is_another_device(house: House, rider: Rider) -> None:
    mine, twin = Page(), Page(2, canvas="c-2", audio="35.8")
    device = (await visit(house.office, mine, rider.payer))["device"]
    mine.cookie = device
    mandate = await rider.agreed(device=device)
    alike = await visit(house.office, twin, rider.payer)
    assert (alike["standing"], alike["device"]) == ("ALIKE", device)
    for session in (alike["id"], "dss_nobody"):
        seen = {"device": device, "session": session}
        paid = await rider.draw(mandate, environment=seen)
        assert paid["refusal"]["code"] == "mandate_other_device"
    proven = await visit(house.office, mine, rider.payer)
    paid = await rider.draw(mandate, environment={"session": proven["id"]})
    assert (proven["standing"], paid["state"]) == ("PROVEN", "SUCCEEDED")


async def test_a_new_device_key_has_payments_proven_for_a_day(house: House, rider: Rider) -> None:
    mandate = await rider.agreed()
    await with_device_key(house, rider.payer, DeviceKey())
    asked = await rider.draw(mandate)
    assert asked["state"] == "CHALLENGED"
    assert await house.office.balance(rider.payee) == (0, 0)
    document = (await house.office.get(f"/v1/mandates/{mandate}")).json()
    assert document["quiet_until"] is not None
    house.clock.advance(COOLED)
    assert (await rider.draw(mandate))["state"] == "SUCCEEDED"


async def test_guessing_ends_the_proposal(house: House, rider: Rider) -> None:
    mandate = (await rider.propose()).json()["id"]
    tries = [await rider.prove(mandate, "password", password=f"wrong-{n}-Guess") for n in range(5)]
    assert [t.status_code for t in tries] == [422, 422, 422, 422, 200]
    assert tries[-1].json()["state"] == "FAILED"
    async with house.untouched():
        late = await rider.prove(mandate, "password", password=PASSWORD)
        assert (late.status_code, late.json()["code"]) == (409, "mandate_not_pending")


async def test_who_has_one_class_of_factors_cannot_agree(house: House) -> None:
    payer = await house.office.customer()  # who is sent codes, and has set nothing up
    lone = Rider(house, payer, await house.office.merchant(), b"")
    async with house.untouched():
        refused = await lone.propose()
        assert (refused.status_code, refused.json()["code"]) == (409, "mandate_factors_missing")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"per_payment": 6_000}, "mandate_amounts_invalid"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "mandate_expiry_invalid"),
        ({"ends_at": "2099-01-01T00:00:00Z"}, "mandate_expiry_invalid"),
        ({"currency": "XXQ"}, "currency_unknown"),
        ({"customer": "cus_nobody"}, "party_not_found"),
    ],
)
async def test_terms_that_cannot_be_are_refused(
    house: House, rider: Rider, change: dict[str, Any], code: str
) -> None:
    async with house.untouched():
        refused = await rider.propose(**change)
        assert refused.json()["code"] == code


async def test_nobody_draws_on_the_mandate_of_others(house: House, rider: Rider) -> None:
    mandate = await rider.agreed()
    thief = await house.office.customer(deposit=10_000)
    shop = await house.office.merchant("Elsewhere")
    stranger = await house.client(merchant=shop)
    async with house.untouched():
        for payer, payee in ((thief, rider.payee), (rider.payer, shop)):
            wish = order(payer, payee, 100, factors=[], mandate=mandate)
            refused = await house.office.post("/v1/payments", wish)
            assert (refused.status_code, refused.json()["code"]) == (404, "mandate_not_found")
        for path in ("", "/payments", "/challenge"):
            read = await stranger.get(f"/v1/mandates/{mandate}{path}")
            assert (read.status_code, read.json()["code"]) == (404, "mandate_not_found")
        ended = await stranger.post(f"/v1/mandates/{mandate}/revoke")
        assert ended.json()["code"] == "mandate_not_found"
