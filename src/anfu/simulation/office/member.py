"""One of the staff, at a browser: opens the link, signs in, asks with the cookie."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import msgspec

from anfu.authentication.otp import hotp, step_at
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure

_COOKIE = "__Host-anfu-session"
_WHY = quote("演示数据 demo")


@dataclass(frozen=True, slots=True)
class Building:
    """Where the console is: `origin` as the browser calls it, `http` the way there, and the clock
    that codes are compared by."""

    origin: str
    http: httpx.AsyncClient
    clock: Clock


@dataclass(slots=True)
class Member:
    """`seed` is what the app makes codes from; nothing of it is shown."""

    building: Building
    login: str
    password: str = field(repr=False)
    seed: bytes = field(default=b"", repr=False)
    _token: str | None = field(default=None, repr=False)
    _csrf: str = field(default="", repr=False)
    _numbers: count[int] = field(default_factory=count, repr=False)

    async def enlist(self, invitation: str) -> None:
        """Set the account up: a password, and an app. Raises OutsideFailure for a no."""
        begun = await self._open("/v1/enlistment/begin", {"invitation": invitation})
        self.seed = seed_in(begun["totp"])
        form = {"invitation": invitation, "password": self.password, "code": self._code()}
        await self._open("/v1/enlistment", form)

    async def sign_in(self) -> None:
        """With the password and the app's present code, which is good once. Raises
        OutsideFailure."""
        begun = await self._open("/v1/sign_in/begin", None)
        form = {"ticket": begun["ticket"], "login": self.login, "password": self.password}
        session = await self._open("/v1/sign_in", {**form, "code": self._code()})
        self._csrf = session["csrf"]

    async def get(self, path: str) -> dict[str, Any]:
        """Read. Raises OutsideFailure for a no."""
        return await self._ask("GET", path, None, {"Anfu-Reason": _WHY})

    async def post(self, path: str, body: object = None) -> dict[str, Any]:
        """Write. Raises OutsideFailure for a no."""
        own = {
            **self._site(), "Anfu-Csrf": self._csrf, "Anfu-Reason": _WHY,
            "Idempotency-Key": f"{self.login}-{next(self._numbers)}",
        }  # fmt: skip
        return await self._ask("POST", path, body, own)

    def _code(self) -> str:
        return hotp(self.seed, step_at(now=self.building.clock.now()))

    def _site(self) -> dict[str, str]:
        return {"Origin": self.building.origin, "Sec-Fetch-Site": "same-origin"}

    async def _open(self, path: str, body: object) -> dict[str, Any]:
        return await self._ask("POST", path, body, self._site())

    async def _ask(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> dict[str, Any]:
        if self._token is not None:
            headers = {**headers, "Cookie": f"{_COOKIE}={self._token}"}
        content = b"" if body is None else msgspec.json.encode(body)
        try:
            answer = await self.building.http.request(
                method, path, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise OutsideFailure(Outcome.UNKNOWN, f"{path}: {type(error).__name__}") from error
        self._keep(answer)
        document: dict[str, Any] = answer.json() if answer.content else {}
        if answer.is_error:
            said = f"{answer.status_code} {document.get('code')}"
            raise OutsideFailure(Outcome.NOT_DONE, f"{self.login} {method} {path}: {said}")
        return document

    def _keep(self, answer: httpx.Response) -> None:
        """As a browser keeps its cookie."""
        for header in answer.headers.get_list("set-cookie"):
            name, _, value = header.partition(";")[0].partition("=")
            if name == _COOKIE:
                self._token = value or None


def seed_in(uri: str) -> bytes:
    """The seed in what an app reads (the key URI format)."""
    return base64.b32decode(parse_qs(urlsplit(uri).query)["secret"][0])
