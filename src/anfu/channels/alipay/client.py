"""Alipay as a `Channel`.

What is peculiar to it:

- An order handed over (page, wap, app) or shown as a code comes to be only when the payer acts:
  until then Alipay does not know it, and cannot close it. Each carries the moment it ends, and a
  close is believed from `_MARGIN` after that.
- A declined payment may be tried again under its number. A decline is final only for a number that
  was sent once; of an earlier sending nobody knows.
- A refund is done when `fund_change` is Y. N says that nothing moved now: the same number was done
  before, or not yet; the query tells. `refund_fee` is the sum of all refunds, not this one.
- Answers carry no request number: each is checked for the order it speaks of.
- A cancel gives a paid trade's money back, so what a query shows as paid is cancelled by `undo`
  alone; a cancel of what Alipay does not know succeeds without an `action`: that proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx

from anfu.channels.alipay import trades
from anfu.channels.alipay.amounts import CURRENCY, write_amount
from anfu.channels.alipay.answers import Answer, Untrusted
from anfu.channels.alipay.gateway import Gateway
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.requests import handover_of
from anfu.channels.alipay.scenes import content_of, expiry, form_of
from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Scene
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.kernel.ids import Entropy

_MARGIN = timedelta(minutes=10)  # how far two clocks may be apart
_SUCCESS = "10000"


class AlipayChannel:
    """A `Channel`. `transport` replaces the wire, e.g. by an in-process one; close when done.
    The protocol knows no nonce, so `entropy` is asked for nothing."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._clock, self._entropy = member, clock, entropy
        self._gateway = Gateway(member, clock=clock, transport=transport)

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        form = form_of(order)
        if order.scene is Scene.PAYER_CODE and order.code is None and not order.first:
            return await self.query(order)  # codes are not kept, so it cannot be sent again
        if form is None or order.currency != CURRENCY:
            reason = "request_refused" if form is None else "currency_mismatch"
            return _unsent(reason, first=order.first)
        content = content_of(order, form, self._member)
        if form.handed:
            return self._handed(order, form.method, content)
        return await self._sent(order, form.method, content)

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        answer = await self._ask("alipay.trade.query", _number(order))
        return trades.queried(answer, order) if isinstance(answer, Answer) else answer

    async def close(self, order: ChannelOrder) -> ChannelAnswer:
        """Asks first: what is paid is neither closed nor, without `undo`, cancelled."""
        found = await self.query(order)
        undone = order.undo and found.outcome is Outcome.DONE
        if not undone and found.reason not in ("payer_awaited", "not_found"):
            return found
        verb = "cancel" if order.scene is Scene.PAYER_CODE else "close"
        answer = await self._ask(f"alipay.trade.{verb}", _number(order))
        if isinstance(answer, ChannelAnswer):
            return answer
        if answer.code == _SUCCESS and (verb == "close" or answer.text("action")):
            said = answer.text("action") or answer.said
            return ChannelAnswer(Outcome.NOT_DONE, found.reference, "closed", said=said)
        if answer.code == _SUCCESS or trades.is_unknown_trade(answer):
            return self._never_made(order, answer)
        # Paid or closed since we asked, or too busy to say.
        known = await self.query(order)
        if order.undo and known.outcome is Outcome.DONE:
            return replace(known, outcome=Outcome.UNKNOWN, reason="processing")
        return known

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        if refund.currency != CURRENCY:
            return _unsent("currency_mismatch", first=refund.first)
        content = {**_numbers(refund), "refund_amount": write_amount(refund.amount)}
        answer = await self._ask("alipay.trade.refund", content, first=refund.first)
        if isinstance(answer, ChannelAnswer):
            return answer
        if answer.code != _SUCCESS:
            return await self._declined(refund, answer)
        if answer.text("fund_change") == "Y":
            return trades.refunded(answer, refund)
        return await self.query_refund(refund)

    async def query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        answer = await self._ask("alipay.trade.fastpay.refund.query", _numbers(refund))
        return trades.refund_queried(answer, refund) if isinstance(answer, Answer) else answer

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._gateway.aclose()

    async def _ask(
        self, method: str, content: Mapping[str, str], *, first: bool = False
    ) -> Answer | ChannelAnswer:
        """A verified answer, or how the call ended without one."""
        try:
            answer = await self._gateway.ask(method, content)
        except OutsideFailure as failure:
            return trades.unsaid(failure, first=first)
        return trades.untrusted(answer) if isinstance(answer, Untrusted) else answer

    async def _sent(
        self, order: ChannelOrder, method: str, content: Mapping[str, str]
    ) -> ChannelAnswer:
        answer = await self._ask(method, content, first=order.first)
        if isinstance(answer, ChannelAnswer):
            return answer
        if answer.code == _SUCCESS:
            return trades.ordered(answer, order)
        if trades.is_paid_trade(answer):
            return await self.query(order)
        return trades.declined(answer, alone=order.first)

    async def _declined(self, refund: ChannelRefund, answer: Answer) -> ChannelAnswer:
        """Refunds only ever grow, so what one sending is declined for, all are: unless an earlier
        one was done, which may be why there is nothing left to give back."""
        said = trades.declined(answer, alone=True)
        if said.outcome is Outcome.NOT_DONE and not refund.first:
            found = await self.query_refund(refund)
            if found.reason != "not_found":
                return found
        return said

    def _handed(
        self, order: ChannelOrder, method: str, content: Mapping[str, str]
    ) -> ChannelAnswer:
        """The signed order, for the payer's device to send."""
        try:
            values = self._gateway.signed(method, content, back=order.return_url)
        except OutsideFailure as failure:
            return trades.unsaid(failure, first=order.first)
        return trades.awaited(handover_of(self._member, method, values))

    def _never_made(self, order: ChannelOrder, answer: Answer) -> ChannelAnswer:
        """Alipay does not know the order. What we sent or handed over may still make one, until
        the moment it carries."""
        over = self._clock.now() >= expiry(order, self._member) + _MARGIN
        if over:
            return ChannelAnswer(Outcome.NOT_DONE, None, "order_expired", said=answer.said)
        return ChannelAnswer(Outcome.UNKNOWN, None, "not_found", said=answer.said)


def _number(order: ChannelOrder) -> dict[str, str]:
    return {"out_trade_no": order.payment}


def _numbers(refund: ChannelRefund) -> dict[str, str]:
    return {"out_trade_no": refund.payment, "out_request_no": refund.refund}


def _unsent(reason: str, *, first: bool) -> ChannelAnswer:
    """Nothing was sent; of an earlier sending nobody knows."""
    return trades.unsaid(OutsideFailure(Outcome.NOT_DONE, reason), first=first)
