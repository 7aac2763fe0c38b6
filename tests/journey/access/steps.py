"""What a member of the staff does: opens the link, signs in, asks with the cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
from tests.journey.cases.conftest import RULES
from tests.journey.conftest import House
from tests.journey.factors.authenticators import Authenticator, seed_in

from anfu.authentication.otp import PERIOD_S, hotp, step_at
from anfu.kernel.clock import ManualClock
from anfu.payments.access.invite import invite_administrator
from anfu.risk.operations import publish

ORIGIN = "http://localhost:8080"
COOKIE = "__Host-anfu-session"
# A session notes that somebody is there, whatever he is answered.
SEEN = "parties.staff_session"
PASSWORD = "correct horse battery"
AWAY = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
HOME = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


@dataclass
class Member:
    """One of the staff, at a browser of his own."""

    http: httpx.AsyncClient
    clock: ManualClock
    login: str
    id: str = ""
    seed: bytes = b""
    key: Authenticator | None = None
    password: str = PASSWORD
    token: str | None = None
    csrf: str = ""
    count: int = 0

    def code(self) -> str:
        """The app's code now; a code is good once, so time goes on first."""
        self.clock.advance(timedelta(seconds=PERIOD_S))
        return hotp(self.seed, step_at(now=self.clock.now()))

    async def enlist(self, invitation: str, *, passkey: bool = False) -> httpx.Response:
        begun = await self._open("/v1/enlistment/begin", {"invitation": invitation})
        assert begun.status_code == 200, begun.text
        self.seed = seed_in(begun.json()["totp"])
        form: dict[str, Any] = {"invitation": invitation, "password": self.password}
        if passkey:
            self.key = Authenticator(origin=ORIGIN, id=self.login.encode().ljust(32, b"-"))
            form["attestation"] = self.key.create(begun.json()["passkey"])
        else:
            form["code"] = self.code()
        return await self._open("/v1/enlistment", form)

    async def sign_in(self, **other: Any) -> httpx.Response:
        """With what he set up, or with `other`."""
        headers = other.pop("headers", HOME)
        begun = (await self._open("/v1/sign_in/begin", None)).json()
        form: dict[str, Any] = {"ticket": begun["ticket"], "login": self.login,
                                "password": self.password}  # fmt: skip
        if self.key is not None and "code" not in other:
            form["assertion"] = self.key.get(begun["passkey"]["challenge"])
        else:
            form["code"] = self.code()
        form = {k: v for k, v in {**form, **other}.items() if v is not None}
        answer = await self._open("/v1/sign_in", form, headers)
        self.keep(answer)
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def keep(self, answer: httpx.Response) -> None:
        """As a browser keeps a cookie."""
        for header in answer.headers.get_list("set-cookie"):
            value = header.partition(";")[0].partition("=")[2]
            self.token = value or None

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self._ask("GET", path, None, headers if headers is not None else {})

    async def post(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        self.count += 1
        once = {"Idempotency-Key": f"{self.login}-{self.count}"}
        own = {**HOME, "Anfu-Csrf": self.csrf} if headers is None else headers
        return await self._ask("POST", path, body, {**once, **own})

    async def _ask(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> httpx.Response:
        if self.token is not None:
            headers = {**headers, "Cookie": f"{COOKIE}={self.token}"}
        content = b"" if body is None else msgspec.json.encode(body)
        answer = await self.http.request(method, path, content=content, headers=headers)
        self.keep(answer)
        return answer

    async def _open(
        self, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        content = b"" if body is None else msgspec.json.encode(body)
        return await self.http.post(path, content=content, headers=headers or HOME)


async def first(house: House, login: str, **how: Any) -> Member:
    """An administrator, as the command line makes one, signed in."""
    invited = await house.database.run(
        lambda tx: invite_administrator(tx, house.tools, login, login, now=house.clock.now())
    )
    member = Member(house.http, house.clock, login, invited.staff.id)
    done = await member.enlist(invited.invitation, **how)
    assert (done.status_code, done.json()["state"]) == (200, "ACTIVE"), done.text
    assert (await member.sign_in()).status_code == 200
    return member


async def two(house: House) -> tuple[Member, Member]:
    """Two administrators."""
    return await first(house, "admin.one"), await first(house, "admin.two")


async def invited(admin: Member, login: str, *roles: str) -> tuple[Member, str]:
    """Somebody with a link, which is told."""
    form = {"login": login, "name": login, "roles": list(roles)}
    answer = await admin.post("/v1/staff", form)
    assert answer.status_code == 201, answer.text
    document = answer.json()
    return Member(admin.http, admin.clock, login, document["id"]), document["invitation"]


async def enabled(admin: Member, member: Member) -> httpx.Response:
    """A second administrator says yes to the newest proposal about the account."""
    found = (await admin.get("/v1/staff_changes?state=OPEN")).json()["data"]
    proposal = next(p for p in found if p["target"] == member.id)
    return await approve(admin, proposal["id"])


async def approve(admin: Member, proposal: str) -> httpx.Response:
    return await admin.post(f"/v1/staff_changes/{proposal}/approve", {"note": "spoke"})


async def hired(house: House, admins: tuple[Member, Member], login: str, *roles: str) -> Member:
    """A member of the staff with these roles, signed in."""
    member, link = await invited(admins[0], login, *roles)
    assert (await member.enlist(link)).json()["state"] == "WAITING"
    answer = await enabled(admins[1], member)
    assert answer.status_code == 200, answer.text
    assert (await member.sign_in()).status_code == 200
    return member


async def strict(house: House) -> None:
    """From now on each payment of 100 yuan and more is held for a person."""
    engine = house.tools.engine
    engine.use(RULES)
    await house.database.run(
        lambda tx: publish(tx, catalogue=engine.catalogue, rule_set=engine.rule_set)
    )


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
