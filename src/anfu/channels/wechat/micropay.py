"""A payer's code (付款码) by version 2: micropay, orderquery, and reverse with our certificate.

The network's own notes for developers say that this has no v3; hence both, by configuration.
As for the rest see `codepay`.

Source: 付款码支付 V2 (/pay/micropay, /pay/orderquery, /secapi/pay/reverse).
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from anfu.channels.lines import Lines
from anfu.channels.port import ChannelAnswer, ChannelOrder
from anfu.channels.wechat.answers import CURRENCY, compared, trade_answer
from anfu.channels.wechat.codepay import CLOSED
from anfu.channels.wechat.ending import ended
from anfu.channels.wechat.member import CERTIFICATE, PRIVATE_KEY, V2_KEY, Member
from anfu.channels.wechat.reasons import Proof, meaning_of, refused
from anfu.channels.wechat.scenes import description, needed
from anfu.channels.wechat.sheets import read_sheet, verify_sheet, write_sheet
from anfu.channels.wires import Request
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import Entropy

_NO_ADDRESS = "127.0.0.1"
_DIGITS_MAX = 12
_RESULTS = ("SUCCESS", "FAIL")


class Micropay:
    """`PayerCodes` over a line of its own, which shows our certificate; close when done."""

    def __init__(
        self,
        member: Member,
        *,
        entropy: Entropy,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._entropy = member, entropy
        self._tls = ssl.create_default_context() if transport is None else None
        self._shown: object = None
        self._lines = Lines(timeout_s=member.timeout_s, transport=transport, tls=self._tls)

    async def charge(self, order: ChannelOrder) -> ChannelAnswer:
        values = {
            "body": description(order),
            "out_trade_no": order.payment,
            "total_fee": str(order.amount),
            "fee_type": order.currency,
            "spbill_create_ip": order.address or _NO_ADDRESS,
            "auth_code": needed(order.code, "code"),
        }
        said = await self._ask("/pay/micropay", order, values)
        code = said.get("err_code")
        if said["result_code"] == "SUCCESS":
            answer = self._trade(order, {**said, "trade_state": "SUCCESS"})
        elif meaning_of(code).proof is Proof.LOOK:
            answer = await ended(self.query(order), first=False)
        else:
            return refused(meaning_of(code), code, first=order.first)
        return compared(answer, order.amount, order.currency)

    async def query(self, order: ChannelOrder) -> ChannelAnswer:
        said = await self._ask("/pay/orderquery", order, {"out_trade_no": order.payment})
        if said["result_code"] == "SUCCESS":
            return self._trade(order, said)
        code = said.get("err_code")
        return refused(meaning_of(code), code, first=False)

    async def reverse(self, order: ChannelOrder) -> ChannelAnswer:
        said = await self._ask("/secapi/pay/reverse", order, {"out_trade_no": order.payment})
        code = said.get("err_code")
        if said["result_code"] == "SUCCESS":
            return CLOSED
        if said.get("recall") == "Y":
            return ChannelAnswer(Outcome.UNKNOWN, None, "network_busy", said=code)
        return refused(meaning_of(code), code, first=False)

    async def aclose(self) -> None:
        await self._lines.aclose()

    async def _ask(
        self, path: str, order: ChannelOrder, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        """The verified values. Raises OutsideFailure, and Refused as `read_sheet`."""
        member = self._member
        key = member.keys.secret(V2_KEY)
        ours = {"appid": member.app_of(order.scene), "mch_id": member.merchant}
        nonce = self._entropy.bytes(16).hex()
        sheet = {**ours, **values, "nonce_str": nonce, "sign_type": "HMAC-SHA256"}
        self._show_certificate()
        headers = {"content-type": "text/xml; charset=utf-8"}
        url = member.url.rstrip("/") + path
        reply = await self._lines.exchange(Request("POST", url, headers, write_sheet(key, sheet)))
        if reply.status != 200:
            raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}")
        said = read_sheet(reply.body)
        # What the network could not read it answers unsigned.
        verify_sheet(key, said)
        if said.get("return_code") != "SUCCESS" or said.get("result_code") not in _RESULTS:
            raise Refused("message_malformed", field="return_code")
        if {name: said.get(name) for name in ours} != ours:
            raise OutsideFailure(Outcome.UNKNOWN, "answer_misplaced")
        return said

    def _show_certificate(self) -> None:
        """New connections show the certificate and key that the files hold now."""
        keys = self._member.keys
        files = (keys.certificate(CERTIFICATE), keys.private(PRIVATE_KEY))
        if self._tls is not None and self._shown != files:
            self._tls.load_cert_chain(keys.path(CERTIFICATE), keys.path(PRIVATE_KEY))
            self._shown = files

    def _trade(self, order: ChannelOrder, said: Mapping[str, str]) -> ChannelAnswer:
        """The values of version 2 in the shape of v3."""
        value: dict[str, Any] = {
            "mchid": said["mch_id"],
            "appid": said["appid"],
            "out_trade_no": said.get("out_trade_no"),
            "transaction_id": said.get("transaction_id"),
            "trade_state": said.get("trade_state"),
        }
        if "total_fee" in said:
            currency = said.get("fee_type") or CURRENCY
            value["amount"] = {"total": _fen(said["total_fee"]), "currency": currency}
        return trade_answer(self._member, order.payment, value)


def _fen(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise Refused("message_malformed", field="total_fee")
    return int(text)
