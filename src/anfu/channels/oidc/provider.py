"""The identity provider as a client: OpenID Connect Discovery 1.0, RFC 6749, PKCE (RFC 7636).

What it says of itself is read once an hour; its keys again when a token names one we do not know,
once a minute at the most, so that made-up names do not become load on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.storage.transaction import forbid_open_transaction

T = TypeVar("T")
_MOST = 256 * 1024
_ABOUT, _KEYS = timedelta(hours=1), timedelta(minutes=1)
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at the provider. `redirect` is the page of ours that codes are sent to; without a
    `secret` PKCE alone binds the code to us."""

    issuer: str
    id: str
    redirect: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What binds an answer to the browser that asked: `state` and `nonce` come back, `challenge` is
    the SHA-256 of the verifier that is shown with the code."""

    state: str
    nonce: str
    challenge: str


class _About(msgspec.Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]


class _Token(msgspec.Struct):
    id_token: str


class IdentityProvider:
    """A line to the provider of `client`. `transport` replaces the wire; close when done."""

    def __init__(
        self,
        client: Client,
        *,
        clock: Clock,
        timeout_s: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.client = client
        self._clock = clock
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            transport=transport, timeout=timeout_s, follow_redirects=False, trust_env=False
        )
        self._about: tuple[datetime, _About] | None = None
        self._keys: tuple[datetime, Sequence[Mapping[str, Any]]] | None = None

    async def ask(self, question: Question) -> str:
        """The address to send the browser to. Raises OutsideFailure."""
        about = await self._discover()
        query = {
            "response_type": "code", "client_id": self.client.id, "scope": "openid",
            "redirect_uri": self.client.redirect, "state": question.state,
            "nonce": question.nonce, "code_challenge": question.challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        joint = "&" if urlsplit(about.authorization_endpoint).query else "?"
        return f"{about.authorization_endpoint}{joint}{urlencode(query)}"

    async def exchange(self, code: str, verifier: str) -> str:
        """The ID token for a code. Raises Refused `code_refused` when the provider does not take
        it, OutsideFailure when it cannot be asked."""
        about = await self._discover()
        form = {
            "grant_type": "authorization_code", "code": code, "code_verifier": verifier,
            "redirect_uri": self.client.redirect, "client_id": self.client.id,
        }  # fmt: skip
        auth = None
        if self.client.secret is not None:
            auth = httpx.BasicAuth(self.client.id, self.client.secret)
        answer = await self._send("POST", about.token_endpoint, form, auth)
        if answer.status_code in (400, 401):
            raise Refused("code_refused", field="code")
        return _read(answer, _Token).id_token

    async def keys(self, key: str | None) -> Sequence[Mapping[str, Any]]:
        """The provider's public keys (RFC 7517), among them `key` if it has such a one. Raises
        OutsideFailure."""
        now = self._clock.now()
        known = self._keys
        if known is not None and (_has(known[1], key) or now < known[0] + _KEYS):
            return known[1]
        about = await self._discover()
        found = _read(await self._send("GET", about.jwks_uri), _Keys).keys
        self._keys = (now, found)
        return found

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()

    async def _discover(self) -> _About:
        now, known = self._clock.now(), self._about
        if known is not None and now < known[0] + _ABOUT:
            return known[1]
        issuer = self.client.issuer
        about = _read(await self._send("GET", issuer.rstrip("/") + _WELL_KNOWN), _About)
        places = (about.authorization_endpoint, about.token_endpoint, about.jwks_uri)
        if about.issuer != issuer or not all(map(_is_secure, places)):
            raise OutsideFailure(Outcome.NOT_DONE, "the provider is not who it should be")
        self._about = (now, about)
        return about

    async def _send(
        self, method: str, url: str, form: dict[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> httpx.Response:  # fmt: skip
        forbid_open_transaction()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._http.request(method, url, data=form, auth=auth)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "the identity provider is silent") from error


def _read(answer: httpx.Response, kind: type[T]) -> T:
    try:
        if answer.status_code != 200 or len(answer.content) > _MOST:
            raise ValueError
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, ValueError):
        reason = "the identity provider's answer makes no sense"
        raise OutsideFailure(Outcome.UNKNOWN, reason) from None


def _has(keys: Sequence[Mapping[str, Any]], key: str | None) -> bool:
    return any(one.get("kid") == key for one in keys)


def _is_secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
