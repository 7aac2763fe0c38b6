"""The sandbox network as a `Channel`: signed requests, and no answer believed unverified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from anfu.channels.lines import Lines
from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund
from anfu.channels.sandbox.messages import Identity, Place, nonce_of, sign, verify
from anfu.channels.sandbox.statements import Statement, read_statement
from anfu.channels.wires import Request
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import Entropy


@dataclass(frozen=True, slots=True)
class Link:
    """Where the network is and how long one call may take in all, connecting included."""

    url: str
    timeout_s: float = 5.0
    connections: int = 128


class SandboxChannel:
    """A `Channel`. `transport` replaces the wire, e.g. by an in-process one; close when done."""

    def __init__(
        self,
        link: Link,
        identity: Identity,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._link, self._identity, self._clock, self._entropy = link, identity, clock, entropy
        self._lines = Lines(
            timeout_s=link.timeout_s, connections=link.connections, transport=transport
        )

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        body = {
            "payment": order.payment,
            "amount": order.amount,
            "currency": order.currency,
            "card": order.card,
        }
        try:
            said = await self._ask("/v1/payments", body)
        except OutsideFailure as failure:
            return _failed(failure, first=order.first)
        about = (said.payment, said.refund) == (order.payment, None)
        return _answer(said, about=about, asked=(order.amount, order.currency))

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        return await self._about_payment("/v1/payments/query", order.payment)

    async def close(self, order: ChannelOrder) -> ChannelAnswer:
        return await self._about_payment("/v1/payments/close", order.payment)

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        body = {
            "refund": refund.refund,
            "payment": refund.payment,
            "amount": refund.amount,
            "currency": refund.currency,
        }
        try:
            said = await self._ask("/v1/refunds", body)
        except OutsideFailure as failure:
            return _failed(failure, first=refund.first)
        about = (said.payment, said.refund) == (refund.payment, refund.refund)
        return _answer(said, about=about, asked=(refund.amount, refund.currency))

    async def query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        try:
            said = await self._ask("/v1/refunds/query", {"refund": refund.refund})
        except OutsideFailure as failure:
            return _failed(failure, first=False)
        return _answer(said, about=said.refund == refund.refund)

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._lines.aclose()

    async def _about_payment(self, path: str, payment: str) -> ChannelAnswer:
        try:
            said = await self._ask(path, {"payment": payment})
        except OutsideFailure as failure:
            return _failed(failure, first=False)
        return _answer(said, about=(said.payment, said.refund) == (payment, None))

    async def _ask(self, path: str, value: Mapping[str, Any]) -> Statement:
        """The network's verified statement. Raises OutsideFailure: NOT_DONE when nothing of the
        request was sent, else UNKNOWN."""
        body = canonical_bytes(value)
        now = self._clock.now()
        request = sign(self._identity, Place("POST", path), body, now=now, entropy=self._entropy)
        status, headers, answer = await self._exchange(path, request, body)
        place = Place("POST", path, answers=nonce_of(request), status=status)
        if status != 200:
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{status}")
        try:
            verify(self._identity, place, headers, answer, now=self._clock.now())
            return read_statement(answer)
        except Refused as refusal:
            raise OutsideFailure(Outcome.UNKNOWN, refusal.code) from refusal

    async def _exchange(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {**headers, "content-type": "application/json"}
        url = self._link.url.rstrip("/") + path
        reply = await self._lines.exchange(Request("POST", url, sent, body))
        return reply.status, reply.headers, reply.body


def _failed(failure: OutsideFailure, *, first: bool) -> ChannelAnswer:
    """What was not sent now may have been sent before, unless this was the first time."""
    outcome = failure.outcome if first else Outcome.UNKNOWN
    return ChannelAnswer(outcome, None, failure.reason)


def _answer(said: Statement, *, about: bool, asked: tuple[int, str] | None = None) -> ChannelAnswer:
    outcome, reason = said.outcome, said.reason
    if not about:
        return ChannelAnswer(Outcome.UNKNOWN, None, "answer_misplaced")
    if outcome is Outcome.DONE:
        reason = None
        if asked is not None and (said.amount, said.currency) != asked:
            outcome, reason = Outcome.UNKNOWN, "amount_mismatch"
    elif reason is None:
        reason = said.state.lower()
    return ChannelAnswer(outcome, said.reference, reason, said.amount, said.currency)
