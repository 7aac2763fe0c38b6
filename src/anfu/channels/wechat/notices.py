"""What WeChat Pay posts to us: payments and refunds that are over. Pure.

Checked in this order: 1 to 4 are those of `signing.verify`; 5 the sealed part is decrypted, which a
message must have earned by its signature; 6 it is about our merchant number and our app.

The same event comes again for a day, signed anew, until it is taken with 200 or 204 within 5 s:
after 15 s, 15 s, 30 s, 3, 10, 20, 30, 30, 30, 60 min and 3, 3, 3, 6, 6 h. Its `id` stays the same
and is the nonce that is remembered: a captured message is worthless within the window too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.channels.port import Acknowledgement, ChannelAnswer, Notice
from anfu.channels.wechat.answers import is_for, refund_answer, trade_answer
from anfu.channels.wechat.member import Member, v3_key
from anfu.channels.wechat.sealing import open_sealed, read_object
from anfu.channels.wechat.signing import time_of, verify
from anfu.kernel.errors import Outcome, Refused

_TAKEN = Acknowledgement(200, b'{"code":"SUCCESS"}', "application/json")


@dataclass(frozen=True, slots=True)
class WechatNotices:
    """A `NoticeReader` for `member`."""

    member: Member
    taken: Acknowledgement = _TAKEN

    def read(self, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Raises Refused with `message_malformed`, `message_stale`, `message_forged` or
        `message_misdirected`."""
        del path  # not signed
        verify(self.member.keys.publics(), headers, body, now=now)  # 1 to 4
        event = read_object(body)
        value = read_object(open_sealed(v3_key(self.member), event.get("resource")))  # 5
        payment = _text(value, "out_trade_no")
        refund = _text(value, "out_refund_no") if "out_refund_no" in value else None
        answer = self._answer(payment, refund, value)
        return Notice(
            nonce=_text(event, "id"),
            at=time_of(headers),
            payment=payment,
            refund=refund,
            outcome=answer.outcome,
            reference=answer.reference,
            reason=answer.reason,
            amount=answer.amount,
            currency=answer.currency,
        )

    def _answer(self, payment: str, refund: str | None, value: Mapping[str, Any]) -> ChannelAnswer:
        # A refund names the merchant alone.
        ours = is_for(self.member, {"appid": self.member.app, **value})
        if not ours or (refund is None and "appid" not in value):  # 6
            raise Refused("message_misdirected", field="mchid")
        if refund is None:
            answer = trade_answer(self.member, payment, value)
        else:
            answer = refund_answer(payment, refund, value)
        if answer.outcome is Outcome.DONE and answer.currency is None:
            raise Refused("message_malformed", field="amount")
        if answer.reason in ("answer_untrusted", "answer_misplaced"):
            raise Refused("message_malformed", field="resource")
        return answer


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= 64 or not text.isascii():
        raise Refused("message_malformed", field=name)
    return text
