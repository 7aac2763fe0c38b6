"""What Alipay posts to us (异步通知): a form, verified, as a `Notice`. Pure.

The checks, in this order: 1 the form can be read in the charset it declares, and no name stands
twice; 2 `sign_type` is RSA2 and the signature is Alipay's, over every value but `sign` and
`sign_type`; 3 `app_id` and `seller_id` are ours; 4 `notify_time` is not older than
`Member.notice_age`, nor newer than our clock by more than five minutes. The fifth, that `notify_id`
was not taken before, needs memory and is the caller's, and so are number and amount.

The window is wide since Alipay retries for 24 h 24 min and does not say that `notify_time` is
written anew. `notify_id` stays the same: nonces must be remembered longer than the window.

What a notice means:

- with `gmt_refund` it is about a refund, whatever `trade_status` says: a refund in part comes as
  TRADE_SUCCESS. Its `refund_fee` is the sum of all refunds of the trade, so that what one of them
  moved is not known: UNKNOWN, and the query tells.
- TRADE_CLOSED without `gmt_payment` is an order that was never paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from anfu.channels.alipay.amounts import CURRENCY, read_amount
from anfu.channels.alipay.member import Member
from anfu.channels.alipay.signing import is_signed, notice_texts, read_time
from anfu.channels.alipay.trades import PAID
from anfu.channels.port import Acknowledgement, Notice
from anfu.kernel.errors import Outcome, Refused

_CHARSETS = ("utf-8", "gbk", "gb2312", "gb18030")
_FUTURE = timedelta(minutes=5)
_MOST_VALUES = 100
_TAKEN = Acknowledgement(200, b"success", "text/plain")


@dataclass(frozen=True, slots=True)
class AlipayNotices:
    """A `NoticeReader` for one member."""

    member: Member
    taken: Acknowledgement = _TAKEN

    def read(self, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Raises Refused: message_malformed, message_forged, message_misdirected, message_stale;
        and as the member's keys do."""
        charset, values = _form(body)  # 1
        self._check_signature(charset, values)  # 2
        for name, ours in (("app_id", self.member.app_id), ("seller_id", self.member.seller_id)):
            if values.get(name) != ours:  # 3
                raise Refused("message_misdirected", field=name)
        at = read_time(values.get("notify_time", ""), "notify_time")
        if not now - self.member.notice_age <= at <= now + _FUTURE:  # 4
            raise Refused("message_stale", field="notify_time")
        return _notice(values, at)

    def _check_signature(self, charset: str, values: Mapping[str, str]) -> None:
        signature, number = values.get("sign", ""), values.get("alipay_cert_sn")
        keys = self.member.keys.signers(number)
        texts = [text.encode(charset) for text in notice_texts(values)]
        signed = any(is_signed(text, signature, keys) for text in texts)
        if values.get("sign_type") != "RSA2" or not signed:
            raise Refused("message_forged", field="sign")


def _form(body: bytes) -> tuple[str, dict[str, str]]:
    """The charset, and the values by name. The names are ASCII in every charset allowed."""
    try:
        plain = dict(_pairs(body, "latin-1"))
        charset = plain.get("charset", "utf-8").lower()
        if charset not in _CHARSETS:
            raise Refused("message_malformed", field="charset")
        pairs = _pairs(body, charset)
    except ValueError:
        raise Refused("message_malformed", field="body") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Refused("message_malformed", field="body")
    return charset, values


def _pairs(body: bytes, charset: str) -> list[tuple[str, str]]:
    """Raises ValueError for what is no form in this charset."""
    return parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        strict_parsing=True,
        encoding=charset,
        errors="strict",
        max_num_fields=_MOST_VALUES,
    )


def _notice(values: Mapping[str, str], at: datetime) -> Notice:
    outcome, reason = _meaning(values)
    done = outcome is Outcome.DONE
    amount = read_amount(values.get("total_amount", "")) if done else None
    if done and amount is None:
        raise Refused("message_malformed", field="total_amount")
    refund = values.get("out_biz_no") or values.get("trade_no")
    return Notice(
        nonce=_needed(values, "notify_id"),
        at=at,
        payment=_needed(values, "out_trade_no"),
        refund=refund if values.get("gmt_refund") else None,
        outcome=outcome,
        reference=values.get("trade_no") or None,
        reason=reason,
        amount=amount,
        currency=CURRENCY if done else None,
    )


def _meaning(values: Mapping[str, str]) -> tuple[Outcome, str | None]:
    status = _needed(values, "trade_status")
    if values.get("gmt_refund"):
        return Outcome.UNKNOWN, "processing"
    if status in PAID:
        return Outcome.DONE, None
    if status == "TRADE_CLOSED" and not values.get("gmt_payment"):
        return Outcome.NOT_DONE, "closed"
    awaited = status == "WAIT_BUYER_PAY"
    return Outcome.UNKNOWN, "payer_awaited" if awaited else "processing"


def _needed(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    if not 0 < len(value) <= 128:
        raise Refused("message_malformed", field=name)
    return value
