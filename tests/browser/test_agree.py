"""The page where a customer agrees to a mandate, in a real Chromium."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.browser.looks import look
from tests.browser.payer import Payer, payer
from tests.journey.factors.steps import COOLED, LARGE, begin
from tests.journey.test_challenge import code_of, wrong
from tests.journey.test_mandates import PASSWORD, terms_of

__all__ = ["payer"]  # the fixture
pytestmark = pytest.mark.slow


class Signer:
    """A customer who is asked for a mandate, with a payment password."""

    def __init__(self, payer: Payer, customer: str, merchant: str) -> None:
        self.payer, self.house, self.page = payer, payer.house, payer.page
        self.customer, self.merchant = customer, merchant
        self.mandate, self.address = "", ""

    async def propose(self, **more: Any) -> None:
        """A proposed mandate, and its page before the customer."""
        terms = {**terms_of(self.house, self.customer, self.merchant), **more}
        proposed = await self.house.office.post("/v1/mandates", terms)
        assert proposed.status_code == 201, proposed.text
        document = proposed.json()
        self.mandate, self.address = document["id"], self.payer.origin + document["page"]["path"]
        await self.open()

    async def open(self) -> None:
        await self.page.goto("about:blank")
        await self.page.goto(self.address)
        await self.page.wait_for_load_state("networkidle")

    async def choose(self, factor: str) -> None:
        await self.page.check("#agreeing")
        await self.page.click(f"button[data-factor={factor}]")

    async def state(self) -> str:
        answer = await self.house.office.get(f"/v1/mandates/{self.mandate}")
        return str(answer.json()["state"])

    async def tap(self) -> dict[str, Any]:
        seen = {"factors": [], "mandate": self.mandate, "environment": {"device": "dev_phone"}}
        return await self.house.office.pay(self.customer, self.merchant, 1_500, **seen)


@pytest.fixture
async def signer(payer: Payer) -> Signer:
    office = payer.house.office
    customer, merchant = await office.customer(deposit=LARGE), await office.merchant("City Rides")
    await begin(office, customer, "password", password=PASSWORD)
    return Signer(payer, customer, merchant)


async def test_agreed_with_passkey_and_password_then_ended_and_the_next_one_tap_is_refused(
    signer: Signer,
) -> None:
    page, house, asked = signer.page, signer.house, []
    await signer.payer.set_up_passkey(signer.customer)
    house.clock.advance(COOLED)
    page.on("request", lambda request: asked.append(request.url))
    await signer.propose(device="dev_phone")
    shown = await page.inner_text("#mandate")
    for words in ("City Rides", "rides", "¥20.00", "¥50.00", "¥80.00", "您同意之时",
                  "2027-02-22 12:00", "仅限您绑定的设备"):  # fmt: skip
        assert words in shown, words
    for secret in (signer.customer, "dev_phone"):
        assert secret not in await page.content()
    assert not await page.is_checked("#agreeing")
    assert not await page.is_visible("#proof")
    await look(page, "proposed")
    await signer.choose("passkey")
    assert (await signer.payer.result(), await signer.state()) == ("PENDING", "PENDING")
    assert "通行密钥" in await page.inner_text("#done")
    await page.click("button[data-factor=password]")
    await look(page, "second-factor")
    await signer.payer.type(PASSWORD)
    await page.wait_for_selector("#result[data-state=ACTIVE]")
    await look(page, "agreed")
    for _ in range(2):  # reloaded, and come back to
        await page.reload()
        assert await signer.payer.result() == "ACTIVE"
        assert not await page.is_visible("#refuse") and not await page.is_visible("#consent")
        await page.goto("about:blank")
        await page.go_back()
        assert await signer.payer.result() == "ACTIVE"
    assert {url.split("/")[2] for url in asked if "://" in url} == {signer.payer.origin[7:]}
    house.clock.advance(timedelta(days=2))
    assert (await signer.tap())["state"] == "SUCCEEDED"
    await signer.payer.open(f"/v1/customers/{signer.customer}/mandates/ticket")
    await page.locator("li[data-state=SUCCEEDED]").wait_for()
    await look(page, "uses")
    await page.click(f"article[data-mandate={signer.mandate}] button")
    assert await signer.payer.result() == "REVOKED"
    refused = await signer.tap()
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "mandate_not_active")
    assert await house.office.balance(signer.merchant) == (1_500, 1_500)


async def test_a_code_and_a_password_agree_and_a_second_click_is_none(signer: Signer) -> None:
    page, answers = signer.page, []
    page.on("request", lambda r: answers.append(r.url) if r.url.endswith("/answer") else None)
    await signer.propose()
    code = await code_of(signer.house, signer.customer)
    await signer.choose("sms_code")
    await signer.payer.type(wrong(code))
    assert await signer.payer.result() == "challenge_failed"
    await page.fill("#answer input", code)
    await page.dblclick("#answer button[type=submit]")
    await page.wait_for_selector("#done[data-state=PENDING]")
    await page.reload()  # what is proven stays proven
    await page.wait_for_load_state("networkidle")
    assert "短信验证码" in await page.inner_text("#done", timeout=10_000)
    await signer.choose("password")
    await page.fill("#answer input", PASSWORD)
    await page.dblclick("#answer button[type=submit]")
    await page.wait_for_selector("#result[data-state=ACTIVE]")
    assert (len(answers), await signer.state()) == (3, "ACTIVE")


async def change(signer: Signer, **terms: Any) -> None:
    """Somebody on the way to the screen changes terms."""

    async def changed(route: Any) -> None:
        answer = await route.fetch()
        document = await answer.json()
        document["mandate"] |= terms
        await route.fulfill(response=answer, body=json.dumps(document))

    await signer.page.route("**/v1/checkout/mandate", changed)


@pytest.mark.parametrize(
    "terms",
    [
        {"per_month": 800},
        {"per_payment": 200},
        {"purpose": "a gift"},
        {"ends_at": "2026-12-01T00:00:00.000Z"},
        {"one_tap": True},
    ],
)
async def test_terms_changed_on_the_way_to_the_screen_are_refused(
    signer: Signer, terms: dict[str, Any]
) -> None:
    await change(signer, **terms)
    await signer.propose()
    await signer.choose("password")
    await signer.payer.type(PASSWORD)
    assert (await signer.payer.result(), await signer.state()) == ("FAILED", "FAILED")
    assert (await signer.tap())["refusal"]["code"] == "mandate_not_active"


async def test_a_signature_over_other_terms_is_not_the_mandates(signer: Signer) -> None:
    """Whoever changes the screen would also change what is told of it: the signature remains."""
    await signer.payer.set_up_passkey(signer.customer)
    signer.house.clock.advance(COOLED)
    right: list[str] = []

    async def as_proposed(route: Any) -> None:
        body = json.loads(route.request.post_data)
        await route.continue_(post_data=json.dumps({**body, "shown": right[0]}))

    await change(signer, per_month=800)
    await signer.page.route("**/v1/checkout/mandate/answer", as_proposed)
    await signer.propose()
    asked = await signer.house.office.get(f"/v1/mandates/{signer.mandate}/challenge")
    right.append(asked.json()["linked"]["order"])
    await signer.choose("passkey")
    assert (await signer.payer.result(), await signer.state()) == ("challenge_failed", "PENDING")


async def test_declined_it_is_never_agreed_to(signer: Signer) -> None:
    await signer.propose()
    await signer.page.dblclick("#refuse")
    assert (await signer.payer.result(), await signer.state()) == ("REVOKED", "REVOKED")
    await look(signer.page, "declined")
    await signer.open()
    assert await signer.payer.result() == "REVOKED"
    assert not await signer.page.is_visible("#consent")


async def test_too_late_the_page_says_so(signer: Signer) -> None:
    await signer.propose()
    await signer.choose("password")
    signer.house.clock.advance(timedelta(minutes=5))
    await signer.payer.type(PASSWORD)
    assert (await signer.payer.result(), await signer.state()) == ("FAILED", "FAILED")
    await signer.propose()
    signer.house.clock.advance(timedelta(minutes=5))
    await signer.page.reload()
    assert await signer.payer.result() == "PENDING"
    assert "已超时" in await signer.page.inner_text("#result")
    assert not await signer.page.is_visible("#consent")
    signer.house.clock.advance(timedelta(minutes=10))
    await signer.page.reload()
    assert await signer.payer.result() == "ticket_expired"
    await look(signer.page, "expired")
