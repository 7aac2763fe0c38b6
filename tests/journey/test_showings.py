"""A customer shows a code of ours, and a shop takes a payment by it: once, within a minute."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.device_page import Page
from tests.journey.conftest import Client, House
from tests.journey.test_devices import visit

from anfu.entrypoints.worker.rounds import tidy

INVALID = (422, "payer_code_invalid", "method.payer_code")


class Shop:
    """A customer who shows codes, and a merchant's till with a key of its own."""

    def __init__(self, house: House, customer: str, merchant: str, till: Client) -> None:
        self.house, self.customer, self.merchant, self.till = house, customer, merchant, till
        self.showing = ""

    async def show(self, **more: Any) -> dict[str, Any]:
        wish = {"customer": self.customer, "factors": ["password", "sms_code"], **more}
        answer = await self.house.office.post("/v1/showings", wish)
        assert answer.status_code == 201, answer.text
        self.showing = answer.json()["id"]
        return dict(answer.json())

    async def code(self) -> str:
        answer = await self.house.office.post(f"/v1/showings/{self.showing}/code")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    async def take(
        self, code: str, amount: int = 1_250, key: str | None = None, **more: Any
    ) -> httpx.Response:
        return await self.till.post("/v1/payments", self.wish(code, amount, **more), key=key)

    def wish(self, code: str, amount: int = 1_250, **more: Any) -> dict[str, Any]:
        method = {"type": "payer_code", "scene": "PAYER_CODE", "payer_code": code}
        return {"payee": self.merchant, "amount": amount, "currency": "CNY", "method": method,
                **more}  # fmt: skip


@pytest.fixture
async def shop(house: House) -> Shop:
    customer, merchant = await house.office.customer(deposit=100_000), await house.office.merchant()
    made = Shop(house, customer, merchant, await house.client(merchant=merchant))
    await made.show()
    return made


def said(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["code"], answer.json()["field"]


async def test_the_code_says_who_pays_and_with_what(shop: Shop) -> None:
    code = await shop.code()
    answer = await shop.take(code, order="T-1", terminal="till 3")
    payment = answer.json()
    assert (answer.status_code, payment["state"]) == (201, "SUCCEEDED")
    assert payment["method"] == {"type": "balance", "card": None, "code": "dynamic", "debit": None,
                                 "verified_by": None, "scene": None}  # fmt: skip
    assert (payment["payer"], payment["factors"]) == (shop.customer, ["password", "sms_code"])
    assert await shop.house.office.balance(shop.customer) == (98_750, 98_750)
    assert await shop.house.office.balance(shop.merchant) == (1_250, 1_250)
    read = (await shop.house.office.get(f"/v1/showings/{shop.showing}")).json()
    assert (read["payment"], read["url"]) == (payment["id"], None)
    used = (await shop.house.office.get(f"/v1/customers/{shop.customer}/limits")).json()["used"]
    assert {u["metric"]: u["amount"] for u in used if u["pocket"]} == {"code_payment": 1_250}
    await shop.house.check_books()


async def test_a_code_is_good_once_and_the_one_before_it_ends_with_it(shop: Shop) -> None:
    older, newer = await shop.code(), await shop.code()
    assert (await shop.take(newer)).json()["state"] == "SUCCEEDED"
    async with shop.house.untouched():
        for code in (newer, older):
            assert said(await shop.take(code)) == INVALID
    assert (await shop.take(await shop.code())).json()["state"] == "SUCCEEDED"


async def test_a_minute_and_the_newest_two(shop: Shop) -> None:
    first, second = await shop.code(), await shop.code()
    assert (await shop.take(first)).json()["state"] == "SUCCEEDED"  # while the screen changes
    old, late, last = await shop.code(), await shop.code(), await shop.code()
    async with shop.house.untouched():
        assert said(await shop.take(second)) == INVALID
        assert said(await shop.take(old)) == INVALID
        shop.house.clock.advance(timedelta(seconds=60))
        for code in (late, last):
            assert said(await shop.take(code)) == INVALID


@pytest.mark.parametrize("code", ["88" + "0" * 18, "87" + "0" * 18, "8" * 19, "no code at all!!"])
async def test_what_was_never_shown_is_refused_like_what_is_over(shop: Shop, code: str) -> None:
    async with shop.house.untouched():
        answer = await shop.take(code)
    assert (answer.status_code, answer.json()["code"]) == (422, "payer_code_invalid")
    assert code not in answer.text


async def test_the_same_request_again_is_the_same_payment(shop: Shop) -> None:
    code = await shop.code()
    first = await shop.take(code, key="till-1")
    shop.house.clock.advance(timedelta(minutes=5))
    async with shop.house.untouched():
        again = await shop.take(code, key="till-1")
        other = await shop.take(code, 9_999, key="till-1")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_fifty_tills_scan_one_code_at_once_and_one_is_paid(shop: Shop) -> None:
    older, newer = await shop.code(), await shop.code()
    codes = [older, newer] * 25
    answers = await asyncio.gather(*(shop.take(code) for code in codes))
    paid = [a.json()["id"] for a in answers if a.status_code == 201]
    refused = {said(a) for a in answers if a.status_code != 201}
    assert (len(paid), refused) == (1, {INVALID})
    assert await shop.house.count("payments.payment") == 1
    assert await shop.house.office.balance(shop.customer) == (98_750, 98_750)
    await shop.house.check_books()


async def test_what_is_refused_before_it_is_a_payment_does_not_use_the_code_up(shop: Shop) -> None:
    code = await shop.code()
    other = await shop.house.office.merchant("Other")
    async with shop.house.untouched():
        wrong = await shop.take(code, payee=other)
        assert (wrong.status_code, wrong.json()["code"]) == (403, "payee_not_yours")
        wrong = await shop.take(code, currency="USD")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "currency_not_supported")
    assert (await shop.take(code)).json()["state"] == "SUCCEEDED"


async def test_what_is_refused_as_a_payment_does(shop: Shop) -> None:
    code = await shop.code()
    refused = (await shop.take(code, 100_001)).json()
    assert (refused["state"], refused["refusal"]["code"]) == ("REFUSED", "insufficient_funds")
    async with shop.house.untouched():
        assert said(await shop.take(code)) == INVALID


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("payer", {"payer": "cus_1"}),
        ("factors", {"factors": ["passkey"]}),
        ("mandate", {"mandate": "man_1"}),
        ("environment", {"environment": {"device": "dev_1"}}),
        ("environment", {"environment": {"session": "ses_1"}}),
        ("environment", {"environment": {"address": "203.0.113.7"}}),
    ],
)
async def test_a_till_does_not_say_what_the_code_says(
    shop: Shop, field: str, more: dict[str, Any]
) -> None:
    code = await shop.code()
    async with shop.house.untouched():
        assert said(await shop.take(code, **more)) == (422, "told_by_code", field)


@pytest.mark.parametrize("more", [{"card": "tok_1"}, {"code": "static"}, {"debit": "bank"}])
async def test_nor_how_it_is_paid(shop: Shop, more: dict[str, Any]) -> None:
    wish = shop.wish(await shop.code())
    async with shop.house.untouched():
        wish["method"] |= more
        answer = await shop.till.post("/v1/payments", wish)
        assert said(answer) == (422, "told_by_code", "method")
        del wish["method"]["scene"]
        answer = await shop.till.post("/v1/payments", wish)
        assert said(answer) == (422, "payer_code_not_allowed", "method.payer_code")


async def test_every_other_payment_says_its_payer(shop: Shop) -> None:
    async with shop.house.untouched():
        for method in ({"type": "balance"}, shop.wish("1" * 18)["method"]):
            wish = shop.wish("") | {"method": method}
            assert said(await shop.till.post("/v1/payments", wish)) == (
                422, "field_invalid", "payer",
            )  # fmt: skip


async def test_a_card_on_file_and_what_the_institution_has_not_verified(shop: Shop) -> None:
    await shop.show(method={"type": "sandbox", "card": "tok_good"}, factors=[])
    payment = (await shop.take(await shop.code(), 1_000)).json()
    assert (payment["state"], payment["channel"]) == ("SUCCEEDED", "sandbox")
    assert (payment["method"]["card"], payment["factors"]) == ("tok_good", [])


async def test_who_is_suspended_meanwhile_shows_and_pays_nothing(shop: Shop) -> None:
    code = await shop.code()

    suspend = "UPDATE parties.customer SET status = 'SUSPENDED' WHERE id = $1"
    await shop.house.database.run(lambda tx: tx.execute(suspend, shop.customer))
    async with shop.house.untouched():
        assert said(await shop.take(code)) == (422, "party_suspended", "payer")
        answer = await shop.house.office.post(f"/v1/showings/{shop.showing}/code")
        assert said(answer) == (422, "party_suspended", "customer")


async def test_the_device_that_shows_the_code_is_the_payments(shop: Shop) -> None:
    """A session of the institution's, though a merchant's till asks."""
    session = await visit(shop.house.office, Page(), shop.customer)
    await shop.show(session=session["id"])
    place = {"latitude": 26.07, "longitude": 119.29}
    payment = (await shop.take(await shop.code(), environment=place)).json()
    decision = await shop.house.office.get(f"/v1/decisions/{payment['decision']}")
    facts = decision.json()["facts"]
    assert facts["device"] == session["device"]
    assert (facts["latitude"], facts["longitude"]) == (26.07, 119.29)
    assert payment["state"] == "SUCCEEDED", decision.text


async def test_a_showing_ends_after_a_quarter_of_an_hour(shop: Shop) -> None:
    shop.house.clock.advance(timedelta(minutes=15))
    async with shop.house.untouched():
        answer = await shop.house.office.post(f"/v1/showings/{shop.showing}/code")
    assert (answer.status_code, answer.json()["code"]) == (410, "showing_over")


async def test_sixty_codes_and_no_more(shop: Shop) -> None:
    codes = {await shop.code() for _ in range(60)}
    assert len(codes) == 60
    async with shop.house.untouched():
        answer = await shop.house.office.post(f"/v1/showings/{shop.showing}/code")
    assert (answer.status_code, answer.json()["code"]) == (409, "showing_used_up")


async def test_a_showing_is_the_institutions_to_begin(shop: Shop) -> None:
    async with shop.house.untouched():
        for answer in (
            await shop.till.post("/v1/showings", {"customer": shop.customer}),
            await shop.till.post(f"/v1/showings/{shop.showing}/code"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "institution_only")
        for customer, field in ((shop.merchant, "customer"), ("cus_none", "customer")):
            answer = await shop.house.office.post("/v1/showings", {"customer": customer})
            assert said(answer) == (422, "party_not_found", field)
        for method, code in (
            ({"type": "balance", "card": "tok_1"}, "card_required"),
            ({"type": "sandbox"}, "card_required"),
            ({"type": "barter"}, "method_unknown"),
            ({"type": "balance", "debit": "bank"}, "debit_not_allowed"),
        ):
            wish = {"customer": shop.customer, "method": method}
            answer = await shop.house.office.post("/v1/showings", wish)
            assert answer.status_code == 422
            assert answer.json()["code"] in (code, "card_not_allowed"), answer.text


async def test_the_same_wish_is_one_showing_and_its_page(shop: Shop) -> None:
    wish = {"customer": shop.customer}
    one = await shop.house.office.post("/v1/showings", wish, key="s-1")
    again = await shop.house.office.post("/v1/showings", wish, key="s-1")
    assert one.json() == again.json()
    assert one.json()["url"].startswith("http://localhost:8000/checkout/show#tkt_shw_")


async def test_no_table_holds_a_code(shop: Shop) -> None:
    code = await shop.code()
    await shop.take(code)
    async with shop.house.database.transaction(readonly=True) as tx:
        for table in await shop.house.rows():
            found = await tx.fetchval(
                f"SELECT count(*) FROM {table} t WHERE position($1 in t::text) > 0"
                " OR position($2 in t::text) > 0", code, code.encode().hex(),
            )  # fmt: skip
            assert found == 0, table


async def test_codes_are_forgotten_after_two_days(shop: Shop) -> None:
    await shop.take(await shop.code())
    shop.house.clock.advance(timedelta(days=2, seconds=-1))
    await tidy(shop.house.tools, shop.house.clock)
    assert await shop.house.count("payments.shown_code") == 1
    shop.house.clock.advance(timedelta(seconds=2))
    await tidy(shop.house.tools, shop.house.clock)
    assert await shop.house.count("payments.showing") == 0
    assert await shop.house.count("payments.shown_code") == 0
