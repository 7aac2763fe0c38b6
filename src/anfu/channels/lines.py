"""Lines: connections to one firm outside, many at once.

httpx looks through all connections of a client for each request, and asks the system about those
that are idle: with a hundred of them that costs more than the request. So they are shared out
among clients of a few connections each, and a request goes to the least busy one.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

_EACH = 8


class Lines:
    """At most `connections` to `url`, one call bounded by `timeout_s` between two bytes.
    `transport` replaces the wire, e.g. by an in-process one; `context` its TLS, e.g. by one with a
    certificate of ours. Close when done."""

    def __init__(
        self,
        url: str,
        *,
        connections: int,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        # A context reads all the world's certificates: 25 ms, which another wire need not spend.
        secure = None if transport else context or ssl.create_default_context()
        limits = httpx.Limits(max_connections=_EACH, keepalive_expiry=4)

        def client() -> httpx.AsyncClient:
            wire = transport or httpx.AsyncHTTPTransport(
                verify=secure or True, limits=limits, trust_env=False
            )
            return httpx.AsyncClient(
                base_url=url, transport=wire, timeout=timeout_s, follow_redirects=False,
                trust_env=False,
            )  # fmt: skip

        self._clients = [client() for _ in range(-(-connections // _EACH))]
        self._busy = [0] * len(self._clients)

    @contextmanager
    def line(self) -> Iterator[httpx.AsyncClient]:
        """A client to make one call with."""
        number = min(range(len(self._busy)), key=self._busy.__getitem__)
        self._busy[number] += 1
        try:
            yield self._clients[number]
        finally:
            self._busy[number] -= 1

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        for client in self._clients:
            await client.aclose()
