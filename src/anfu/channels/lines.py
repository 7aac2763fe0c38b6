"""Lines: requests to one firm outside, many at once, each bounded in time and size.

How a request ends that is not answered depends on one fact: whether a byte of it may have left.
A connection refused, a handshake that fails or no free connection in time: none has. Whatever
happens to a connection we had, used before or not, one may have.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx

from anfu.channels.wires import InProcess, LostError, Request, Sockets, Wire
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.transaction import forbid_open_transaction

log = logging.getLogger(__name__)
ANSWER_MAX = 64 * 1024
_CONNECTIONS = 128


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that nobody has verified; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Lines:
    """One exchange takes `timeout_s` in all, waiting for a connection included. `transport`
    replaces the sockets, e.g. by an in-process one; `tls` carries a certificate of ours. Close
    when done."""

    def __init__(
        self,
        *,
        timeout_s: float,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = _CONNECTIONS,
    ) -> None:
        self._timeout_s = timeout_s
        self._wire: Wire = (
            Sockets(connections=connections, tls=tls) if transport is None else InProcess(transport)
        )

    async def exchange(self, request: Request, *, most_bytes: int = ANSWER_MAX) -> Reply:
        """Raises OutsideFailure: NOT_DONE("not_sent") when certainly nothing of the request was
        sent, else UNKNOWN; BrokenInvariant in an open transaction."""
        forbid_open_transaction()
        try:
            # A peer that drips bytes is bounded by the whole.
            async with asyncio.timeout(self._timeout_s), self._wire.carry(request) as heard:
                body = await _whole(heard.parts, most_bytes)
                _told(request, heard.status, len(body))
                return Reply(heard.status, heard.headers, body)
        except TimeoutError as error:
            raise _failure(request, "timed_out") from error
        except LostError as error:
            raise _failure(request, "connection_lost") from error

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._wire.aclose()


def _told(request: Request, *how: object) -> None:
    """Where a request went and how it ended; never what either side said, nor the query, which
    holds signatures."""
    log.debug("%s %s: %s", request.method, request.url.partition("?")[0], how)


async def _whole(parts: AsyncIterator[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > most_bytes:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_too_large")
    return bytes(body)


def _failure(request: Request, reason: str) -> OutsideFailure:
    _told(request, reason, "sent" if request.sent else "not sent")
    if not request.sent:
        return OutsideFailure(Outcome.NOT_DONE, "not_sent")
    return OutsideFailure(Outcome.UNKNOWN, reason)
