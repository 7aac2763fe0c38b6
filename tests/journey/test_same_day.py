"""Settlement on the same day (T+0) over HTTP: 银发〔2016〕261号 二(十二), on the test clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.journey.conftest import Client, House
from tests.journey.waits import shown

from anfu.entrypoints.api.waiting_kinds import Name
from anfu.kernel.periods import civil_day
from anfu.parties.operations import set_merchant_status
from anfu.parties.party import Status

ON = {"on": True, "reason": "asked for"}


def path(merchant: str) -> str:
    return f"/v1/merchants/{merchant}/same-day"


async def stand(client: Client, merchant: str) -> dict[str, Any]:
    return dict((await client.get(path(merchant))).json())


async def trade(
    house: House, began: datetime, days: Iterable[int], *merchants: str
) -> list[dict[str, Any]]:
    """One payment to each on each of these days since `began`; the payments."""
    made = []
    payer = await house.office.customer(deposit=100_000)
    for number in days:
        house.clock.set(began + timedelta(days=number))
        made += [await house.office.pay(payer, merchant, 100) for merchant in merchants]
    assert {payment["state"] for payment in made} == {"SUCCEEDED"}
    return made


async def missing(client: Client, merchant: str) -> tuple[int, int, str]:
    """What a proposal is refused for."""
    said = await client.post(path(merchant), ON)
    assert (said.status_code, said.json()["code"]) == (409, "same_day_too_early"), said.text
    assert "银发〔2016〕261号" in said.json()["detail"]
    details = said.json()["details"]
    return details["days_missing"], details["normal_days_missing"], details["earliest"]


def on_day(began: datetime, number: int) -> datetime:
    """The first moment of the civil day `number` after the day of `began`."""
    return civil_day(began).start + timedelta(days=number)


def told(began: datetime, number: int) -> str:
    return (civil_day(began).start + timedelta(days=number, hours=8)).date().isoformat()


async def test_g12_same_day_is_refused_until_90_days_and_30_normal_days(house: House) -> None:
    office, began = house.office, house.clock.now()
    second = await house.client()
    steady, late = await office.merchant("Steady"), await office.merchant("Late")
    await trade(house, began, range(59, 61), steady)
    await trade(house, began, range(61, 90), steady, late)
    house.clock.set(on_day(began, 90) - timedelta(minutes=1))
    async with house.untouched():
        assert await missing(office, steady) == (1, 0, told(began, 90))
    house.clock.set(on_day(began, 90))
    async with house.untouched():
        assert await missing(office, late) == (0, 1, told(began, 91))
    proposed = await office.post(path(steady), ON)
    assert proposed.status_code == 201, proposed.text
    approve = f"{path(steady)}/{proposed.json()['id']}/approve"
    people = office.key, second.key
    assert await shown(house, Name.SAME_DAY, *people) == [[], [proposed.json()["id"]]]
    async with house.untouched():
        own = await office.post(approve, {})
        assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
        elsewhere = f"{path(late)}/{proposed.json()['id']}/approve"
        assert (await second.post(elsewhere, {})).json()["code"] == "same_day_not_found"
    assert (await stand(office, steady))["allowed"] is False
    assert (await second.post(approve, {})).status_code == 200
    assert await shown(house, Name.SAME_DAY, *people) == [[], []]
    assert await stand(office, steady) == {
        "object": "same_day", "merchant": steady, "allowed": True, "on": True, "eligible": True,
        "days": 90, "days_missing": 0, "normal_days": 30, "normal_days_missing": 0,
        "earliest": told(began, 90), "law": "银发〔2016〕261号", "article": "二(十二)",
    }  # fmt: skip
    async with house.untouched():
        again = await second.post(approve, {})
        assert (again.status_code, again.json()["code"]) == (409, "same_day_approved")
    await trade(house, began, [90], late)
    house.clock.set(on_day(began, 91))
    assert (await stand(office, late))["eligible"] is True
    assert (await stand(office, steady))["normal_days"] == 0


@pytest.mark.parametrize("trouble", ["fraud", "suspended"])
async def test_what_happens_between_the_two_people_counts(house: House, trouble: str) -> None:
    office, began = house.office, house.clock.now()
    second = await house.client()
    merchant = await office.merchant()
    paid = await trade(house, began, range(60, 90), merchant)
    house.clock.set(on_day(began, 90))
    change = (await office.post(path(merchant), ON)).json()["id"]
    if trouble == "fraud":
        label = {"payment": paid[19]["id"], "label": "FRAUD", "source": "dispute"}
        assert (await office.post("/v1/labels", label)).status_code == 201
    else:
        await house.database.run(
            lambda tx: set_merchant_status(tx, merchant_id=merchant, status=Status.SUSPENDED)
        )
    async with house.untouched():
        said = await second.post(f"{path(merchant)}/{change}/approve", {})
    refusal = {"fraud": (409, "same_day_too_early"), "suspended": (422, "party_suspended")}
    assert (said.status_code, said.json()["code"]) == refusal[trouble]
    if trouble == "fraud":
        assert (await stand(office, merchant))["normal_days"] == 10


async def test_off_needs_two_people_and_no_rule(house: House) -> None:
    office, second = house.office, await house.client()
    merchant = await office.merchant()
    off = await office.post(path(merchant), {"on": False, "reason": "complaints"})
    assert off.status_code == 201
    done = await second.post(f"{path(merchant)}/{off.json()['id']}/approve", {})
    assert (done.status_code, done.json()["on"]) == (200, False)
    assert (await stand(office, merchant))["on"] is False
