"""One call of Alipay's gateway: signed, bounded in time and size, its answer verified."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from anfu.channels.alipay.answers import Answer, Untrusted, read_answer
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.requests import signed_request
from anfu.channels.lines import ANSWER_MAX, Lines
from anfu.channels.wires import Request
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.storage.transaction import forbid_open_transaction

_FORM = "application/x-www-form-urlencoded;charset=utf-8"


class Gateway:
    """Alipay's gateway for one member. `transport` replaces the wire; close when done."""

    def __init__(
        self, member: Member, *, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._member, self._clock = member, clock
        self._lines = Lines(timeout_s=member.timeout_s, transport=transport)

    async def ask(self, method: str, content: Mapping[str, str]) -> Answer | Untrusted:
        """The answer to a call. Raises OutsideFailure (NOT_DONE when nothing was sent, else
        UNKNOWN), and BrokenInvariant in an open transaction."""
        values = self.signed(method, content)
        # What is long or private travels in the body, where no log of addresses sees it.
        body = urlencode({"biz_content": values.pop("biz_content")}).encode()
        url = f"{self._member.gateway}?{urlencode(values)}"
        answer = await self.exchange("POST", url, body, most_bytes=ANSWER_MAX)
        try:
            return read_answer(method, answer, self._member.keys.signers)
        except Refused:  # a key of Alipay's that cannot be read is no key
            return Untrusted()

    def signed(
        self, method: str, content: Mapping[str, str], *, back: str | None = None
    ) -> dict[str, str]:
        """A request, not sent. Raises OutsideFailure(NOT_DONE) while our own keys cannot be read,
        and BrokenInvariant in an open transaction."""
        forbid_open_transaction()
        try:
            return signed_request(self._member, method, content, now=self._clock.now(), back=back)
        except Refused as refusal:
            raise OutsideFailure(Outcome.NOT_DONE, "merchant_misconfigured") from refusal

    async def exchange(self, verb: str, url: str, body: bytes, *, most_bytes: int) -> bytes:
        """What a 200 says. Raises OutsideFailure as `ask`."""
        sent = {"content-type": _FORM} if body else {}
        reply = await self._lines.exchange(Request(verb, url, sent, body), most_bytes=most_bytes)
        if reply.status != 200:
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}")
        return reply.body

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._lines.aclose()
