"""Merchants that take part: looked at again, suspended and lifted; who sees what is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.journey.licence import (
    ACCOUNT,
    CITIZEN,
    CODE,
    FIRM,
    FORM,
    NUMBER,
    PATH,
    RECORDS,
    Licence,
    licence,
    said,
)

from anfu.channels.registries.port import FirmState
from anfu.compliance.diligence.renew import fall_due

__all__ = ["licence"]


@pytest.mark.parametrize(
    ("other", "rating", "days"),
    [
        ({}, "LOW", 365),
        ({"scenes": ["APP", "PAYER_CODE"]}, "MEDIUM", 180),
        ({"mcc": "5944"}, "HIGH", 90),
    ],
)
async def test_the_rating_sets_the_day(
    licence: Licence, other: dict[str, Any], rating: str, days: int
) -> None:
    approved = await licence.approved(**other)
    due = licence.today + timedelta(days=days)
    assert (approved["rating"], approved["due_on"]) == (rating, due.isoformat())


async def test_no_day_lies_after_the_end_of_the_representatives_document(licence: Licence) -> None:
    until = (licence.today + timedelta(days=7)).isoformat()
    licence.registries[CITIZEN].records[NUMBER] = {**RECORDS[CITIZEN][1], "document_until": until}
    approved = await licence.approved(
        representative={**FORM["representative"], "document_until": until}
    )
    assert approved["due_on"] == until
    licence.house.clock.advance(timedelta(days=8))
    visit = licence.today.isoformat()
    async with licence.house.untouched():
        stale = await licence.act(approved["id"], "renew", visited_on=visit)
        assert said(stale) == (422, "document_expired")
    licence.registries[CITIZEN].records[NUMBER] = dict(RECORDS[CITIZEN][1])
    renewed = await licence.done(
        approved["id"], "renew", visited_on=visit, document_until="2036-11-23"
    )
    assert renewed["due_on"] == (licence.today + timedelta(days=365)).isoformat()


async def test_each_suspension_is_lifted_by_its_own_means_alone(licence: Licence) -> None:
    house, application = licence.house, (await licence.approved())["id"]
    await licence.done(application, "suspend")
    async with house.untouched():
        again = await licence.act(application, "suspend")
        assert said(again) == (409, "merchant_suspended")
        own = await licence.act(application, "resume", by=licence.maker)
        assert said(own) == (403, "second_person_needed")
        own = await licence.act(application, "close", by=licence.maker)
        assert said(own) == (403, "second_person_needed")
    house.clock.advance(timedelta(days=366))
    assert await fall_due(house.tools, now=house.clock.now(), most=10) == 1
    visit = licence.today.isoformat()
    renewed = await licence.done(application, "renew", visited_on=visit)
    assert (renewed["state"], renewed["unverified_since"]) == ("SUSPENDED", None)
    assert renewed["suspension"]["by"] == licence.maker.key
    assert (await licence.done(application, "resume"))["state"] == "APPROVED"

    house.clock.advance(timedelta(days=366))
    await fall_due(house.tools, now=house.clock.now(), most=10)
    await licence.done(application, "suspend")
    resumed = await licence.done(application, "resume")
    assert (resumed["state"], resumed["suspension"]) == ("SUSPENDED", None)
    visit = licence.today.isoformat()
    assert (await licence.done(application, "renew", visited_on=visit))["state"] == "APPROVED"


async def test_a_firm_that_is_gone_is_suspended_when_it_is_looked_at_again(
    licence: Licence,
) -> None:
    house, approved = licence.house, await licence.approved()
    payer = await house.office.customer(deposit=1_000)
    licence.registries[FIRM].states[CODE] = FirmState.CANCELLED
    visit = licence.today.isoformat()
    gone = await licence.done(approved["id"], "renew", visited_on=visit)
    assert (gone["state"], gone["due_on"]) == ("SUSPENDED", approved["due_on"])
    assert said(await licence.pay(gone["merchant"], payer)) == (422, "merchant_overdue")
    assert (await licence.done(gone["id"], "close"))["state"] == "CLOSED"
    async with house.untouched():
        assert said(await licence.pay(gone["merchant"], payer)) == (422, "merchant_closed")
        ended = await licence.act(gone["id"], "renew", visited_on=visit)
        assert said(ended) == (409, "application_state")


@pytest.mark.parametrize("days", [-1, 31])
async def test_a_visit_is_neither_to_come_nor_long_past(licence: Licence, days: int) -> None:
    application = (await licence.approved())["id"]
    visit = (licence.today - timedelta(days=days)).isoformat()
    async with licence.house.untouched():
        refused = await licence.act(application, "renew", visited_on=visit)
        assert said(refused) == (422, "visit_invalid")


async def test_a_merchant_and_staff_without_the_scope_see_no_application(licence: Licence) -> None:
    approved = await licence.approved()
    own = await licence.house.client(merchant=approved["merchant"])
    viewer = await licence.house.client(scopes=["merchants:read", "payments:read"])
    async with licence.house.untouched():
        for caller in (own, viewer):
            answer = await caller.get(f"{PATH}/{approved['id']}")
            assert answer.status_code == 403


async def test_no_personal_data_stands_in_the_database_or_the_evidence(licence: Licence) -> None:
    await licence.approved()
    tables = ("parties.application", "parties.inquiry", "parties.merchant", "evidence.leaf",
              "storage.idempotency")  # fmt: skip
    async with licence.house.database.transaction(readonly=True) as tx:
        for table in tables:
            rows = [dict(row) for row in await tx.fetch(f"SELECT * FROM {table}")]
            bodies = [bytes(v).decode("utf-8", "replace") for r in rows for v in r.values()
                      if isinstance(v, bytes)]  # fmt: skip
            for secret in (NUMBER, "13800138000", ACCOUNT, "林平", "鼓楼区"):
                assert secret not in str(rows) + "".join(bodies), (table, secret)


async def test_who_reads_an_application_stands_in_the_access_log(licence: Licence) -> None:
    application = (await licence.apply())["id"]
    await licence.read(application)
    log = (await licence.house.office.get("/v1/access-log", subject=application)).json()
    assert [entry["operation"] for entry in log["data"]][-1] == "create_merchant_application"
    assert {entry["subjects"][0] for entry in log["data"]} == {application}
