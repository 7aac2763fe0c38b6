"""One call of Alipay's gateway: signed, bounded in time and size, its answer verified."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx

from anfu.channels.alipay.answers import Answer, Untrusted, read_answer
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.requests import signed_request
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.storage.transaction import forbid_open_transaction

_ANSWER_MOST = 64 * 1024
# Raised before the first byte of a request leaves.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Gateway:
    """Alipay's gateway for one member. `transport` replaces the wire; close when done."""

    def __init__(
        self, member: Member, *, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._member, self._clock = member, clock
        limits = httpx.Limits(max_connections=128, keepalive_expiry=4)
        self._http = httpx.AsyncClient(
            transport=transport or httpx.AsyncHTTPTransport(limits=limits, trust_env=False),
            timeout=member.timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    async def ask(self, method: str, content: Mapping[str, str]) -> Answer | Untrusted:
        """The answer to a call. Raises OutsideFailure (NOT_DONE when nothing was sent, else
        UNKNOWN), and BrokenInvariant in an open transaction."""
        values = self.signed(method, content)
        # What is long or private travels in the body, where no log of addresses sees it.
        body = urlencode({"biz_content": values.pop("biz_content")}).encode()
        url = f"{self._member.gateway}?{urlencode(values)}"
        answer = await self.exchange("POST", url, body, most_bytes=_ANSWER_MOST)
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
        sent = {"accept-encoding": "identity"}
        if body:
            sent["content-type"] = "application/x-www-form-urlencoded;charset=utf-8"
        try:
            # httpx bounds each read; a peer that drips bytes is bounded by the whole.
            async with (
                asyncio.timeout(self._member.timeout_s),
                self._http.stream(verb, url, content=body, headers=sent) as response,
            ):
                return await _read(response, most_bytes)
        except _NOT_SENT as error:
            raise OutsideFailure(Outcome.NOT_DONE, "not_sent") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "timed_out") from error
        except httpx.HTTPError as error:
            raise OutsideFailure(Outcome.UNKNOWN, "connection_lost") from error

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()


async def _read(response: httpx.Response, most_bytes: int) -> bytes:
    if response.status_code != 200:
        raise OutsideFailure(Outcome.UNKNOWN, f"http_{response.status_code}")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > most_bytes:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_too_large")
    return bytes(body)
