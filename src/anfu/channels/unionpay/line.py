"""One question to UnionPay and its verified answer.

An answer counts only when: 1. it is a 200 of a bounded size within the time; 2. it is a form;
3. its signature is UnionPay's (`signing.verify`); 4. it is for us and about what was asked: the
protocol has no nonce, so merId, txnType, orderId and txnTime bind it.
"""

from __future__ import annotations

import httpx

from anfu.channels.lines import ANSWER_MAX, Lines
from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import Fields, read_answer, write_form
from anfu.channels.unionpay.signing import sign, verify
from anfu.channels.wires import Request
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused

_FORM = "application/x-www-form-urlencoded;charset=UTF-8"
_BINDING = ("merId", "txnType", "orderId", "txnTime")


class Line:
    """`transport` replaces the wire, e.g. by an in-process one; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        answer_max: int = ANSWER_MAX,
    ) -> None:
        self._member, self._clock, self._answer_max = member, clock, answer_max
        self._lines = Lines(timeout_s=member.answer_s, transport=transport)

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
        form = Request("POST", url, {"content-type": _FORM}, write_form(self.signed(fields)))
        reply = await self._lines.exchange(form, most_bytes=self._answer_max)
        if reply.status != 200:  # 1
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}")
        try:
            said = read_answer(reply.body)  # 2
            verify(said, self._member.authorities, now=self._clock.now())  # 3
        except Refused as refusal:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_untrusted") from refusal
        if any(said.get(name) != fields[name] for name in _BINDING if name in fields):  # 4
            raise OutsideFailure(Outcome.UNKNOWN, "answer_misplaced")
        return said

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._lines.aclose()
