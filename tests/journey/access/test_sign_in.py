"""Signing in: always two factors, one answer for whatever is wrong, and a session that ends."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from tests.journey.access.steps import (
    AWAY,
    COOKIE,
    HOME,
    ORIGIN,
    SEEN,
    Member,
    first,
    hired,
    told,
    two,
)
from tests.journey.conftest import House
from tests.journey.factors.authenticators import Authenticator
from tests.journey.test_erasure_races import waiting

from anfu.authentication import password
from anfu.parties.access.rates import ACCOUNT_HOUR, ADDRESS_QUARTER, BOTH_QUARTER
from anfu.payments.access.sign_in import account_of

REFUSED = (401, "sign_in_refused")
TRIED = ("parties.sign_in_attempt", SEEN)


async def test_a_code_and_a_passkey_both_sign_in(house: House) -> None:
    app = await first(house, "admin.one")
    key = await first(house, "admin.two", passkey=True)
    for member in (app, key):
        answer = await member.sign_in()
        assert (answer.status_code, answer.json()["staff"]["login"]) == (200, member.login)
        cookie = answer.headers["set-cookie"]
        assert cookie == f"{COOKIE}={member.token}; Path=/; Secure; HttpOnly; SameSite=Strict"
        assert (await member.get("/v1/session")).json() == answer.json()


async def test_one_answer_for_whatever_is_wrong(house: House) -> None:
    member = await first(house, "admin.one")
    stranger = replace(member, login="nobody.here")
    other = Authenticator(origin=ORIGIN)
    bodies = set()
    async with house.untouched(*TRIED):
        for who, wrong in (
            (stranger, {}), (stranger, {"password": "x" * 12}), (member, {"password": "x" * 12}),
            (member, {"code": "000000"}), (member, {"password": "x", "code": "000000"}),
            (member, {"code": None, "assertion": other.get("AAAA")}),
            (member, {"code": None, "assertion": {}}),
        ):  # fmt: skip
            house.clock.advance(timedelta(hours=1))
            answer = await who.sign_in(**wrong)
            assert told(answer) == REFUSED, wrong
            assert answer.headers.get_list("set-cookie") == []
            bodies.add(answer.content)
    assert len(bodies) == 1


async def test_one_factor_alone_is_no_sign_in(house: House) -> None:
    member = await first(house, "admin.one")
    async with house.untouched():
        for wrong in ({"code": None}, {"assertion": {}}):
            assert told(await member.sign_in(**wrong)) == (422, "field_invalid")
        assert told(await member.sign_in(password="")) == (422, "field_invalid")


async def test_a_code_is_good_once(house: House) -> None:
    member = await first(house, "admin.one")
    code = member.code()
    assert (await member.sign_in(code=code)).status_code == 200
    async with house.untouched(*TRIED):
        assert told(await member.sign_in(code=code)) == REFUSED


async def test_an_assertion_is_good_once_and_for_its_ticket(house: House) -> None:
    member = await first(house, "admin.one", passkey=True)
    assert member.key is not None
    begun = (await member._open("/v1/sign_in/begin", None)).json()
    assertion = member.key.get(begun["passkey"]["challenge"])
    captured = {"assertion": assertion, "ticket": begun["ticket"]}
    async with house.untouched(*TRIED):
        assert told(await member.sign_in(assertion=assertion)) == REFUSED  # another ticket
    assert (await member.sign_in(**captured)).status_code == 200
    async with house.untouched(*TRIED):
        assert told(await member.sign_in(**captured)) == REFUSED
    late = (await member._open("/v1/sign_in/begin", None)).json()["ticket"]
    house.clock.advance(timedelta(minutes=15))
    async with house.untouched():
        assert told(await member.sign_in(ticket=late)) == (401, "ticket_expired")
        assert told(await member.sign_in(ticket="tkt_x")) == (401, "ticket_invalid")


async def test_a_passkey_of_another_page_signs_nobody_in(house: House) -> None:
    member = await first(house, "admin.one", passkey=True)
    assert member.key is not None
    member.key.origin = "https://evil.example"
    async with house.untouched(*TRIED):
        assert told(await member.sign_in()) == REFUSED
    member.key.origin, member.key.flags = ORIGIN, 0x01  # nobody unlocked it
    async with house.untouched(*TRIED):
        assert told(await member.sign_in()) == REFUSED


async def test_guesses_at_an_account_are_counted_at_once(house: House) -> None:
    member = await first(house, "admin.one")
    tickets = [(await member._open("/v1/sign_in/begin", None)).json()["ticket"] for _ in range(12)]

    async def guess(ticket: str) -> httpx.Response:
        form = {"ticket": ticket, "login": "ADMIN.one ", "password": "x", "code": "000000"}
        return await member._open("/v1/sign_in", form)

    answers = [told(answer) for answer in await asyncio.gather(*map(guess, tickets))]
    assert answers.count(REFUSED) == BOTH_QUARTER
    assert answers.count((429, "sign_in_throttled")) == 12 - BOTH_QUARTER
    async with house.untouched():  # the right answers too: else this would tell them
        answer = await member.sign_in()
        assert told(answer) == (429, "sign_in_throttled")
        assert answer.json()["details"] == {"wait_s": 900}
    house.clock.advance(timedelta(minutes=15))
    assert (await member.sign_in()).status_code == 200
    assert await house.count("parties.sign_in_attempt") == 0


async def test_an_account_that_is_not_is_throttled_like_one_that_is(house: House) -> None:
    await two(house)
    for login in ("admin.one", "nobody.here"):
        member = Member(house.http, house.clock, login, seed=b"x" * 20)
        answers = [told(await member.sign_in()) for _ in range(BOTH_QUARTER + 1)]
        assert answers == [REFUSED] * BOTH_QUARTER + [(429, "sign_in_throttled")], login
        house.clock.advance(timedelta(minutes=15))


async def attempts(house: House, count: int, account: bytes | None, address: str | None) -> None:
    """As many attempts from elsewhere."""
    async with house.database.transaction() as tx:
        for number in range(count):
            await tx.execute(
                "INSERT INTO parties.sign_in_attempt VALUES ($1, $2, $3, $4)", f"att_{number}",
                account or number.to_bytes(32, "big"), address or f"198.51.100.{number}",
                house.clock.now(),
            )  # fmt: skip


async def test_many_addresses_at_one_account_raise_an_alarm_and_end(house: House) -> None:
    member = await first(house, "admin.one")
    account = account_of(house.tools, member.login)
    await attempts(house, ACCOUNT_HOUR - 1, account, None)
    assert told(await member.sign_in(code="000000")) == REFUSED
    async with house.database.transaction(readonly=True) as tx:
        kinds = [row["kind"] for row in await tx.fetch(
            "SELECT kind FROM storage.event WHERE kind LIKE 'sign_in%'")]  # fmt: skip
    assert kinds == ["sign_in.throttled"]
    async with house.untouched():
        answer = await member.sign_in()
        assert (told(answer), answer.json()["details"]) == (
            (429, "sign_in_throttled"), {"wait_s": 3600})  # fmt: skip


async def test_one_address_at_many_accounts_is_stopped(house: House) -> None:
    member = await first(house, "admin.one")
    await attempts(house, ADDRESS_QUARTER, None, "127.0.0.1")
    async with house.untouched():
        assert told(await member.sign_in()) == (429, "sign_in_throttled")


async def test_guesses_from_one_address_at_many_accounts_are_counted_at_once(
    house: House, owner: asyncpg.Connection
) -> None:
    """Those at different accounts once overtook one another while they were counted."""
    member = await first(house, "admin.one")
    await attempts(house, ADDRESS_QUARTER - 1, None, "127.0.0.1")
    ticket = (await member._open("/v1/sign_in/begin", None)).json()["ticket"]

    async def guess(number: int) -> httpx.Response:
        form = {"ticket": ticket, "login": f"li.{number}", "password": "x", "code": "000000"}
        return await member._open("/v1/sign_in", form)

    tasks: list[asyncio.Task[httpx.Response]] = []
    async with owner.transaction():
        # Whoever has counted waits here before he writes that he tried.
        await owner.execute("LOCK TABLE parties.sign_in_attempt IN SHARE MODE")
        for number in range(3):
            tasks.append(asyncio.create_task(guess(number)))
            await waiting(owner, len(tasks))
    answers = [told(await task) for task in tasks]
    assert answers == [REFUSED, *[(429, "sign_in_throttled")] * 2]
    assert await house.count("parties.sign_in_attempt") == ADDRESS_QUARTER


async def test_the_work_is_the_same_for_accounts_that_are_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await first(house, "admin.one")
    hashed: list[bytes] = []
    real = password.verify_secret

    def seen(kept: bytes, *more: Any) -> bool:
        hashed.append(kept.rpartition(b"$")[0].rpartition(b"$")[0])
        return bool(real(kept, *more))

    monkeypatch.setattr(password, "verify_secret", seen)
    spent: dict[str, list[float]] = {"admin.one": [], "nobody.here": []}
    for _ in range(4):
        for login, times in spent.items():
            started = time.perf_counter()
            await replace(member, login=login).sign_in(password="wrong password")
            times.append(time.perf_counter() - started)
    assert len(hashed) == 8
    assert set(hashed) == {b"$argon2id$v=19$m=19456,t=2,p=1"}
    one, other = (statistics.median(times) for times in spent.values())
    assert abs(one - other) < 0.5 * max(one, other)


# -- sessions


async def test_a_token_somebody_planted_is_not_the_one_after_signing_in(house: House) -> None:
    admins = await two(house)
    victim = await hired(house, admins, "li.wei", "viewer")
    for planted in ("st_" + "a" * 52, str(admins[0].token)):
        victim.token = planted  # what an attacker made the browser send before
        await victim.sign_in(headers={**HOME, "Cookie": f"{COOKIE}={planted}"})
        assert victim.token not in (planted, None)
        attacker = Member(house.http, house.clock, "attacker", token=planted)
        answer = await attacker.get("/v1/session")
        if planted == admins[0].token:
            assert answer.json()["staff"]["login"] == "admin.one"  # his own, as it was
        else:
            assert told(answer) == (401, "session_ended")


async def test_a_session_turns_its_token_and_a_copy_ends_it(house: House) -> None:
    member = await first(house, "admin.one")
    old = str(member.token)
    for _ in range(2):
        house.clock.advance(timedelta(minutes=5))
        assert (await member.get("/v1/staff")).status_code == 200
    assert member.token != old
    on_its_way = replace(member, token=old)
    assert (await on_its_way.get("/v1/staff")).status_code == 200
    assert on_its_way.token == old  # it gets no new one
    house.clock.advance(timedelta(seconds=31))
    thief = replace(member, token=old)
    assert told(await thief.get("/v1/staff")) == (401, "session_ended")
    assert told(await member.get("/v1/staff")) == (401, "session_ended")
    async with house.database.transaction(readonly=True) as tx:
        why = await tx.fetchval(
            "SELECT ended_why FROM parties.staff_session WHERE ended_at IS NOT NULL"
        )
        kinds = await tx.fetch("SELECT kind FROM storage.event WHERE kind = 'session.replayed'")
    assert (why, len(kinds)) == ("REPLAYED", 1)


async def test_of_requests_at_once_one_turns_the_token(house: House) -> None:
    member = await first(house, "admin.one")
    house.clock.advance(timedelta(minutes=10))
    several = [replace(member) for _ in range(5)]
    answers = await asyncio.gather(*(one.get("/v1/staff") for one in several))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({one.token for one in several} - {member.token}) == 1


async def test_an_idle_session_ends_and_so_does_an_old_one(house: House) -> None:
    member = await first(house, "admin.one")
    house.clock.advance(timedelta(minutes=15))
    assert told(await member.get("/v1/staff")) == (401, "session_ended")
    await member.sign_in()
    for _ in range(71):
        house.clock.advance(timedelta(minutes=10))
        assert (await member.get("/v1/staff")).status_code == 200
    house.clock.advance(timedelta(minutes=10))
    assert told(await member.get("/v1/staff")) == (401, "session_ended")


async def test_signing_out_here_and_everywhere(house: House) -> None:
    member = await first(house, "admin.one")
    there = replace(member)
    await there.sign_in()
    kept = replace(member)
    answer = await member.post("/v1/session/end")
    assert (answer.status_code, answer.json()["count"], member.token) == (200, 1, None)
    assert told(await kept.get("/v1/session")) == (401, "session_ended")
    assert (await there.get("/v1/session")).status_code == 200
    await member.sign_in()
    assert (await member.post("/v1/session/end_all")).json()["count"] == 2
    assert told(await there.get("/v1/session")) == (401, "session_ended")


async def test_a_page_of_another_site_writes_nothing(house: House) -> None:
    member = await first(house, "admin.one")
    own = {"Anfu-Csrf": member.csrf}
    another = await first(house, "admin.two")
    form = {"login": "li.wei", "name": "x", "roles": ["viewer"]}
    cases: dict[str, dict[str, str]] = {
        "Sec-Fetch-Site": {**AWAY, **own},
        "Sec-Fetch-Site ": {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site", **own},
        "Sec-Fetch-Site  ": {"Origin": ORIGIN, "Sec-Fetch-Site": "none", **own},
        "Origin": {"Origin": "https://evil.example", **own},
        "Origin ": own,
        "Origin  ": {"Origin": "null", **own},
        "Anfu-Csrf": HOME,
        "Anfu-Csrf ": {**HOME, "Anfu-Csrf": "0" * 64},
        "Anfu-Csrf  ": {**HOME, "Anfu-Csrf": another.csrf},
    }
    async with house.untouched(SEEN):
        for field, headers in cases.items():
            answer = await member.post("/v1/staff", form, headers)
            assert told(answer) == (403, "csrf_refused"), field
            assert answer.json()["field"] == field.strip(), field
        answer = await member.get("/v1/staff", AWAY)
        assert told(answer) == (403, "csrf_refused")
        answer = await member.sign_in(headers=AWAY)
        assert told(answer) == (403, "csrf_refused")  # signing somebody in as somebody else
    assert (await member.post("/v1/staff", form, {"Origin": ORIGIN, **own})).status_code == 201


async def test_cookies_that_are_none_of_ours(house: House) -> None:
    member = await first(house, "admin.one")
    good = f"{COOKIE}={member.token}"
    async with house.untouched(SEEN):
        for cookie in ("x=y", f"{COOKIE}=", f"{COOKIE}=st_x", f"{good}; {good}", f"a{good}",
                       f"{COOKIE}='{member.token}'", ";;;=", "\"" * 50):  # fmt: skip
            answer = await house.http.get("/v1/staff", headers={"Cookie": cookie})
            assert told(answer) == (401, "session_ended"), cookie
        answer = await house.http.get("/v1/staff", headers=[("Cookie", good), ("Cookie", good)])
        assert told(answer) == (400, "header_invalid")
        assert told(await house.http.get("/v1/staff")) == (401, "authorization_missing")
        answer = await house.office.get("/v1/session")
        assert told(answer) == (403, "session_needed")
    answer = await house.http.get("/v1/staff", headers={"Cookie": f"theme=dark; {good}"})
    assert answer.status_code == 200


async def test_many_mistakes_do_not_count_after_a_right_answer(house: House) -> None:
    member = await first(house, "admin.one")
    for _ in range(3):
        for _ in range(BOTH_QUARTER - 1):
            assert told(await member.sign_in(password="wrong password")) == REFUSED
        assert (await member.sign_in()).status_code == 200
