"""Who attacks: somebody with a key, or with none, over real HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx
import msgspec

from anfu.parties.signature import SignedRequest, sign_request, signing_key


@dataclass(frozen=True, slots=True)
class Caller:
    """`key` None: nobody whom the API knows."""

    http: httpx.AsyncClient
    key: str | None = None
    secret: str = field(default="", repr=False)

    def request(
        self, method: str, target: str, body: Any = None, *, once: str | None = None,
        headers: dict[str, str] | None = None, late_s: float = 0.0,
    ) -> httpx.Request:  # fmt: skip
        """A request signed as it goes over the line, `late_s` ago. `body`: JSON values, or the
        bytes themselves."""
        content = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        sent = {"Idempotency-Key": once or token_hex(8), "Content-Type": "application/json"}
        built = self.http.build_request(method, target, content=content)
        if self.key is not None:
            path = built.url.raw_path.decode("ascii")
            signed = SignedRequest(method, path, sent["Idempotency-Key"], content)
            now = datetime.now(UTC) - timedelta(seconds=late_s)
            sent["Anfu-Key"] = self.key
            sent["Anfu-Signature"] = sign_request(signing_key(self.secret), request=signed, now=now)
        built.headers.update(sent | (headers or {}))
        return built

    async def ask(self, method: str, target: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send what `request` makes."""
        return await self.http.send(self.request(method, target, body, **more))

    async def make(self, target: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """A write that has to be done. Raises AssertionError with the answer otherwise."""
        answer = await self.ask("POST", target, body, **more)
        assert answer.is_success, f"{target}: {answer.text}"
        return dict(answer.json())

    async def read(self, target: str) -> dict[str, Any]:
        """A read that has to be answered."""
        answer = await self.ask("GET", target)
        assert answer.is_success, f"{target}: {answer.text}"
        return dict(answer.json())


def encode(body: Any) -> bytes:
    """As JSON."""
    return msgspec.json.encode(body)


def code_of(answer: httpx.Response) -> str | None:
    """The code of a problem; None for any other answer."""
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    return str(answer.json()["code"])
