"""UnionPay as a `Channel`.

What is submitted is only accepted by a 00 (交易已受理); whether it was done says a query, which
follows at once. There is no close: the order says until when the payer may pay (payTimeout), after
that the network refuses him, so an order that is then still not paid there has ended. Until then a
decline on a page is not the end either, because the payer may try another card.
"""

from __future__ import annotations

from datetime import timedelta

import httpx

from anfu.channels.port import (
    ChannelAnswer,
    ChannelOrder,
    ChannelRefund,
    Handover,
    HandoverKind,
    Scene,
)
from anfu.channels.unionpay import scenes
from anfu.channels.unionpay.answers import (
    answer_of,
    end_of,
    failure_of,
    read_result,
    unsent,
)
from anfu.channels.unionpay.line import Line
from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import CURRENCIES, Fields, order_id
from anfu.channels.unionpay.reasons import FINAL, Kind, Meaning, meaning, refund_meaning
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.kernel.ids import Entropy
from anfu.storage.transaction import forbid_open_transaction

_SUBMITTED = frozenset({Kind.DONE, Kind.DOUBT, Kind.AWAITED, Kind.REPEATED})


class UnionpayChannel:
    """A `Channel`, with `reverse` besides. This protocol has no nonce: `entropy` is not used."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,  # every network's client is made alike
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._clock = member, clock
        self._line = Line(member, clock=clock, transport=transport)

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        forbid_open_transaction()
        if (flaw := scenes.flaw(order)) is not None:
            return unsent(flaw, first=order.first)
        if order.scene in scenes.FORMS:
            return self._form(order)
        if order.scene is Scene.PAYER_CODE and order.code is None:
            return await self.query(order)  # codes are not kept: only asking is left
        return await self._submit(order)

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        fields = scenes.query_fields(self._member, order.payment, order.at)
        try:
            said = await self._line.ask(self._url(scenes.QUERY), fields)
        except OutsideFailure as failure:
            return failure_of(failure, first=False)
        return self._judged(said, order)

    async def close(self, order: ChannelOrder) -> ChannelAnswer:
        """As `query`: NOT_DONE is what that says once payTimeout is over."""
        return await self.query(order)

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        """退货: any part, for about a year. It needs `reference`, UnionPay's queryId."""
        return await self._give_back(scenes.REFUND, refund)

    async def reverse(self, refund: ChannelRefund) -> ChannelAnswer:
        """消费撤销: the whole of a payment, on the settlement day it was made."""
        return await self._give_back(scenes.REVERSAL, refund)

    async def query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        fields = scenes.query_fields(self._member, refund.refund, refund.at)
        try:
            said = await self._line.ask(self._url(scenes.QUERY), fields)
        except OutsideFailure as failure:
            return failure_of(failure, first=False)
        found, code = read_result(said, refund=True)
        return answer_of(said, found, code, asked=(refund.amount, refund.currency))

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._line.aclose()

    def _form(self, order: ChannelOrder) -> ChannelAnswer:
        """Nothing is sent: the payer's browser brings the form."""
        try:
            form = self._line.signed(scenes.pay_fields(self._member, order))
        except OutsideFailure as failure:
            return failure_of(failure, first=order.first)
        values = {"action": self._url(scenes.FRONT), **form}
        given = Handover(HandoverKind.FORM, values)
        return ChannelAnswer(Outcome.UNKNOWN, None, "payer_awaited", handover=given)

    async def _submit(self, order: ChannelOrder) -> ChannelAnswer:
        fields = scenes.pay_fields(self._member, order)
        try:
            said = await self._line.ask(self._url(scenes.endpoint(order.scene)), fields)
        except OutsideFailure as failure:
            return failure_of(failure, first=order.first)
        code = said.get("respCode", "")
        if code == "00" and order.scene in scenes.ATTENDED:
            given = scenes.handover(self._member, order, said)
            reason = "payer_awaited" if given else "request_refused"
            return ChannelAnswer(Outcome.UNKNOWN, None, reason, handover=given, said=code)
        if meaning(code).kind in _SUBMITTED:
            return await self.query(order)
        return await self._refused(meaning(code), code, order)

    def _judged(self, said: Fields, order: ChannelOrder) -> ChannelAnswer:
        """What a query says of a payment, together with the time."""
        found, code = read_result(said, refund=False)
        answer = answer_of(said, found, code, asked=(order.amount, order.currency))
        if self._over(order) and found.kind in FINAL | {Kind.MISSING, Kind.AWAITED}:
            reason = found.reason if found.kind in FINAL else "order_expired"
            return ChannelAnswer(Outcome.NOT_DONE, None, reason, said=code)
        tried = order.scene in scenes.ATTENDED and found.kind in FINAL
        if tried or (order.scene in scenes.FORMS and found.kind is Kind.MISSING):
            return ChannelAnswer(Outcome.UNKNOWN, None, "payer_awaited", said=code)
        return answer

    def _over(self, order: ChannelOrder) -> bool:
        end = scenes.expiry(self._member, order) + timedelta(seconds=self._member.grace_s)
        return self._clock.now() > end

    async def _refused(self, found: Meaning, code: str, order: ChannelOrder) -> ChannelAnswer:
        """A refusal is the end at the first sending; later it may be the second of two requests
        that is refused, so the network is asked about the number."""
        if order.first or found.kind not in FINAL:
            return end_of(found, code)
        answer = await self.query(order)
        if answer.reason in ("not_found", "payer_awaited"):
            return ChannelAnswer(Outcome.UNKNOWN, None, found.reason, said=code)
        return answer

    async def _give_back(self, kind: str, refund: ChannelRefund) -> ChannelAnswer:
        if refund.reference is None or refund.currency not in CURRENCIES:
            return unsent("request_refused", first=refund.first)
        fields = {
            **scenes.back_fields(self._member, kind, refund.refund, refund.at),
            "origQryId": refund.reference,
            "txnAmt": str(refund.amount),
            "currencyCode": CURRENCIES[refund.currency],
            # Comes back in notices and bills: says there which payment it is about.
            "reqReserved": order_id(refund.payment),
        }
        try:
            said = await self._line.ask(self._url(scenes.BACK), fields)
        except OutsideFailure as failure:
            return failure_of(failure, first=refund.first)
        code = said.get("respCode", "")
        found = refund_meaning(code)
        if found.kind in _SUBMITTED or (found.kind in FINAL and not refund.first):
            return await self.query_refund(refund)
        return end_of(found, code)

    def _url(self, endpoint: str) -> str:
        return f"{self._member.gateway}/{endpoint}.do"
