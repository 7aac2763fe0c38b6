"""One HTTP exchange with WeChat Pay: bounded in time and size, nothing redirected."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import httpx

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.transaction import forbid_open_transaction

ANSWER_MAX = 64 * 1024
# Raised before the first byte of a request leaves.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Request(NamedTuple):
    """`target` is the path with its query, or a whole address."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that nobody has verified; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """A pool of connections to `url`; `transport` replaces it, `tls` carries a certificate of
    ours."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        limits = httpx.Limits(max_connections=128, keepalive_expiry=4)
        self._timeout_s = timeout_s
        self._http = httpx.AsyncClient(
            base_url=url,
            transport=transport
            or httpx.AsyncHTTPTransport(limits=limits, trust_env=False, verify=tls or True),
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    async def exchange(self, request: Request, *, most_bytes: int = ANSWER_MAX) -> Reply:
        """Raises OutsideFailure: NOT_DONE("not_sent") when nothing of the request was sent, else
        UNKNOWN; BrokenInvariant in an open transaction."""
        forbid_open_transaction()
        try:
            # httpx bounds each read; a peer that drips bytes is bounded by the whole.
            async with asyncio.timeout(self._timeout_s):
                return await self._read(request, most_bytes)
        except _NOT_SENT as error:
            raise OutsideFailure(Outcome.NOT_DONE, "not_sent") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "timed_out") from error
        except httpx.HTTPError as error:
            raise OutsideFailure(Outcome.UNKNOWN, "connection_lost") from error

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()

    async def _read(self, request: Request, most_bytes: int) -> Reply:
        sent = {**request.headers, "user-agent": "Anfu", "accept-encoding": "identity"}
        async with self._http.stream(
            request.method, request.target, content=request.body or None, headers=sent
        ) as response:
            answer = bytearray()
            async for part in response.aiter_raw():
                answer += part
                if len(answer) > most_bytes:
                    raise OutsideFailure(Outcome.UNKNOWN, "answer_too_large")
            return Reply(response.status_code, dict(response.headers), bytes(answer))
