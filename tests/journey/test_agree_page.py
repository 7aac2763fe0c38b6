"""The page where a customer agrees to a mandate, over HTTP; in a browser: tests/browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.journey.conftest import House
from tests.journey.factors.steps import COOLED
from tests.journey.test_challenge import code_of
from tests.journey.test_mandates import PASSWORD, Rider, rider, terms_of
from tests.journey.test_mandates_page import page, ticket_of

from anfu.kernel.canonical import digest
from anfu.kernel.currencies import EXPONENTS

__all__ = ["rider"]  # the fixture
COMMON = Path(__file__).parents[2] / "web/checkout/src/app/money.ts"


async def opened(rider: Rider, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """A proposed mandate, its page's ticket, and what the page is told a second later."""
    proposed = (await rider.propose(**more)).json()
    rider.house.clock.advance(timedelta(seconds=1))
    ticket = str(proposed["page"]["ticket"])
    shown = await page(rider.house, "mandate", ticket)
    assert shown.status_code == 200, shown.text
    return str(proposed["id"]), ticket, shown.json()


def digest_of(told: Mapping[str, Any], **changed: Any) -> str:
    """What a page that follows docs/mandates.md works out."""
    mandate = told["mandate"]
    names = ("currency", "per_payment", "per_day", "per_month", "purpose", "one_tap")
    ends_ms = round(datetime.fromisoformat(mandate["ends_at"]).timestamp() * 1000)
    terms = {"v": 2, "signatory": told["signatory"], "merchant": told["merchant"],
             "ends_at": ends_ms, **{name: mandate[name] for name in names}}  # fmt: skip
    return digest({**terms, **changed}).hex()


async def answer(house: House, ticket: str, shown: str, once: str, **given: Any) -> Any:
    return await page(house, "mandate/answer", ticket, once=once, shown=shown, answer=given)


async def test_proposing_answers_with_the_page_the_same_every_time(
    house: House, rider: Rider
) -> None:
    terms = terms_of(house, rider.payer, rider.payee)
    first = await house.office.post("/v1/mandates", terms, key="one")
    proposed = first.json()
    assert proposed["page"]["path"] == f"/checkout/agree#{proposed['page']['ticket']}"
    house.clock.advance(timedelta(minutes=1))
    async with house.untouched():
        again = await house.office.post("/v1/mandates", terms, key="one")
        assert again.content == first.content
    read = await house.office.get(f"/v1/mandates/{proposed['id']}")
    assert read.json() == {k: v for k, v in proposed.items() if k != "page"}
    events = (await house.office.get("/v1/events")).json()["data"]
    assert proposed["page"]["ticket"] not in str(events)


async def test_a_code_and_a_password_agree_to_what_the_page_shows(
    house: House, rider: Rider
) -> None:
    mandate, ticket, told = await opened(rider)
    asked = told["mandate"]
    assert (asked["merchant_name"], asked["per_day"], asked["agreed_at"]) == (
        "City Rides", 5_000, None,
    )  # fmt: skip
    assert rider.payer not in str(told)
    shown = digest_of(told)
    assert told["challenge"]["linked"]["order"] == shown
    sent = await page(house, "mandate/code", ticket, once="a")
    assert (sent.status_code, sent.json()["id"]) == (200, told["challenge"]["id"])
    code = await code_of(house, rider.payer)
    one = await answer(house, ticket, shown, "b", factor="sms_code", code=code)
    assert one.json()["mandate"]["state"] == "PENDING"
    assert one.json()["challenge"]["proven"] == ["sms_code"]
    async with house.untouched():  # the same click twice
        again = await answer(house, ticket, shown, "b", factor="sms_code", code=code)
        assert again.content == one.content
    two = await answer(house, ticket, shown, "c", factor="password", password=PASSWORD)
    assert (two.json()["mandate"]["state"], two.json()["challenge"]) == ("ACTIVE", None)
    assert (await rider.draw(mandate))["state"] == "SUCCEEDED"
    assert await house.kinds(mandate) == ["mandate.pending", "mandate.active"]
    async with house.untouched():  # what is over is not answered, declined or sent a code for
        password = {"factor": "password", "password": PASSWORD}
        for late in (
            await answer(house, ticket, shown, "d", **password),
            await page(house, "mandate/decline", ticket, once="e"),
            await page(house, "mandate/code", ticket, once="f"),
        ):
            assert (late.status_code, late.json()["code"]) == (409, "mandate_not_pending")
        assert (await page(house, "mandate", ticket)).content == two.content


async def test_two_answers_at_once_count_once(house: House, rider: Rider) -> None:
    _, ticket, told = await opened(rider)
    shown, password = digest_of(told), {"factor": "password", "password": PASSWORD}
    done = await asyncio.gather(*(answer(house, ticket, shown, n, **password) for n in "abcd"))
    assert sorted(d.status_code for d in done) == [200, 409, 409, 409]
    assert {d.json()["code"] for d in done if d.status_code == 409} == {"factor_not_offered"}


async def test_other_terms_than_those_proposed_are_refused_and_quieten(
    house: House, rider: Rider
) -> None:
    held = await rider.agreed()
    mandate, ticket, told = await opened(rider)
    other = digest_of(told, per_month=800)
    done = await answer(house, ticket, other, "a", factor="password", password=PASSWORD)
    assert (done.json()["mandate"]["state"], done.json()["challenge"]) == ("FAILED", None)
    assert await house.kinds(mandate) == ["mandate.pending", "mandate.failed"]
    assert (await rider.draw(held))["state"] == "CHALLENGED"
    house.clock.advance(COOLED)
    assert (await rider.draw(held))["state"] == "SUCCEEDED"


async def test_declined_nothing_is_drawn(house: House, rider: Rider) -> None:
    mandate, ticket, told = await opened(rider)
    done = await page(house, "mandate/decline", ticket, once="a")
    assert (done.json()["mandate"]["state"], done.json()["challenge"]) == ("REVOKED", None)
    async with house.untouched():
        again = await page(house, "mandate/decline", ticket, once="a")
        assert again.content == done.content
        shown, password = digest_of(told), {"factor": "password", "password": PASSWORD}
        late = await answer(house, ticket, shown, "b", **password)
        assert (late.status_code, late.json()["code"]) == (409, "mandate_not_pending")
    assert (await rider.draw(mandate))["refusal"]["code"] == "mandate_not_active"


async def test_a_ticket_is_for_one_mandate_and_a_quarter_of_an_hour(
    house: House, rider: Rider
) -> None:
    mandate, ticket, _ = await opened(rider)
    other = (await rider.propose()).json()["id"]
    uses = await ticket_of(house, rider.payer)
    asked: dict[str, dict[str, Any]] = {
        "mandate": {},
        "mandate/code": {"once": "a"},
        "mandate/decline": {"once": "a"},
        "mandate/answer": {"once": "a", "shown": "0" * 64, "answer": {"code": "123456"}},
    }
    async with house.untouched():
        for path, more in asked.items():
            for given in (uses, ticket.replace(mandate, other), ticket[:-1] + "_"):
                refused = await page(house, path, given, **more)
                assert (refused.status_code, refused.json()["code"]) == (401, "ticket_invalid")
        for path in ("mandates", "challenge", "setup"):
            refused = await page(house, path, ticket)
            assert (refused.status_code, refused.json()["code"]) == (401, "ticket_invalid")
        house.clock.advance(timedelta(minutes=5))  # the proof's time, not yet the page's
        late = (await page(house, "mandate", ticket)).json()
        assert (late["mandate"]["state"], late["challenge"]) == ("PENDING", None)
        house.clock.advance(timedelta(minutes=10))
        for path, more in asked.items():
            refused = await page(house, path, ticket, **more)
            assert (refused.status_code, refused.json()["code"]) == (401, "ticket_expired")


def test_the_page_writes_amounts_with_the_digits_of_their_currency() -> None:
    text = COMMON.read_text("utf-8")
    listed = dict(re.findall(r'^const (NONE|THREE) = "([A-Z ]+)"', text, re.MULTILINE))
    for name, digits in (("NONE", 0), ("THREE", 3)):
        wanted = {currency for currency, n in EXPONENTS.items() if n == digits}
        assert set(listed[name].split()) == wanted
    assert set(EXPONENTS.values()) == {0, 2, 3}
