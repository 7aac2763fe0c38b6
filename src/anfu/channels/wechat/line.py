"""The signed line to API v3: what is sent is what was signed, and no answer counts unverified."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from anfu.channels.lines import ANSWER_MAX, Lines, Reply
from anfu.channels.wechat.member import PRIVATE_KEY, Member
from anfu.channels.wechat.sealing import read_object
from anfu.channels.wechat.signing import SERIAL, authorization, verify
from anfu.channels.wires import Request
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import Entropy

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


@dataclass(frozen=True, slots=True)
class Said:
    """A verified answer; `value` is empty for 204."""

    status: int
    value: Mapping[str, Any] = field(repr=False)

    @property
    def code(self) -> str | None:
        """The network's code of an error, or of what is not over yet (202)."""
        code = self.value.get("code")
        return code if isinstance(code, str) and _CODE.fullmatch(code) else None


class Line:
    """Asks API v3 as `member`; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.member, self._clock, self._entropy = member, clock, entropy
        self._lines = Lines(timeout_s=member.timeout_s, transport=transport)

    async def ask(
        self,
        method: str,
        target: str,
        value: Mapping[str, Any] | None = None,
        *,
        sealed_for: str | None = None,
    ) -> Said:
        """The network's verified answer; `sealed_for` names its key that parts of `value` are
        encrypted for. Raises OutsideFailure as `Lines.exchange`, and UNKNOWN for an answer that is
        not its own or an error of its servers; Refused when a key file of ours is none, before
        anything is sent."""
        reply = await self.send(method, target, value, sealed_for=sealed_for)
        try:
            now = self._clock.now()
            verify(self.member.keys.publics(), reply.headers, reply.body, now=now)
            said = Said(reply.status, read_object(reply.body) if reply.body else {})
        except Refused as refusal:
            if reply.status >= 500:
                raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}") from refusal
            raise OutsideFailure(Outcome.UNKNOWN, "answer_untrusted") from refusal
        if 300 <= said.status < 400:
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{said.status}")
        return said

    async def send(
        self,
        method: str,
        target: str,
        value: Mapping[str, Any] | None = None,
        *,
        sealed_for: str | None = None,
        most_bytes: int = ANSWER_MAX,
    ) -> Reply:
        """As `ask`, the answer unverified."""
        body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
        headers = {"accept": "application/json", "authorization": self._sign(method, target, body)}
        if body:
            headers["content-type"] = "application/json"
        if (serial := sealed_for or self.member.network_key) is not None:
            headers[SERIAL] = serial
        request = Request(method, self.member.url.rstrip("/") + target, headers, body)
        return await self._lines.exchange(request, most_bytes=most_bytes)

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._lines.aclose()

    def _sign(self, method: str, target: str, body: bytes) -> str:
        member = self.member
        return authorization(
            member.keys.private(PRIVATE_KEY),
            member.merchant,
            member.serial,
            (method, target),
            body,
            timestamp=str(int(self._clock.now().timestamp())),
            nonce=self._entropy.bytes(16).hex().upper(),
        )
