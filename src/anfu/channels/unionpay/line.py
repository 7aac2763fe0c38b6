"""One question to UnionPay and its verified answer.

An answer counts only when: 1. it is a 200 of a bounded size within the time; 2. it is a form;
3. its signature is UnionPay's (`signing.verify`); 4. it is for us and about what was asked: the
protocol has no nonce, so merId, txnType, orderId and txnTime bind it.
"""

from __future__ import annotations

import asyncio

import httpx

from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import Fields, read_answer, write_form
from anfu.channels.unionpay.signing import sign, verify
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.storage.transaction import forbid_open_transaction

# Raised before the first byte of a request leaves.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_ANSWER_MAX = 64 * 1024
_CONNECTIONS = 128
_BINDING = ("merId", "txnType", "orderId", "txnTime")


class Line:
    """`transport` replaces the wire, e.g. by an in-process one; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_max: int = _ANSWER_MAX,
    ) -> None:
        self._member, self._clock, self._answer_max = member, clock, answer_max
        limits = httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=4)
        self._http = httpx.AsyncClient(
            transport=transport or httpx.AsyncHTTPTransport(limits=limits, trust_env=False),
            timeout=member.answer_s,
            follow_redirects=False,
            trust_env=False,
        )

    def signed(self, fields: Fields) -> Fields:
        """The fields with our certId and signature. Raises OutsideFailure(NOT_DONE)."""
        try:
            key, certificate = self._member.signer()
        except Refused as refusal:
            raise OutsideFailure(Outcome.NOT_DONE, "merchant_misconfigured") from refusal
        return sign({**fields, "certId": certificate}, key)

    async def ask(self, url: str, fields: Fields) -> Fields:
        """The answer, 1 to 4. Raises OutsideFailure: NOT_DONE when nothing was sent, else UNKNOWN;
        BrokenInvariant in an open transaction."""
        forbid_open_transaction()
        status, body = await self._exchange(url, write_form(self.signed(fields)))
        if status != 200:  # 1
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{status}")
        try:
            said = read_answer(body)  # 2
            verify(said, self._member.authorities, now=self._clock.now())  # 3
        except Refused as refusal:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_untrusted") from refusal
        if any(said.get(name) != fields[name] for name in _BINDING if name in fields):  # 4
            raise OutsideFailure(Outcome.UNKNOWN, "answer_misplaced")
        return said

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._http.aclose()

    async def _exchange(self, url: str, body: bytes) -> tuple[int, bytes]:
        headers = {
            "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
            "accept-encoding": "identity",
        }
        try:
            # httpx bounds each read; a peer that drips bytes is bounded by the whole.
            async with (
                asyncio.timeout(self._member.answer_s),
                self._http.stream("POST", url, content=body, headers=headers) as response,
            ):
                return response.status_code, await self._bounded(response)
        except _NOT_SENT as error:
            raise OutsideFailure(Outcome.NOT_DONE, "not_sent") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise OutsideFailure(Outcome.UNKNOWN, "timed_out") from error
        except httpx.HTTPError as error:
            raise OutsideFailure(Outcome.UNKNOWN, "connection_lost") from error

    async def _bounded(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_raw():
            parts.append(part)
            size += len(part)
            if size > self._answer_max:
                raise OutsideFailure(Outcome.UNKNOWN, "answer_too_large")
        return b"".join(parts)
