"""A payer's code (付款码) by API v3: codepay, query, reverse.

A code is good once: sent again it is refused, whatever became of the payment. So a number that may
have been sent before is asked about first. Nothing is told by notice: the caller queries, every 5 s
for 30 s as the network advises, and then closes.

Source: 付款码支付 and 撤销订单 (code-payment-v3); another page of the network's says that there is
no v3 of it, see `micropay`.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from anfu.channels.port import ChannelAnswer, ChannelOrder
from anfu.channels.wechat.answers import compared, trade_answer
from anfu.channels.wechat.ending import ended
from anfu.channels.wechat.line import Line, Said
from anfu.channels.wechat.reasons import Proof, meaning_of, refused
from anfu.channels.wechat.scenes import described, needed
from anfu.kernel.errors import Outcome

ORDERS = "/v3/pay/transactions"
CLOSED = ChannelAnswer(Outcome.NOT_DONE, None, "closed")
_STANDS = ("payer_awaited", "processing", "not_found")


class PayerCodes(Protocol):
    """Orders by a payer's code. Every method raises as `Line.ask`."""

    async def charge(self, order: ChannelOrder) -> ChannelAnswer: ...

    async def query(self, order: ChannelOrder) -> ChannelAnswer: ...

    async def reverse(self, order: ChannelOrder) -> ChannelAnswer:
        """Close it; what was paid goes back to the payer."""

    async def aclose(self) -> None: ...


class CodePay:
    """`PayerCodes` over the line of API v3, which others close."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def charge(self, order: ChannelOrder) -> ChannelAnswer:
        member = self._line.member
        body = {
            **described(member, order),
            "payer": {"auth_code": needed(order.code, "code")},
            "amount": {"total": order.amount, "currency": order.currency},
            "scene_info": {"store_info": {"out_id": member.merchant}},
        }
        if order.address is not None:
            body["scene_info"]["device_ip"] = order.address
        said = await self._line.ask("POST", f"{ORDERS}/codepay", body)
        return await self._read(said, order)

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        return await query_trade(self._line, order)

    async def reverse(self, order: ChannelOrder) -> ChannelAnswer:
        member = self._line.member
        body = {"appid": member.app_of(order.scene), "mchid": member.merchant}
        target = f"{ORDERS}/out-trade-no/{quote(order.payment, safe='')}/reverse"
        said = await self._line.ask("POST", target, body)
        if said.status in (200, 204):
            return CLOSED
        return refused(meaning_of(said.code), said.code, first=False)

    async def aclose(self) -> None:
        """Nothing of its own."""

    async def _read(self, said: Said, order: ChannelOrder) -> ChannelAnswer:
        if said.status == 200:
            answer = trade_answer(self._line.member, order.payment, said.value)
            return compared(answer, order.amount, order.currency)
        meaning = meaning_of(said.code)
        if meaning.proof is Proof.LOOK:
            answer = await ended(self.query(order), first=False)
            return compared(answer, order.amount, order.currency)
        return refused(meaning, said.code, first=order.first)


async def charge_once(codes: PayerCodes, order: ChannelOrder) -> ChannelAnswer:
    """Take the code; what may have been sent before is asked about first."""
    if not order.first:
        known = await codes.query(order)
        if known.reason != "not_found":
            return compared(known, order.amount, order.currency)
    return await codes.charge(order)


async def reverse_unpaid(codes: PayerCodes, order: ChannelOrder) -> ChannelAnswer:
    """Reverse what is not over. What is paid stays paid, unless the order says `undo`: a reversal
    gives the money back."""
    known = await codes.query(order)
    stands = known.outcome is Outcome.UNKNOWN and known.reason in _STANDS
    undone = known.outcome is Outcome.DONE and order.undo
    return await codes.reverse(order) if stands or undone else known


async def query_trade(line: Line, order: ChannelOrder) -> ChannelAnswer:
    """What API v3 knows of an order."""
    number = quote(order.payment, safe="")
    target = f"{ORDERS}/out-trade-no/{number}?mchid={line.member.merchant}"
    said = await line.ask("GET", target)
    if said.status == 200:
        return trade_answer(line.member, order.payment, said.value)
    return refused(meaning_of(said.code), said.code, first=False)
