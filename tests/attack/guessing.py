"""Guessing: codes, passwords, tickets and secrets, by hundreds at once.

A guess counts as taken when the API said whether it was right: no more may be taken than the
limit of attempts, however many come at the same time. All guesses are wrong ones; in the end the
right answer must be refused as well.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import httpx
from tests.attack.caller import Caller, code_of
from tests.attack.makers import LARGE, PASSWORD, challenged, mandate, with_totp
from tests.attack.place import Place
from tests.attack.tally import Tally

from anfu.authentication.otp import hotp, step_at
from anfu.kernel.ids import SystemEntropy
from anfu.parties.secret import new_secret

GUESSES = 200
_MOST = 5
_CODES_MOST = 6
_AT_ONCE = 64


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    return [
        await _sms(place),
        await _totp(place),
        await _mandate(place, "password"),
        await _mandate(place, "totp"),
        await _set_up(place),
        await _codes(place),
        await _tickets(place),
        await _payer_codes(place),
        await _keys(place),
    ]


async def flood(send: Callable[[int], Awaitable[httpx.Response]]) -> list[httpx.Response]:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> httpx.Response:
        async with slots:
            return await send(number)

    return list(await asyncio.gather(*(one(number) for number in range(GUESSES))))


def wrong_code(right: str, number: int) -> str:
    """Another code for every number."""
    return f"{(int(right) + 1 + number) % 1_000_000:06}"


def _limited(tally: Tally, answers: list[httpx.Response], failed: str, good: str) -> Tally:
    """At most `_MOST` guesses were taken, and none was right."""
    taken = [a for a in answers if a.status_code == 200 or code_of(a) == failed]
    tally.attempts += len(answers)
    if len(taken) > _MOST:
        tally.passed += [f"guess taken beyond the limit: {a.text[:80]}" for a in taken[_MOST:]]
    tally.passed += [f"a wrong guess was right: {a.text[:80]}" for a in answers
                     if a.status_code == 200 and a.json().get("state") == good]  # fmt: skip
    tally.passed += [f"error: {a.text[:80]}" for a in answers if a.status_code >= 500]
    tally.figures = {"taken": len(taken)}
    return tally


async def code_sent(place: Place, customer: str) -> str:
    """The newest code sent to the customer, from the development outbox."""
    page = await place.office.read(f"/v1/development/messages?to={customer}")
    found = re.search(r"[0-9]{6}", page["data"][0]["text"])
    assert found is not None
    return found[0]


async def _prove(place: Place, path: str, tally: Tally, wish: dict[str, Any], right: Any) -> Tally:
    """A flood of wrong answers, then the right one. `wish`: a factor and the name of its part."""
    part = wish["part"]

    async def guess(number: int) -> httpx.Response:
        wrong = wish["wrong"](number)
        return await place.office.ask("POST", path, {"factor": wish["factor"], part: wrong})

    answers = await flood(guess)
    _limited(tally, answers, "challenge_failed", wish["good"])
    last = await place.office.ask("POST", path, {"factor": wish["factor"], part: right()})
    tally.judge(f"the right answer after the flood: {last.text[:80]}", last.status_code != 200)
    return tally


async def _sms(place: Place) -> Tally:
    customer = await place.customer(deposit=2 * LARGE)
    payment = await challenged(place, customer)
    right = await code_sent(place, customer)
    wish = {"factor": "sms_code", "part": "code", "good": "SUCCEEDED",
            "wrong": lambda n: wrong_code(right, n)}  # fmt: skip
    tally = Tally("guessing an SMS code", "5 attempts a challenge, counted under a lock")
    return await _prove(
        place, f"/v1/payments/{payment['id']}/challenge", tally, wish, lambda: right
    )


async def _totp(place: Place) -> Tally:
    customer = await place.customer(deposit=2 * LARGE)
    _, seed = await with_totp(place, customer)
    payment = await challenged(place, customer)
    wish = {"factor": "totp", "part": "code", "good": "SUCCEEDED",
            "wrong": lambda n: wrong_code(_now(seed), n + 5)}  # fmt: skip
    tally = Tally("guessing an authenticator's code", "5 attempts a challenge; the factor locks")
    path = f"/v1/payments/{payment['id']}/challenge"
    return await _prove(place, path, tally, wish, lambda: _now(seed, ahead=1))


async def _mandate(place: Place, factor: str) -> Tally:
    customer = await place.customer()
    _, seed = await with_totp(place, customer)
    wanted = await mandate(place, customer)
    codes = factor == "totp"
    wish = {
        "factor": factor,
        "part": "code" if codes else "password",
        "good": "ACTIVE",
        "wrong": lambda n: wrong_code(_now(seed), n + 5) if codes else f"red-Heron-{n}",
    }
    tally = Tally(f"guessing a mandate's {factor}", "5 attempts a mandate, counted under a lock")
    path = f"/v1/mandates/{wanted}/challenge"
    return await _prove(
        place, path, tally, wish, lambda: _now(seed, ahead=1) if codes else PASSWORD
    )


def _now(seed: bytes, *, ahead: int = 0) -> str:
    return hotp(seed, step_at(now=datetime.now(UTC)) + ahead)


async def _set_up(place: Place) -> Tally:
    """The first code of an app somebody else set up."""
    customer = await place.customer()
    form = {"kind": "totp", "label": "app"}
    made = await place.own.make(f"/v1/customers/{customer}/factors", form)
    path = f"/v1/factors/{made['id']}/confirm"
    answers = await flood(lambda n: place.own.ask("POST", path, {"code": f"{n:06}"}))
    tally = Tally("guessing the first code of a factor", "5 attempts, then the set-up is gone")
    return _limited(tally, answers, "factor_not_confirmed", "ACTIVE")


async def _codes(place: Place) -> Tally:
    """Codes by the hundred to one number: each is another chance to guess."""
    customer = await place.customer(deposit=2 * LARGE)
    payment = await challenged(place, customer)
    path = f"/v1/payments/{payment['id']}/challenge/code"
    since = datetime.now(UTC) - timedelta(hours=1)
    answers = await flood(lambda _: place.office.ask("POST", path))
    number = ("SELECT count(*) FROM authentication.code_sent WHERE at > $1 AND challenge ="
              " (SELECT challenge FROM payments.payment WHERE id = $2)")  # fmt: skip
    sent = await place.owner.fetchval(number, since, payment["id"])
    tally = Tally("flooding a telephone with codes", "6 codes an hour and number", len(answers))
    if sent > _CODES_MOST:
        tally.passed += [f"{sent} codes were sent to one number"]
    tally.figures = {"sent": sent}
    return tally


async def _tickets(place: Place) -> Tally:
    """Tickets for a payment that waits, under a hash made up."""
    payment = await challenged(place, await place.customer(deposit=2 * LARGE))
    until = int((datetime.now(UTC) + timedelta(minutes=10)).timestamp())
    forged = [f"tkt_{payment['id']}_{until}_{token_urlsafe(32)}" for _ in range(GUESSES)]
    answers = await flood(
        lambda n: place.nobody.ask("POST", "/v1/checkout/challenge", {"ticket": forged[n]})
    )
    tally = Tally("guessing a page's ticket", "a keyed hash of 256 bits, constant time")
    for answer in answers:
        tally.judge(f"a forged ticket: {answer.text[:80]}", code_of(answer) == "ticket_invalid")
    return tally


async def _payer_codes(place: Place) -> Tally:
    """A till tries codes beside one that is shown right now, and one that somebody photographed."""
    customer = await place.customer(deposit=100_000)
    showing = (await place.office.make("/v1/showings", {"customer": customer}))["id"]
    method = {"type": "payer_code", "scene": "PAYER_CODE"}
    wish = {"payee": place.merchant, "amount": 500, "currency": "CNY"}

    async def take(code: str) -> httpx.Response:
        body = wish | {"method": method | {"payer_code": code}}
        return await place.own.ask("POST", "/v1/payments", body)

    async def shown() -> str:
        return str((await place.office.make(f"/v1/showings/{showing}/code"))["code"])

    tally = Tally("guessing and photographing payer's codes", "60 random bits, once, one minute")
    photographed, live = await shown(), await shown()
    guess = {n: f"{(int(live) + 1 + n) % 10**18:018}" for n in range(GUESSES)}
    answers = await flood(lambda n: take(live[:2] + guess[n]))
    assert (await take(live)).json()["state"] == "SUCCEEDED"
    for answer in [*answers, await take(live), await take(photographed)]:
        refused = code_of(answer) == "payer_code_invalid"
        tally.judge(f"a code that is none: {answer.text[:80]}", refused)
    paid = "SELECT count(*) FROM payments.payment WHERE payer = $1"
    tally.judge("one payment by one code", await place.owner.fetchval(paid, customer) == 1)
    return tally


async def _keys(place: Place) -> Tally:
    """Secrets of a key that is known."""
    key = str(place.own.key)
    path = "/v1/payments"
    tally = Tally("guessing the secret of a key", "256 random bits, compared as hashes")

    async def guess(number: int) -> httpx.Response:
        made_up = new_secret("sk", entropy=SystemEntropy())
        if number % 2:
            return await Caller(place.http, key, made_up).ask("GET", path)
        bearer = {"Authorization": f"Bearer {key}.{made_up}"}
        return await place.nobody.ask("GET", path, headers=bearer)

    for answer in await flood(guess):
        tally.judge(f"a secret made up: {answer.text[:80]}", answer.status_code == 401)
    return tally
