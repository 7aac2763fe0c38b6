"""Attacks on the proof of a device: each is caught, is a signal, and reaches the verdict."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.device_page import Page
from tests.journey.conftest import House
from tests.journey.test_devices import SESSIONS, codes, decided, open_session, send, visit


async def caught(house: House, session: dict[str, Any], signal: str, outcome: str) -> None:
    """The session is rejected with the signal, and so is what is paid from it."""
    assert (session["state"], session["standing"]) == ("REJECTED", "REJECTED")
    assert codes(session) == [signal]
    decision = await decided(house, session["id"])
    assert decision["outcome"] == outcome
    assert decision["facts"]["device_signals"] == signal
    assert decision["facts"]["device_standing"] == "REJECTED"
    assert decision["facts"]["device_bound"] is False


async def test_a_replayed_profile_for_another_session(house: House) -> None:
    victim = await open_session(house.office, "alice")
    profile = Page().profile(victim["nonce"])
    await send(house.office, victim["id"], profile)
    thief = await open_session(house.office, "alice")
    await caught(
        house, await send(house.office, thief["id"], profile), "REPLAYED_PROFILE", "REVIEW"
    )


async def test_a_profile_sent_twice_for_one_session_spoils_it(house: House) -> None:
    session = await open_session(house.office, "alice")
    profile = Page().profile(session["nonce"])
    first = await send(house.office, session["id"], profile)
    assert first["standing"] == "NEW"
    await caught(
        house, await send(house.office, session["id"], profile), "REPLAYED_PROFILE", "REVIEW"
    )


async def test_a_repeated_request_is_answered_and_not_taken_for_a_replay(house: House) -> None:
    session = await open_session(house.office, "alice")
    path = f"{SESSIONS}/{session['id']}/profile"
    profile = Page().profile(session["nonce"])
    first = await house.office.post(path, profile, key="once")
    again = await house.office.post(path, profile, key="once")
    assert again.content == first.content
    assert first.json()["state"] == "PROFILED"


@pytest.mark.parametrize(
    "forge",
    [
        lambda page, nonce: Page(66).sign(page.payload(nonce)),
        lambda page, nonce: {
            **page.profile(nonce),
            "payload": page.payload(nonce).replace('"webdriver": false', '"webdriver": true'),
        },
        lambda page, nonce: page.sign(page.payload(nonce, key="B" + "A" * 86)),
    ],
    ids=["signed by another key", "tampered field", "point off the curve"],
)
async def test_what_the_key_did_not_sign(house: House, forge: Any) -> None:
    await visit(house.office, Page(), "alice")
    session = await open_session(house.office, "alice")
    sent = await send(house.office, session["id"], forge(Page(), session["nonce"]))
    await caught(house, sent, "TAMPERED_PROFILE", "REVIEW")
    assert await house.count("parties.device") == 1


async def test_a_copied_cookie(house: House) -> None:
    victim = await visit(house.office, Page(1), "alice")
    thief = Page(2, cookie=victim["device"])
    await caught(house, await visit(house.office, thief, "alice"), "COPIED_COOKIE", "REVIEW")
    assert await house.count("parties.device_key") == 1


async def test_a_stale_nonce(house: House) -> None:
    session = await open_session(house.office, "alice")
    profile = Page().profile(session["nonce"])
    house.clock.advance(timedelta(minutes=5))
    await caught(
        house, await send(house.office, session["id"], profile), "STALE_NONCE", "CHALLENGE"
    )


async def test_a_nonce_of_nobodys(house: House) -> None:
    session = await open_session(house.office, "alice")
    profile = Page().profile("A" * 43)
    await caught(house, await send(house.office, session["id"], profile), "FOREIGN_NONCE", "REVIEW")


async def test_a_headless_browser(house: House) -> None:
    page = Page()
    page.seen |= {"user_agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/150.0",
                  "platform": "Linux x86_64", "webdriver": True}  # fmt: skip
    session = await visit(house.office, page, "alice")
    assert codes(session) == ["AUTOMATION", "HEADLESS"]
    decision = await decided(house, session["id"])
    assert (decision["outcome"], decision["reasons"]) == ("BLOCK", ["DEVICE_AUTOMATED"])


async def test_a_session_is_no_other_payers_and_not_for_ever(house: House) -> None:
    session = await visit(house.office, Page(), "alice")
    mallory = await decided(house, session["id"], "mallory")
    assert mallory["outcome"] == "REVIEW"
    assert mallory["facts"]["device_signals"] == "OTHER_PAYER"
    other = await decided(house, session["id"], device="dev_other", address="192.0.2.1")
    assert other["facts"]["device_signals"] == "OTHER_DEVICE,OTHER_NETWORK"
    house.clock.advance(timedelta(minutes=30))
    late = await decided(house, session["id"], "alice")
    assert late["facts"]["device_signals"] == "STALE_SESSION"
    assert late["facts"]["device_standing"] == "REJECTED"


@pytest.mark.parametrize(
    "payload",
    ["{}", "[]", '{"v":1}', "\ud800{}", "{" * 16_000],
    ids=["empty", "list", "bare", "surrogate", "deep"],
)
async def test_what_no_sdk_wrote_changes_nothing(house: House, payload: str) -> None:
    session = await open_session(house.office, "alice")
    body = {"payload": payload, "signature": "A" * 86}
    raw = None
    if "\ud800" in payload:
        raw = b'{"payload": "\\ud800{}", "signature": "' + b"A" * 86 + b'"}'
    async with house.untouched():
        answer = await house.office.post(f"{SESSIONS}/{session['id']}/profile", raw or body)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("change", [{"v": 2}, {"more": 1}, {"traits": {"height": "x"}}])
async def test_a_profile_of_another_form_changes_nothing(house: House, change: Any) -> None:
    session = await open_session(house.office, "alice")
    profile = Page().profile(session["nonce"], **change)
    async with house.untouched():
        answer = await house.office.post(f"{SESSIONS}/{session['id']}/profile", profile)
    assert (answer.status_code, answer.json()["code"]) == (422, "device_profile_invalid")
