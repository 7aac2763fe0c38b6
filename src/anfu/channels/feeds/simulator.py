"""A publisher of feeds that speaks the same wire, and fails when told to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.feeds.envelope import Issue, seal_issue
from anfu.kernel.clock import Clock


class FeedFault(StrEnum):
    """What may go wrong with the next answers."""

    DOWN = "DOWN"
    SLOW = "SLOW"
    CUT = "CUT"
    FORGED = "FORGED"
    CHANGED = "CHANGED"
    STALE = "STALE"
    REPLAYED = "REPLAYED"
    MISPLACED = "MISPLACED"
    ENDLESS = "ENDLESS"
    REDIRECT = "REDIRECT"


class FeedPublisher:
    """Serves the issues given to `publish` at `/feeds/{list}`; `fault` spoils every answer until it
    is taken back. `asked` counts requests, `sent` those answered with a body."""

    def __init__(self, key: Ed25519PrivateKey, *, clock: Clock) -> None:
        self._key, self._clock = key, clock
        self._issues: dict[str, list[Issue]] = {}
        self.fault: FeedFault | None = None
        self.asked = self.sent = 0
        self.app = Starlette(routes=[Route("/feeds/{list}", self._answer)])

    @property
    def public(self) -> str:
        """The key to declare a feed with, in hex."""
        return self._key.public_key().public_bytes_raw().hex()

    def publish(self, name: str, rows: list[str], *, heading: str = "value,expires_at") -> Issue:
        """A new issue, the next of its serial."""
        issues = self._issues.setdefault(name, [])
        csv = "".join(f"{line}\n" for line in (heading, *rows))
        issues.append(Issue(name, len(issues) + 1, self._clock.now(), len(rows), csv))
        return issues[-1]

    async def _answer(self, request: Request) -> Response:
        self.asked += 1
        fault, name = self.fault, request.path_params["list"]
        if fault is FeedFault.DOWN or name not in self._issues:
            return Response(status_code=503)
        if fault is FeedFault.SLOW:
            await asyncio.sleep(2.0)
        if fault is FeedFault.REDIRECT:
            return Response(status_code=302, headers={"location": "http://169.254.169.254/"})
        body = self._body(name, fault)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304)
        self.sent += 1
        headers = {"etag": etag}
        if fault is FeedFault.CUT:
            body = body[: len(body) // 2]
        return Response(body, headers=headers, media_type="text/plain")

    def _body(self, name: str, fault: FeedFault | None) -> bytes:
        issues, key = self._issues[name], self._key
        issue = issues[-1]
        if fault is FeedFault.FORGED:
            key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        if fault is FeedFault.STALE:
            issue = replace(issue, issued_at=issue.issued_at - timedelta(days=400))
        if fault is FeedFault.REPLAYED:
            issue = replace(issues[0], issued_at=self._clock.now())
        if fault is FeedFault.MISPLACED:
            issue = replace(issue, list="another_list")
        if fault is FeedFault.ENDLESS:
            issue = replace(issue, csv=issue.csv + "x" * 2_000_000)
        sealed = seal_issue(issue, key)
        return sealed + b"evil,\n" if fault is FeedFault.CHANGED else sealed
