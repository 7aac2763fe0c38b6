"""Satisfaction: one piece for a checkout, the comment sealed, the share with its definition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.device_page import Page as Device
from tests.journey.checkout_steps import BALANCE, Page, made
from tests.journey.conftest import Client, House

COMMENT = "收银员 <script>alert(1)</script> 很好"


async def ended(house: House, payee: str) -> Page:
    """A checkout whose one payment was given up."""
    payer = await house.office.customer(deposit=10_000)
    url = (await made(house.office, payee, payer=payer, methods=BALANCE))["url"]
    page = Page(house, url)
    await page.pay()
    await page.ask("cancel", once="x")
    return page


async def say(page: Page, score: int, **more: Any) -> Any:
    return await page.ask("feedback", score=score, once=f"say-{page.count}", **more)


async def share(by: Client, since: Any, until: Any) -> tuple[int, int, float | None]:
    query = {"since": since.isoformat(), "until": until.isoformat()}
    found = (await by.get("/v1/satisfaction", **query)).json()
    return found["count"], found["satisfied"], found["share"]


async def test_said_once_for_a_checkout_kept_sealed_and_shared(house: House) -> None:
    payee, other = await house.office.merchant(), await house.office.merchant("Other")
    since = house.clock.now()
    page = await ended(house, payee)
    assert (await say(page, 2)).json()["feedback"] == {"score": 2, "commented": False}
    assert (await say(page, 5, comment=COMMENT)).json()["feedback"]["commented"] is True
    assert (await say(page, 4)).json()["feedback"] == {"score": 4, "commented": True}
    for score in (5, 3, 1):
        await say(await ended(house, other), score)
    (said, *rest) = (await house.office.get("/v1/feedback")).json()["data"][::-1]
    assert (said["score"], said["comment"], said["paid"]) == (4, COMMENT, False)
    assert [piece["score"] for piece in rest] == [5, 3, 1]
    async with house.database.transaction(readonly=True) as tx:
        kept = await tx.fetchval("SELECT comment FROM payments.feedback WHERE comment IS NOT NULL")
    assert COMMENT.encode() not in kept
    until = house.clock.now() + timedelta(seconds=1)
    assert await share(house.office, since, until) == (4, 2, 0.5)
    assert await share(house.office, until, until + timedelta(days=1)) == (0, 0, None)
    own = await house.client(merchant=payee)
    assert [p["id"] for p in (await own.get("/v1/feedback")).json()["data"]] == [said["id"]]
    assert await share(own, since, until) == (1, 1, 1.0)
    log = (await house.office.get("/v1/access-log")).json()["data"]
    assert {row["operation"] for row in log} >= {"list_feedback"}


async def test_what_cannot_be_said(house: House) -> None:
    payee = await house.office.merchant()
    payer = await house.office.customer(deposit=10_000)
    page = Page(house, (await made(house.office, payee, payer=payer, methods=BALANCE))["url"])
    async with house.untouched():
        assert (await say(page, 5)).json()["code"] == "feedback_too_early"
    await page.pay()
    blind = await house.client(scopes=["payments:read"])
    async with house.untouched():
        assert (await say(page, 5)).json()["code"] == "feedback_too_early"
        for score in (0, 6):
            assert (await say(page, score)).json()["code"] == "field_invalid"
        assert (await say(page, 5, comment="x" * 501)).json()["code"] == "field_invalid"
        assert (await blind.get("/v1/feedback")).json()["code"] == "scope_missing"
        backwards = {"since": "2027-01-02T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
        assert (await house.office.get("/v1/satisfaction", **backwards)).status_code == 400


async def test_the_page_s_device_is_known_to_risk_and_not_told_more(house: House) -> None:
    payee = await house.office.merchant()
    payer = await house.office.customer(deposit=10_000)
    page = Page(house, (await made(house.office, payee, payer=payer, methods=BALANCE))["url"])
    visit = (await page.ask("device", once="v")).json()
    assert (visit["device"], len(visit) == 4) == (None, True)
    signed = Device().profile(visit["nonce"])
    known = (await page.ask("profile", once="p", session=visit["session"], **signed)).json()
    assert known["device"].startswith("dev_") and known["nonce"] is None
    paid = await page.pay(session=visit["session"])
    read = (await house.office.get(f"/v1/payments/{paid['payment']['id']}")).json()
    decision = (await house.office.get(f"/v1/decisions/{read['decision']}")).json()
    assert known["device"] in str(decision)
    other = Page(house, (await made(house.office, payee, payer=payer, methods=BALANCE))["url"])
    stranger = await house.office.merchant("Other")
    third = Page(house, (await made(house.office, stranger, payer=payer, methods=BALANCE))["url"])
    again = await third.ask("profile", once="q", session=visit["session"], **signed)
    assert again.json()["code"] == "device_session_not_found"
    assert (await other.see())["payment"] is None


async def test_who_is_forgotten_takes_the_comment_along(house: House) -> None:
    office, payer = house.office, await house.office.customer()
    payee = await office.merchant()
    page = Page(house, (await made(office, payee, payer=payer, methods=BALANCE))["url"])
    await page.pay()
    await page.ask("cancel", once="x")
    await say(page, 1, comment=COMMENT)
    wish = (await office.post(f"/v1/customers/{payer}/erasures", {"reason": "letter 7"})).json()
    second = await house.client()
    approved = await second.post(f"/v1/erasures/{wish['id']}/approve")
    assert approved.json()["state"] == "STORED", approved.text
    (left,) = (await office.get("/v1/feedback")).json()["data"]
    assert (left["score"], left["comment"]) == (1, None)
