"""A checkout: what is bought is shown, paid once by a method of the payer's choice, and closed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from tests.journey.checkout_steps import AMOUNT, BALANCE, LINES, Page, made
from tests.journey.conftest import House
from tests.journey.test_challenge import code_of, wrong

CARD = {"type": "sandbox", "card": "tok_good", "label": "招商银行 ··6411"}
BAD = {"type": "sandbox", "card": "tok_insufficient_funds"}


async def opened(house: House, *, deposit: int = 10_000, **more: Any) -> tuple[str, str, Page]:
    """Payer, payee and the page of a checkout."""
    payer, payee = await house.office.customer(deposit=deposit), await house.office.merchant()
    return payer, payee, Page(house, (await made(house.office, payee, payer=payer, **more))["url"])


async def pay_from_balance(house: House, page: Page, payer: str) -> Any:
    """Chosen, and proven by a code."""
    await page.pay()
    ticket = (await page.see())["payment"]["ticket"]
    return await page.answer(ticket, await code_of(house, payer))


async def test_shown_then_proven_then_paid_once(house: House) -> None:
    payer, payee, page = await opened(house)
    seen = await page.see(draw=True)
    assert (seen["state"], seen["payee_name"], seen["amount"]) == ("OPEN", "Corner Tea", AMOUNT)
    assert (seen["lines"], seen["description"]) == (LINES, "乌龙茶、茶点")
    assert seen["methods"] == [{"method": "balance", "label": None, "on_file": False}]
    assert (seen["payment"], seen["feedback"], seen["tries"]) == (None, None, 0)
    assert len(seen["code"]) == len(seen["code"][0]) and set("".join(seen["code"])) == {"0", "1"}
    assert payer not in str(seen)
    begun = await page.pay(once="tap")
    # Whoever holds the address is not yet known to be the payer.
    assert (begun["state"], begun["payment"]["state"]) == ("PAYING", "CHALLENGED")
    assert (await page.pay(once="tap"))["payment"]["id"] == begun["payment"]["id"]
    ticket = (await page.see())["payment"]["ticket"]
    assert (await page.answer(ticket, await code_of(house, payer))).json()["state"] == "SUCCEEDED"
    done = await page.see()
    assert (done["state"], done["payment"]["state"], done["tries"]) == ("PAID", "SUCCEEDED", 1)
    assert await house.office.balance(payee) == (AMOUNT, AMOUNT)
    async with house.untouched():
        again = await page.tap(once="another")
        assert (again.status_code, again.json()["code"]) == (409, "checkout_paid")
        assert (await page.ask("cancel", once="x")).json()["code"] == "payment_not_waiting"
    read = (await house.office.get(f"/v1/checkouts/{page.checkout}")).json()
    assert (read["state"], read["url"], read["payer"]) == ("PAID", None, payer)
    assert [p["state"] for p in read["payments"]] == ["SUCCEEDED"]
    await house.check_books()


async def test_what_fails_is_tried_again_another_way_and_paid_once(house: House) -> None:
    payer, payee, page = await opened(house, methods=[BAD, CARD, *BALANCE])
    ticket = (await page.pay(0))["payment"]["ticket"]
    await page.answer(ticket, await code_of(house, payer))
    failed = await page.see()
    assert (failed["state"], failed["payment"]["state"]) == ("OPEN", "FAILED")
    assert failed["payment"]["remedy"]["what"]["zh"] and failed["tries"] == 1
    ticket = (await page.pay(1))["payment"]["ticket"]
    await page.answer(ticket, await code_of(house, payer))
    done = await page.see()
    assert (done["state"], done["payment"]["method"], done["tries"]) == ("PAID", 1, 2)
    assert await house.office.balance(payee) == (AMOUNT, AMOUNT)
    await house.check_books()


async def test_of_two_taps_at_once_with_two_methods_one_is_a_payment(house: House) -> None:
    _, _, page = await opened(house, methods=[CARD, *BALANCE])
    answers = await asyncio.gather(*(page.tap(n % 2, once=f"t{n}") for n in range(6)))
    codes = sorted((a.status_code, a.json()["code"] or "") for a in answers)
    assert codes == [(200, "")] + [(409, "checkout_paying")] * 5
    assert await house.count("payments.payment") == 1
    assert await house.count("payments.checkout_payment") == 1


async def test_given_up_it_can_be_paid_another_way(house: House) -> None:
    payer, _, page = await opened(house)
    await page.pay()
    given_up = (await page.ask("cancel", once="no")).json()
    assert (given_up["state"], given_up["payment"]["state"]) == ("OPEN", "CANCELLED")
    assert (await pay_from_balance(house, page, payer)).json()["state"] == "SUCCEEDED"


async def test_not_me_ends_it(house: House) -> None:
    _, _, page = await opened(house)
    ticket = (await page.pay())["payment"]["ticket"]
    denied = await house.http.post("/v1/checkout/deny", json={"ticket": ticket, "once": "d"})
    assert denied.json()["state"] == "BLOCKED"
    assert (await page.see())["state"] == "CLOSED"
    async with house.untouched():
        assert (await page.tap()).json()["code"] == "checkout_closed"


async def test_six_tries_and_no_more(house: House) -> None:
    _, _, page = await opened(house)
    for number in range(6):
        await page.pay(once=f"t{number}")
        await page.ask("cancel", once=f"c{number}")
    async with house.untouched():
        refused = await page.tap()
        assert (refused.status_code, refused.json()["code"]) == (409, "checkout_closed")


async def test_too_late_or_closed_nothing_is_paid(house: House) -> None:
    _, _, page = await opened(house, minutes=5)
    path = f"/v1/checkouts/{page.checkout}/close"
    await page.pay(once="t")
    busy = await house.office.post(path)
    assert (busy.status_code, busy.json()["code"]) == (409, "checkout_paying")
    await page.ask("cancel", once="c")
    house.clock.advance(timedelta(minutes=5))
    assert (await page.see())["state"] == "EXPIRED"
    async with house.untouched():
        late = await page.tap()
        assert (late.status_code, late.json()["code"]) == (410, "checkout_expired")
    _, _, other = await opened(house)
    closed = (await house.office.post(f"/v1/checkouts/{other.checkout}/close")).json()
    assert (closed["state"], closed["closed_at"] is None) == ("CLOSED", False)
    async with house.untouched():
        assert (await other.tap()).json()["code"] == "checkout_closed"


async def test_what_an_attacker_tries(house: House) -> None:
    payer, payee, page = await opened(house)
    _, _, other = await opened(house)
    async with house.untouched():
        for checkout, key in ((other.checkout, page.key), ("chk_" + "0" * 26, page.key),
                              (page.checkout, "x"), (page.checkout, "é" * 3)):  # fmt: skip
            body = {"checkout": checkout, "key": key}
            answer = await house.http.post("/v1/checkout/session", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "checkout_link_invalid")
        for shown in (
            {"amount": AMOUNT - 1, "currency": "CNY"},
            {"amount": AMOUNT, "currency": "USD"},
        ):
            changed = await page.tap(shown=shown)
            assert changed.json()["code"] == "checkout_shown_otherwise"
        assert (await page.tap(1)).json()["code"] == "method_not_offered"
        forged = await house.http.post(
            "/v1/checkout/session", json={"checkout": page.checkout, "key": page.key},
            headers={"Sec-Fetch-Site": "cross-site"},
        )  # fmt: skip
        assert (forged.status_code, forged.json()["code"]) == (403, "page_foreign")
        # A guest belongs to its checkout and to nobody who names it.
        wish = {"payer": "gst_" + page.checkout[4:], "payee": payee, "amount": 1, "currency": "CNY",
                "method": {"type": "sandbox", "card": "tok_good"}}  # fmt: skip
        assert (await house.office.post("/v1/payments", wish)).json()["code"] == "party_not_found"
    stranger = await house.client(merchant=await house.office.merchant("Other"))
    assert (await stranger.get(f"/v1/checkouts/{page.checkout}")).status_code == 404
    assert (await stranger.get("/v1/checkouts")).json()["data"] == []
    async with house.untouched("payments.checkout"):
        closing = await stranger.post(f"/v1/checkouts/{page.checkout}/close")
        assert closing.json()["code"] == "checkout_not_found"
        wish = {"payee": payee, "payer": payer, "amount": 1, "currency": "CNY", "description": "x",
                "methods": BALANCE}  # fmt: skip
        assert (await stranger.post("/v1/checkouts", wish)).json()["code"] == "payee_not_yours"
    ticket = (await page.pay(once="t"))["payment"]["ticket"]
    code = await code_of(house, payer)
    assert (await page.answer(ticket, wrong(code))).json()["code"] == "challenge_failed"
    other_tap = await page.tap(once="t", shown={"amount": AMOUNT, "currency": "CNY"}, scene="PAGE")
    assert other_tap.json()["code"] == "idempotency_key_reused"


async def test_what_a_checkout_cannot_be(house: House) -> None:
    office, payee = house.office, await house.office.merchant()
    right = {"payee": payee, "amount": AMOUNT, "currency": "CNY", "lines": LINES,
             "methods": [{"type": "sandbox"}]}  # fmt: skip
    wrongs: list[tuple[str, dict[str, Any]]] = [
        ("lines_contradict_amount", {"amount": AMOUNT + 1}),
        ("purchase_missing", {"lines": []}),
        ("method_unknown", {"methods": [{"type": "barter"}]}),
        ("customer_required", {"methods": BALANCE}),
        ("customer_required", {"methods": [CARD]}),
        ("card_number_refused", {"methods": [{"type": "sandbox", "label": "4111111111111111"}]}),
        ("return_url_not_allowed", {"return_url": "https://evil.example/"}),
        ("party_not_found", {"payer": "cus_nobody"}),
        ("party_not_found", {"payer": "gst_0"}),
        ("payer_not_customer", {"payer": payee}),
        ("currency_not_supported", {"currency": "USD"}),
    ]
    async with house.untouched():
        for code, change in wrongs:
            assert (await office.post("/v1/checkouts", {**right, **change})).json()["code"] == code


async def test_payers_go_back_to_the_merchants_own_origins_alone(house: House) -> None:
    office, payee = house.office, await house.office.merchant()
    path = f"/v1/merchants/{payee}/return-origins"
    async with house.untouched():
        for bad in (
            "https://shop.example/x",
            "http:/shop",
            "https://a@b.example",
            "ftp://x.example",
        ):
            assert (await office.post(path, {"origins": [bad]})).json()["code"] == "origin_invalid"
    said = await office.post(path, {"origins": ["https://shop.example", "https://a.example"]})
    assert said.json()["origins"] == ["https://a.example", "https://shop.example"]
    assert (await office.get(path)).json() == said.json()
    back = "https://shop.example/orders/7?from=anfu"
    await made(office, payee, methods=[{"type": "sandbox"}], return_url=back)
    for other in ("https://shop.example.evil.example/", "https://shop.example@evil.example/",
                  "http://shop.example/", "https://shop.example:444/"):  # fmt: skip
        wish = {"payee": payee, "amount": 1, "currency": "CNY", "description": "x",
                "methods": [{"type": "sandbox"}], "return_url": other}  # fmt: skip
        refused = await office.post("/v1/checkouts", wish)
        assert refused.json()["code"] == "return_url_not_allowed", other
    own = await house.client(merchant=payee)
    assert (await own.post(path, {"origins": []})).status_code == 403
