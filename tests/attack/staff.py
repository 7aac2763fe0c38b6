"""The staff's door: requests of another site's page (CSRF), a session put into a browser beforehand
(session fixation), accounts told from none, passwords guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
from tests.attack.caller import code_of
from tests.attack.crew import crew_of
from tests.attack.document import Asked
from tests.attack.guessing import flood
from tests.attack.makers import make_all
from tests.attack.place import Digest, Place
from tests.attack.tally import Tally
from tests.journey.access.steps import AWAY, COOKIE, HOME, SEEN, Member

from anfu.kernel.ids import SystemEntropy
from anfu.parties.secret import new_secret

_EVIL = {"Origin": "https://evil.example"}
_HOSTS = 8
# Guesses from one address at one account in a quarter of an hour, at one account in an hour, from
# one address in a quarter: said here anew, so that a limit that was lifted is seen.
_FROM_ONE, _AT_ONE, _IN_ALL = 5, 20, 60
# No attacker gives attempts back; the database's owner does, so that the next attack begins anew.
_AGAIN = "DELETE FROM parties.sign_in_attempt"


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    members = {role: staff.member for role, staff in (await crew_of(place)).items() if staff.member}
    return [
        await _forgery(place, members),
        await _sign_in_forged(place, members["viewer"]),
        await _fixation(place, members),
        await _telling(place, members["viewer"]),
        await _guessing(place, members["viewer"]),
    ]


async def _still(place: Place) -> Digest:
    """The database, but for when a session was there and what was tried at the door."""
    kept = await place.digest()
    return {name: it for name, it in kept.items() if name not in (SEEN, "parties.sign_in_attempt")}


async def _forgery(place: Place, members: Mapping[str, Member]) -> Tally:
    """Every write with the cookie and one thing wrong, and every read by another site."""
    tally = Tally("requests forged at a session of staff", "Fetch Metadata, Origin, page's token")
    names, before, member = await make_all(place), await _still(place), members["admin"]
    token = {"Anfu-Csrf": member.csrf}
    forged: dict[str, dict[str, str]] = {
        "another site": {**HOME, **token, "Sec-Fetch-Site": "cross-site"},
        "a site beside": {**HOME, **token, "Sec-Fetch-Site": "same-site"},
        "no site": {**HOME, **token, "Sec-Fetch-Site": "none"},
        "another origin": {**token, **_EVIL},
        "an origin without a name": {**token, "Origin": "null"},
        "no origin": token,
        "no token": HOME,
        "an empty token": {**HOME, "Anfu-Csrf": ""},
        "somebody else's token": {**HOME, "Anfu-Csrf": members["viewer"].csrf},
    }
    for one in place.asked:
        if one.scope is None and not one.path.startswith("/v1/session"):
            continue
        for what, headers in forged.items():
            if one.method == "POST":
                answer = await member.post(one.target(names), one.body, headers)
            elif headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
                answer = await member.get(one.target(names), headers)
            else:
                continue
            tally.judge(f"{one.name}, {what}: {answer.text[:60]}", _refused(answer))
    tally.judge("the database changed", await _still(place) == before)
    return tally


def _refused(answer: httpx.Response) -> bool:
    """Refused, and nothing another site may read."""
    allowed = any(name.startswith("access-control-allow") for name in answer.headers)
    return code_of(answer) == "csrf_refused" and not allowed


async def _sign_in_forged(place: Place, member: Member) -> Tally:
    """A browser signed in by another site, as the attacker: with everything right but the page."""
    tally = Tally("signing a browser in from another site", "Fetch Metadata, Origin")
    for headers in (AWAY, _EVIL, {**HOME, "Sec-Fetch-Site": "same-site"}, {}):
        answer = await replace(member).sign_in(headers=headers or {"Accept": "*/*"})
        stopped = _refused(answer) and "set-cookie" not in answer.headers
        tally.judge(f"sign_in, {headers}: {answer.text[:60]}", stopped)
    for one in _open(place, "enlist", "break_glass", "begin_sign_on"):
        answer = await place.nobody.ask("POST", one.path, one.body, headers=AWAY)
        stopped = _refused(answer) or code_of(answer) == "sign_on_off"
        tally.judge(f"{one.name}: {answer.text[:60]}", stopped)
    return tally


def _open(place: Place, *names: str) -> Sequence[Asked]:
    found = [one for one in place.asked if one.name in names]
    assert len(found) == len(names)
    return found


async def _fixation(place: Place, members: Mapping[str, Member]) -> Tally:
    """A token the attacker knows is in the browser when somebody signs in; and tokens that come
    another way than in the one cookie, or after the end."""
    tally = Tally("session fixation, staff", "a new token at every sign-in; one cookie, __Host-")
    victim, thief = replace(members["viewer"]), members["analyst"]
    for planted in ("st_" + "a" * 52, str(thief.token)):
        answer = await victim.sign_in(headers={**HOME, "Cookie": f"{COOKIE}={planted}"})
        assert answer.is_success, answer.text
        tally.judge("the planted token is the session's", victim.token not in (planted, None))
        seen = await replace(thief, token=planted).get("/v1/session")
        own = planted == thief.token and seen.json()["staff"]["login"] == thief.login
        tally.judge(f"the planted token opens: {seen.text[:60]}", own or _ended(seen))
        kept = {part.strip() for part in answer.headers["set-cookie"].split(";")}
        wanted = {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
        tally.judge(f"the cookie: {sorted(kept)[:4]}", wanted < kept)
    token = str(victim.token)
    for what, target, headers in (
        ("address", f"/v1/session?session={token}", {}),
        ("bearer", "/v1/session", {"Authorization": f"Bearer {token}"}),
        ("another name", "/v1/session", {"Cookie": f"anfu-session={token}"}),
        ("twice", "/v1/session", {"Cookie": f"{COOKIE}={token}; {COOKIE}={token}"}),
    ):  # fmt: skip
        answer = await place.http.get(target, headers=headers)
        tally.judge(f"{what}: {answer.text[:60]}", answer.status_code in (401, 422))
    done = await victim.post("/v1/session/end")
    tally.judge(f"his own session is not ended: {done.text[:60]}", done.is_success)
    answer = await replace(victim, token=token).get("/v1/session")
    tally.judge(f"after signing out: {answer.text[:60]}", _ended(answer))
    return tally


def _ended(answer: httpx.Response) -> bool:
    return code_of(answer) == "session_ended"


async def _telling(place: Place, member: Member) -> Tally:
    """An account that is there, tried until it is throttled, beside one that is not."""
    tally = Tally("telling accounts of staff from none", "one answer, throttled alike")
    told = []
    for login in (member.login, "nobody.here"):
        ticket = await _ticket(place)
        told.append([await _guess(place, ticket, login) for _ in range(_FROM_ONE + 2)])
    for there, nowhere in zip(*told, strict=True):
        same = (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
        tally.judge(f"{there.text[:60]} {nowhere.text[:60]}", same)
    await place.owner.execute(_AGAIN)
    return tally


async def _guessing(place: Place, member: Member) -> Tally:
    """Passwords at one account from one address and from many, and one password at many accounts;
    links and envelopes made up."""
    tally = Tally("guessing at the staff's door", "5 from an address, 20 at an account, 60 in all")
    ticket = await _ticket(place)
    one = await flood(lambda n: _guess(place, ticket, member.login, number=n))
    _taken(tally, "one account", one, _FROM_ONE)
    last = await replace(member).sign_in()
    tally.judge(f"the right password after that: {last.text[:60]}", not last.is_success)
    await place.owner.execute(_AGAIN)
    _taken(tally, "many addresses", await _from_many(place, ticket, member.login), _AT_ONE)
    await place.owner.execute(_AGAIN)
    many = await flood(lambda n: _guess(place, ticket, f"somebody.{n}"))
    _taken(tally, "many accounts", many, _IN_ALL)
    await place.owner.execute(_AGAIN)
    assert (await replace(member).sign_in()).is_success
    for path, field, prefix in (("/v1/enlistment/begin", "invitation", "inv"),
                                ("/v1/emergency", "secret", "bg")):  # fmt: skip
        for _ in range(20):
            form = {field: new_secret(prefix, entropy=SystemEntropy())}
            more = {} if field == "invitation" else {"name": "李伟", "reason": "nobody is there"}
            answer = await place.nobody.ask("POST", path, form | more, headers=HOME)
            stopped = code_of(answer) in ("invitation_invalid", "envelope_invalid")
            tally.judge(f"{field} made up: {answer.text[:60]}", stopped)
    return tally


async def _ticket(place: Place) -> str:
    return str((await place.http.post("/v1/sign_in/begin", headers=HOME)).json()["ticket"])


async def _guess(
    place: Place, ticket: str, login: str, *, number: int = 0, http: httpx.AsyncClient | None = None
) -> httpx.Response:
    form = {"ticket": ticket, "login": login, "password": f"wrong-Heron-{number}", "code": "000000"}
    # Whoever says it comes from elsewhere is believed only of a proxy of ours.
    headers = {**HOME, "X-Forwarded-For": f"198.51.100.{number % 250}"}
    return await (http or place.http).post("/v1/sign_in", json=form, headers=headers)


async def _from_many(place: Place, ticket: str, login: str) -> list[httpx.Response]:
    async with AsyncExitStack() as stack:
        lines = [
            await stack.enter_async_context(httpx.AsyncClient(
                base_url=place.stack.base_url, timeout=60,
                transport=httpx.AsyncHTTPTransport(local_address=f"127.0.0.{2 + host}"),
            ))
            for host in range(_HOSTS)
        ]  # fmt: skip
        guesses = [_guess(place, ticket, login, number=n, http=http)
                   for n in range(_FROM_ONE + 3) for http in lines]  # fmt: skip
        return list(await asyncio.gather(*guesses))


def _taken(tally: Tally, what: str, answers: Sequence[Any], most: int) -> None:
    """At most so many guesses were judged, and none was right."""
    judged = [answer for answer in answers if code_of(answer) != "sign_in_throttled"]
    right = [answer for answer in answers if code_of(answer) not in
             ("sign_in_throttled", "sign_in_refused")]  # fmt: skip
    tally.attempts += len(answers)
    if len(judged) > most:
        tally.passed.append(f"{what}: {len(judged)} guesses were judged, not {most}")
    tally.passed += [f"{what}: {answer.text[:60]}" for answer in right]
    tally.figures[what] = len(judged)
