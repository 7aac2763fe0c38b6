"""What carries a request to a firm outside: sockets, or in a test the firm itself in process.

Why not httpx on sockets: it looks through all its connections for each of them that moves
(docs/decisions/0021). It stays the port of what is in process.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

import aiohttp
import httpx
from yarl import URL

# Raised before the first byte of a request leaves.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# What is said for us: who asks, and that nothing is packed, so that what is read is what was sent.
_OURS = {"user-agent": "Anfu", "accept-encoding": "identity"}


@dataclass(slots=True)
class Request:
    """`url` goes out as it is written, for it may be signed. `sent`: a byte of it may have left;
    while it is False, certainly none has."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    sent: bool = False


class Heard(NamedTuple):
    """The beginning of an answer and what follows; header names in lower case, the values of one
    name joined by commas (RFC 9110, section 5.3)."""

    status: int
    headers: Mapping[str, str]
    parts: AsyncIterator[bytes]


class LostError(Exception):
    """The connection, or the sense of what came over it."""


class Wire(Protocol):
    """Raises LostError; bounds neither time nor size. Follows no redirect, keeps no cookie, asks no
    proxy of the environment."""

    def carry(self, request: Request) -> AbstractAsyncContextManager[Heard]: ...

    async def aclose(self) -> None: ...


class Sockets:
    """At most `connections` at once, kept for 4 s; further requests wait for one of them. `tls`
    carries a certificate of ours; without it the authorities are Mozilla's."""

    def __init__(self, *, connections: int, tls: ssl.SSLContext | None = None) -> None:
        self._connections = connections
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._opened: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def carry(self, request: Request) -> AsyncIterator[Heard]:
        try:
            async with self._session().request(
                request.method, URL(request.url, encoded=True), data=request.body or None,
                headers=request.headers, allow_redirects=False, trace_request_ctx=request,
            ) as answer:  # fmt: skip
                parts = answer.content.iter_any()
                yield Heard(answer.status, _headers(answer.headers.items()), parts)
        except aiohttp.ClientError as error:
            raise LostError from error

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Made at the first request: it belongs to the loop it is made in."""
        if self._opened is None:
            watch = aiohttp.TraceConfig()
            watch.on_connection_create_end.append(_leaves)
            watch.on_connection_reuseconn.append(_leaves)
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, keepalive_timeout=4, ssl=self._tls
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                headers=_OURS,
                skip_auto_headers=("content-type",),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[watch],
            )
        return self._opened


class InProcess:
    """Through httpx's port of transports."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._http = httpx.AsyncClient(transport=transport, trust_env=False)

    @asynccontextmanager
    async def carry(self, request: Request) -> AsyncIterator[Heard]:
        request.sent = True
        headers = {**_OURS, **request.headers}
        try:
            async with self._http.stream(
                request.method, request.url, content=request.body or None, headers=headers
            ) as answer:
                yield Heard(answer.status_code, dict(answer.headers), answer.aiter_raw())
        except _NOT_SENT as error:
            request.sent = False
            raise LostError from error
        except httpx.TimeoutException as error:
            raise TimeoutError from error
        except httpx.HTTPError as error:
            raise LostError from error

    async def aclose(self) -> None:
        await self._http.aclose()


async def _leaves(_: aiohttp.ClientSession, context: SimpleNamespace, __: Any) -> None:
    """There is a connection: what comes next is the request."""
    context.trace_request_ctx.sent = True


def _headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
