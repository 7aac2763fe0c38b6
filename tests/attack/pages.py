"""The customer's pages: requests forged by another site (CSRF), a session put into a browser
beforehand (session fixation), a frame around the page (clickjacking)."""

from __future__ import annotations

from typing import Any

import httpx
from tests.attack.caller import code_of
from tests.attack.guessing import code_sent
from tests.attack.makers import (
    LARGE,
    PASSWORD,
    asked_for,
    challenged,
    make_all,
    proposed,
    with_totp,
)
from tests.attack.place import Place
from tests.attack.tally import Tally

_EVIL = "https://evil.example"
_PAGES = ("/pay/chk_1", "/pay/chk_1/code", "/code/1.x", "/code/1.x/show", *(
    f"/checkout/{page}" for page in ("confirm", "setup", "agree", "mandates")
))  # fmt: skip
_AGREEING = ("mandate", "mandate/code", "mandate/answer", "mandate/decline")
_OPENED = ("session", "pay", "cancel", "feedback", "device")
_ASKED = ("challenge", "code", "answer", "setup", "confirm", *_AGREEING)


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    names = await make_all(place)
    customer = await place.customer(deposit=2 * LARGE)
    payment = await challenged(place, customer)
    ticket = (await place.office.make(f"/v1/payments/{payment['id']}/ticket"))["ticket"]
    code = await code_sent(place, customer)
    bodies: dict[str, dict[str, Any]] = {
        "challenge": {"ticket": ticket},
        "code": {"ticket": ticket, "once": "1"},
        "answer": {"ticket": ticket, "once": "2", "answer": {"code": code}},
        "setup": {"ticket": ticket},
        "confirm": {"ticket": ticket, "once": "3", "answer": {"code": code}},
    }
    await with_totp(place, customer)
    mandate = await proposed(place, customer)
    bodies |= await _agreeing(place, mandate)
    bodies |= await _opened(place, customer)
    fixed = await _fixation(place, bodies, names)
    forged = await _forgery(place, bodies, {"payments": payment, "mandates": mandate})
    return [await _frames(place), fixed, forged]


async def _opened(place: Place, customer: str) -> dict[str, dict[str, Any]]:
    """What the page of a checkout sends, with the key that opens it."""
    checkout, key = (await asked_for(place, customer))["url"].split("/pay/")[1].split("#")
    opened = {"checkout": checkout, "key": key}
    shown = {"amount": 1_000, "currency": "CNY"}
    return {
        "session": opened,
        "pay": {**opened, "once": "5", "method": 0, "shown": shown},
        "cancel": {**opened, "once": "6"},
        "feedback": {**opened, "once": "7", "score": 5},
        "device": {**opened, "once": "8"},
    }


async def _agreeing(place: Place, mandate: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the page of a mandate sends."""
    path = f"/v1/mandates/{mandate['id']}/challenge"
    shown = (await place.own.read(path))["linked"]["order"]
    sent = {"ticket": mandate["page"]["ticket"], "once": "4"}
    right = {"factor": "password", "password": PASSWORD}
    return {
        "mandate": {"ticket": sent["ticket"]},
        "mandate/code": sent,
        "mandate/answer": {**sent, "shown": shown, "answer": right},
        "mandate/decline": sent,
    }


async def _frames(place: Place) -> Tally:
    tally = Tally("frames around the page, scripts in it", "CSP, nosniff, no referrer")
    wanted = {"frame-ancestors 'none'", "default-src 'none'", "base-uri 'none'",
              "script-src 'self'", "style-src 'self'"}  # fmt: skip
    for page in _PAGES:
        answer = await place.nobody.ask("GET", page, headers={"Host": "evil.example"})
        said = answer.headers.get("content-security-policy", "")
        policy = {part.strip() for part in said.split(";")}
        tally.judge(f"{page}: policy {said}", wanted <= policy)
        sniff = answer.headers.get("x-content-type-options")
        tally.judge(f"{page}: {sniff}", sniff == "nosniff")
        referrer = answer.headers.get("referrer-policy")
        tally.judge(f"{page}: {referrer}", referrer == "no-referrer")
        tally.judge(f"{page} tells the host it was asked by", "evil.example" not in answer.text)
    return tally


async def _fixation(place: Place, bodies: dict[str, Any], names: dict[str, str]) -> Tally:
    """A ticket or a session that comes by cookie, address or for something else."""
    tally = Tally("session fixation", "no cookies; a ticket is good for one thing, in the body")
    before = await place.digest()
    for name in _ASKED:
        path, empty = f"/v1/checkout/{name}", {**bodies[name], "ticket": "x"}
        ticket = bodies[name]["ticket"]
        planted = {"Cookie": f"ticket={ticket}; session={ticket}"}
        for what, answer in {
            "cookie": await place.nobody.ask("POST", path, empty, headers=planted),
            "address": await place.nobody.ask("POST", f"{path}?ticket={ticket}", empty),
            "header": await place.nobody.ask(
                "POST", path, empty, headers={"Authorization": f"Bearer {ticket}"}),
        }.items():  # fmt: skip
            tally.judge(f"{name}, {what}: {answer.text[:60]}", code_of(answer) == "ticket_invalid")
    ticket = bodies["challenge"]["ticket"]
    for name in ("setup", "confirm", *_AGREEING):
        kind = "mdt" if name in _AGREEING else "fac"
        for given in (ticket, ticket.replace("tkt_pay", f"tkt_{kind}")):
            body = {**bodies[name], "ticket": given}
            answer = await place.nobody.ask("POST", f"/v1/checkout/{name}", body)
            tally.judge(f"{name}: {answer.text[:60]}", code_of(answer) == "ticket_invalid")
    moved = ticket.replace(ticket[4:34], names["payment"])
    answer = await place.nobody.ask("POST", "/v1/checkout/challenge", {"ticket": moved})
    tally.judge(f"another payment: {answer.text[:60]}", code_of(answer) == "ticket_invalid")
    tally.judge("the database changed", await place.digest() == before)
    for one in place.asked:
        if one.method == "GET":
            answer = await place.office.ask("GET", one.target(names))
            tally.judge(f"{one.name} sets a cookie", "set-cookie" not in answer.headers)
    return tally


async def _forgery(place: Place, bodies: dict[str, Any], waiting: dict[str, Any]) -> Tally:
    """Another site's page in the payer's browser; in the worst case it knows the ticket."""
    tally = Tally("requests forged by another site", "no cookies, no CORS, Fetch Metadata")
    before = await place.digest()
    forged = {"Origin": _EVIL, "Referer": f"{_EVIL}/", "Content-Type": "text/plain"}
    for name in (*_ASKED, *_OPENED):
        path = f"/v1/checkout/{name}"
        for site in ("cross-site", "same-site", "none"):
            sent = {**forged, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
            answer = await place.nobody.ask("POST", path, bodies[name], headers=sent)
            tally.judge(f"{name}, {site}: {answer.text[:60]}", code_of(answer) == "page_foreign")
            tally.judge(f"{name} may be read by {_EVIL}", _unreadable(answer))
    asked = {"Origin": _EVIL, "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "anfu-key, anfu-signature"}  # fmt: skip
    for path in sorted({one.path for one in place.asked if "{" not in one.path}):
        answer = await place.nobody.ask("OPTIONS", path, headers=asked)
        tally.judge(f"{path} invites {_EVIL}", _unreadable(answer) and not answer.is_success)
    tally.judge("the database changed", await place.digest() == before)
    for kind, was in waiting.items():
        state = (await place.office.read(f"/v1/{kind}/{was['id']}"))["state"]
        tally.judge(f"{kind}: one is {state}", state == was["state"])
    return tally


def _unreadable(answer: httpx.Response) -> bool:
    return not any(name.startswith("access-control-allow") for name in answer.headers)
