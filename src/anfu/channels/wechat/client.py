"""WeChat Pay as a `Channel`: orders, queries, closes, refunds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

import httpx

from anfu.channels.port import ChannelAnswer, ChannelOrder, ChannelRefund, Scene
from anfu.channels.wechat.answers import compared, refund_answer
from anfu.channels.wechat.certificates import renew_certificates
from anfu.channels.wechat.codepay import (
    CLOSED,
    ORDERS,
    CodePay,
    PayerCodes,
    charge_once,
    query_trade,
    reverse_unpaid,
)
from anfu.channels.wechat.ending import ended
from anfu.channels.wechat.line import Line, Said
from anfu.channels.wechat.member import PRIVATE_KEY, Member, PayerCodeWire
from anfu.channels.wechat.micropay import Micropay
from anfu.channels.wechat.reasons import REFUND, Proof, meaning_of, refused
from anfu.channels.wechat.scenes import PATHS, handover, order_body
from anfu.channels.wechat.sealing import encrypt_for
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, Refused
from anfu.kernel.ids import Entropy

_REFUNDS = "/v3/refund/domestic/refunds"


@dataclass(frozen=True, slots=True)
class BankCard:
    """A debit card of the payer's that a refund is sent to; `bank` by the network's own name of
    it, e.g. ICBC_DEBIT."""

    bank: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


class WechatChannel:
    """A `Channel`. `transport` replaces the wire, e.g. by an in-process one; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._clock, self._entropy = member, clock, entropy
        self._line = Line(member, clock=clock, entropy=entropy, transport=transport)
        self._codes: PayerCodes = CodePay(self._line)
        if member.payer_code is PayerCodeWire.V2:
            self._codes = Micropay(member, entropy=entropy, transport=transport)

    async def pay(self, order: ChannelOrder) -> ChannelAnswer:
        by_code = order.scene is Scene.PAYER_CODE
        work = charge_once(self._codes, order) if by_code else self._order(order)
        return await ended(work, first=order.first)

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        by_code = order.scene is Scene.PAYER_CODE
        work = self._codes.query(order) if by_code else query_trade(self._line, order)
        return await ended(work, first=False)

    async def close(self, order: ChannelOrder) -> ChannelAnswer:
        return await ended(self._close_surely(order), first=False)

    async def refund(self, refund: ChannelRefund) -> ChannelAnswer:
        return await ended(self._refund(refund), first=refund.first)

    async def query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        return await ended(self._query_refund(refund), first=False)

    async def refund_elsewhere(
        self, refund: ChannelRefund, reference: str, card: BankCard | None
    ) -> ChannelAnswer:
        """Send a refund that the payer's card would not take (异常退款) to another card of theirs,
        or with None to our own bank account, from where the payer is paid by hand. `reference` is
        the network's number of the refund."""
        return await ended(self._elsewhere(refund, reference, card), first=False)

    async def renew_certificates(self) -> list[str]:
        """Fetch the network's certificates and keep those that are new; returns their serials.
        Raises OutsideFailure and Refused as `certificates.renew_certificates`."""
        return await renew_certificates(self._line, now=self._clock.now())

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._codes.aclose()
        await self._line.aclose()

    async def _order(self, order: ChannelOrder) -> ChannelAnswer:
        path = PATHS.get(order.scene)
        if path is None:
            raise Refused("request_malformed", field="scene")
        key = self._member.keys.private(PRIVATE_KEY)
        said = await self._line.ask("POST", f"{ORDERS}/{path}", order_body(self._member, order))
        if said.status == 200:
            given = handover(self._member, key, order, said.value, **self._at())
            return ChannelAnswer(Outcome.UNKNOWN, None, "payer_awaited", handover=given)
        meaning = meaning_of(said.code)
        if meaning.proof is Proof.LOOK:
            # The order was sent: whatever becomes of the question, it proves nothing by itself.
            return compared(await self.query(order), order.amount, order.currency)
        return refused(meaning, said.code, first=order.first)

    async def _close_surely(self, order: ChannelOrder) -> ChannelAnswer:
        """The network closes only numbers it knows, and a request may still be on its way. So an
        unknown number is taken by an order that nobody is shown, and that is closed."""
        by_code = order.scene is Scene.PAYER_CODE
        known = await (reverse_unpaid(self._codes, order) if by_code else self._close(order))
        if known.reason != "not_found":
            return known
        unseen = replace(order, scene=Scene.DYNAMIC_CODE, expires_at=None)
        taken = await self._order(unseen)
        return await self._close(order) if taken.handover is not None else taken

    async def _close(self, order: ChannelOrder) -> ChannelAnswer:
        target = f"{ORDERS}/out-trade-no/{quote(order.payment, safe='')}/close"
        said = await self._line.ask("POST", target, {"mchid": self._member.merchant})
        if said.status in (200, 204):
            return CLOSED
        meaning = meaning_of(said.code)
        if meaning.proof is Proof.LOOK:
            return await query_trade(self._line, order)
        return refused(meaning, said.code, first=False)

    async def _refund(self, refund: ChannelRefund) -> ChannelAnswer:
        paid = {"transaction_id": refund.reference} if refund.reference else {}
        body = {
            **(paid or {"out_trade_no": refund.payment}),
            "out_refund_no": refund.refund,
            "notify_url": self._member.notify_url,
            "amount": {
                "refund": refund.amount,
                "total": refund.total,
                "currency": refund.currency,
            },
        }
        return self._read_refund(await self._line.ask("POST", _REFUNDS, body), refund)

    async def _query_refund(self, refund: ChannelRefund) -> ChannelAnswer:
        target = f"{_REFUNDS}/{quote(refund.refund, safe='')}"
        said = await self._line.ask("GET", target)
        if said.status == 200:
            return refund_answer(refund.payment, refund.refund, said.value)
        return refused(meaning_of(said.code), said.code, first=False)

    async def _elsewhere(
        self, refund: ChannelRefund, reference: str, card: BankCard | None
    ) -> ChannelAnswer:
        body = {"out_refund_no": refund.refund, "type": "MERCHANT_BANK_CARD"}
        serial = None
        if card is not None:
            serial, key = self._member.sealing_key()
            body |= {
                "type": "USER_BANK_CARD",
                "bank_type": card.bank,
                "bank_account": encrypt_for(key, card.number),
                "real_name": encrypt_for(key, card.holder),
            }
        target = f"{_REFUNDS}/{quote(reference, safe='')}/apply-abnormal-refund"
        return self._read_refund(
            await self._line.ask("POST", target, body, sealed_for=serial), refund
        )

    def _read_refund(self, said: Said, refund: ChannelRefund) -> ChannelAnswer:
        if said.status == 200:
            answer = refund_answer(refund.payment, refund.refund, said.value)
            return compared(answer, refund.amount, refund.currency)
        return refused(meaning_of(said.code, REFUND), said.code, first=refund.first)

    def _at(self) -> dict[str, str]:
        """Time and nonce of what the payer's device calls."""
        timestamp = str(int(self._clock.now().timestamp()))
        return {"timestamp": timestamp, "nonce": self._entropy.bytes(16).hex()}
