"""The payer's page in a real Chromium, with the browser's own virtual authenticator."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.browser.looks import look
from tests.browser.payer import Payer, payer
from tests.journey.factors.steps import LARGE, begin, challenged, totp, with_totp
from tests.journey.test_challenge import code_of
from tests.journey.test_mandates import PASSWORD, terms_of

__all__ = ["payer"]  # the fixture
pytestmark = pytest.mark.slow


async def test_a_passkey_is_set_up_and_approves_a_payment(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer, order="A-17")
    await payer.open(f"/v1/payments/{payment['id']}/ticket")
    await payer.page.wait_for_selector("button[data-factor=passkey]")
    await look(payer.page, "confirm")
    await payer.page.click("button[data-factor=passkey]")
    assert await payer.page.text_content("#amount") == "¥10,000.00"
    assert await payer.page.text_content("#payee") == "Corner Tea"
    assert await payer.result() == "SUCCEEDED"
    done = (await house.office.get(f"/v1/payments/{payment['id']}")).json()
    assert done["factors"] == ["password", "certificate", "passkey"]
    assert await house.office.balance(customer) == (0, 0)


async def test_an_amount_changed_on_the_way_to_the_screen_is_refused(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer)

    async def smaller(route: Any) -> None:
        answer = await route.fetch()
        document = await answer.json()
        document["linked"]["amount"] = 100
        await route.fulfill(response=answer, body=json.dumps(document))

    await payer.page.route("**/v1/checkout/challenge", smaller)
    await payer.approve(payment, "passkey")
    assert await payer.page.text_content("#amount") == "¥1.00"
    assert await payer.result() == "BLOCKED"
    assert await house.office.balance(customer) == (2 * LARGE, 2 * LARGE)


async def test_a_signature_over_the_screens_amount_is_not_the_payments(payer: Payer) -> None:
    """Whoever changes the screen would also change what is told of it: the signature remains."""
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    await payer.set_up_passkey(customer)
    payment = await challenged(house, customer)

    async def smaller(route: Any) -> None:
        answer = await route.fetch()
        document = await answer.json()
        document["linked"]["amount"] = 100
        await route.fulfill(response=answer, body=json.dumps(document))

    async def silent(route: Any) -> None:
        body = json.loads(route.request.post_data)
        body["answer"].pop("shown")
        await route.continue_(post_data=json.dumps(body))

    await payer.page.route("**/v1/checkout/challenge", smaller)
    await payer.page.route("**/v1/checkout/answer", silent)
    await payer.approve(payment, "passkey")
    assert await payer.result() == "challenge_failed"
    assert await house.office.balance(customer) == (2 * LARGE, 2 * LARGE)


async def test_an_app_and_a_message_approve_too(payer: Payer) -> None:
    house = payer.house
    customer = await house.office.customer(deposit=2 * LARGE)
    _, seed = await with_totp(house, customer)
    house.clock.advance(timedelta(minutes=1))
    first, second = await challenged(house, customer), await challenged(house, customer)
    await payer.approve(first, "totp")
    await payer.type(totp(house, seed))
    assert await payer.result() == "SUCCEEDED"
    await payer.approve(second, "sms_code")
    await payer.page.wait_for_load_state("networkidle")
    await payer.type(await code_of(house, customer))
    assert await payer.result() == "SUCCEEDED"
    assert await house.office.balance(customer) == (0, 0)


async def test_the_page_runs_no_script_but_its_own(payer: Payer) -> None:
    await payer.page.goto(payer.origin + "/checkout/confirm#x")
    ran = await payer.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); return window.bad === undefined; }"
    )
    assert ran is True


async def test_a_mandate_is_ended_on_the_page_and_the_next_one_tap_is_refused(
    payer: Payer,
) -> None:
    house = payer.house
    customer, merchant = await house.office.customer(deposit=LARGE), await house.office.merchant()
    await begin(house.office, customer, "password", password=PASSWORD)
    terms = {**terms_of(house, customer, merchant), "device": "dev_phone"}
    mandate = (await house.office.post("/v1/mandates", terms)).json()["id"]
    path = f"/v1/mandates/{mandate}/challenge"
    code = {"factor": "sms_code", "code": await code_of(house, customer)}
    for answer in (code, {"factor": "password", "password": PASSWORD}):
        assert (await house.office.post(path, answer)).status_code == 200
    seen = {"device": "dev_phone"}
    tap: dict[str, Any] = {"factors": [], "mandate": mandate, "environment": seen}
    house.clock.advance(timedelta(days=2))
    paid = await house.office.pay(customer, merchant, 1_500, **tap)
    assert paid["state"] == "SUCCEEDED", paid
    await payer.open(f"/v1/customers/{customer}/mandates/ticket")
    part = payer.page.locator(f"article[data-mandate={mandate}]")
    assert await part.locator("h2").text_content(timeout=10_000) == "Corner Tea"
    use = part.locator("li[data-state=SUCCEEDED]")
    assert "¥15.00" in str(await use.text_content(timeout=10_000))
    for secret in (customer, "dev_phone"):
        assert secret not in await payer.page.content()
    await part.locator("button").click()
    assert await payer.result() == "REVOKED"
    assert await part.locator("p[data-state=REVOKED]").count() == 1
    assert await part.locator("button").count() == 0
    refused = await house.office.pay(customer, merchant, 1_500, **tap)
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "mandate_not_active")
    assert await house.office.balance(merchant) == (1_500, 1_500)
