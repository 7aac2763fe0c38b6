"""Fetching a feed: over https with ETag (RFC 9110, 8.8.3), or from a folder of the operator's.

The address was approved by two people; still it is only reached where `AddressGuard` lets it.
Redirects are not followed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpcore

from anfu.channels.addresses import (
    LOOPBACK,
    AddressGuard,
    AddressRefused,
    GuardedBackend,
    Network,
)
from anfu.channels.webhooks import check_url
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.storage.transaction import forbid_open_transaction

_TIMEOUT_S = 60.0
_ETAG_MOST = 200


@dataclass(frozen=True, slots=True)
class Fetched:
    """`body` is None when nothing is new since `etag`."""

    body: bytes | None
    etag: str | None


class FeedClient:
    """Fetches feeds over a pool of its own; `aclose` when done. `folder` is where feeds given by a
    file name lie. `allow_loopback` is for development and also allows plain http."""

    def __init__(
        self,
        folder: Path,
        *,
        allow_loopback: bool = False,
        allowed: tuple[Network, ...] = (),
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._schemes = frozenset({"https", "http"} if allow_loopback else {"https"})
        guard = AddressGuard((*allowed, *LOOPBACK) if allow_loopback else allowed)
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=8, keepalive_expiry=4, network_backend=GuardedBackend(guard)
        )

    async def fetch(self, place: str, *, etag: str | None, most_bytes: int) -> Fetched:
        """What lies at `place`, unless it is what `etag` names. Raises OutsideFailure when it
        cannot be had, Refused("feed_too_large") for more than `most_bytes`."""
        forbid_open_transaction()
        if "://" not in place:
            return await asyncio.to_thread(self._read, place, etag, most_bytes)
        try:
            url = check_url(place, self._schemes).geturl()
            async with asyncio.timeout(self._timeout_s):
                return await self._get(url, etag, most_bytes)
        except Refused as refusal:
            if refusal.code == "feed_too_large":
                raise
            raise OutsideFailure(Outcome.NOT_DONE, "the address is no https address") from None
        except AddressRefused:
            raise OutsideFailure(Outcome.NOT_DONE, "the address is not allowed") from None
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "timed out") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "connection failed") from error

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._pool.aclose()

    async def _get(self, url: str, etag: str | None, most_bytes: int) -> Fetched:
        headers = [("Host", urlsplit(url).netloc), ("User-Agent", "Anfu"),
                   ("Accept-Encoding", "identity")]  # fmt: skip
        if etag is not None:
            headers.append(("If-None-Match", etag))
        async with self._pool.stream("GET", url, headers=headers) as response:
            if response.status == 304:
                return Fetched(None, etag)
            if response.status != 200:
                raise OutsideFailure(Outcome.UNKNOWN, f"answered {response.status}")
            body = bytearray()
            async for part in response.aiter_stream():
                body += part
                if len(body) > most_bytes:
                    raise Refused("feed_too_large", field="feed", most=most_bytes)
            named = dict(response.headers).get(b"etag", b"").decode("latin-1")
            known = named if 0 < len(named) <= _ETAG_MOST and named.isprintable() else None
            return Fetched(bytes(body), known)

    def _read(self, name: str, etag: str | None, most_bytes: int) -> Fetched:
        """A file by its name alone; its time and size stand for an ETag."""
        path = self._folder / Path(name).name
        try:
            status = path.stat()
            mark = f"{status.st_mtime_ns}-{status.st_size}"
            if mark == etag:
                return Fetched(None, etag)
            if status.st_size > most_bytes:
                raise Refused("feed_too_large", field="feed", most=most_bytes)
            return Fetched(path.read_bytes(), mark)
        except OSError as error:
            raise OutsideFailure(Outcome.NOT_DONE, "the file cannot be read") from error
