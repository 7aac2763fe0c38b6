"""What UnionPay tells us unasked (后台通知): a form posted to backUrl, verified, as a `Notice`.

`read` checks, in this order:

1. it is a form, each field one field (`messages.read_form`, `refuse_hidden`);
2. its signature is UnionPay's (`signing.verify`, with the certificate that comes with it);
3. it is for this merchant, in yuan, about a payment, refund or reversal of ours;
4. the time of the order it speaks of is no later than WINDOW_S from now, and of the last 30 days.

The protocol signs no time of sending and no nonce. So a notice is told from its copies by queryId
and signature; a copy that comes when its nonce is forgotten repeats what is known. Only success is
told; anything else is UNKNOWN, for a query to find out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.channels.port import Acknowledgement, Notice
from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import (
    CURRENCIES,
    Fields,
    moment_of,
    number_of,
    read_form,
    refuse_hidden,
)
from anfu.channels.unionpay.reasons import Kind, meaning, refund_meaning
from anfu.channels.unionpay.scenes import PAY, REFUND, REVERSAL
from anfu.channels.unionpay.signing import verify
from anfu.kernel.errors import Outcome, Refused

WINDOW_S = 300
_OLDEST = timedelta(days=30)
_TAKEN = Acknowledgement(200, b"ok", "text/plain")


@dataclass(frozen=True, slots=True)
class UnionpayNotices:
    """A `NoticeReader`."""

    member: Member
    taken: Acknowledgement = _TAKEN

    def read(self, path: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Raises Refused as above: `message_malformed`, `message_forged`, `message_misdirected`,
        `message_stale`."""
        fields = read_form(body)  # 1
        refuse_hidden(fields)
        verify(fields, self.member.authorities, now=now)  # 2
        if fields.get("merId") != self.member.merchant:  # 3
            raise Refused("message_misdirected", field="merId")
        at = moment_of(fields.get("txnTime", ""), "txnTime")
        if not now - _OLDEST < at <= now + timedelta(seconds=WINDOW_S):  # 4
            raise Refused("message_stale", field="txnTime")
        return _notice(fields, at)


def _notice(fields: Fields, at: datetime) -> Notice:
    kind, code = fields.get("txnType"), fields.get("respCode", "")
    if kind not in (PAY, REFUND, REVERSAL):
        raise Refused("message_malformed", field="txnType")
    number = number_of(fields.get("orderId", ""))
    back = kind != PAY
    found = refund_meaning(code) if back else meaning(code)
    done = found.kind is Kind.DONE
    return Notice(
        nonce=_nonce(fields),
        at=at,
        payment=number_of(fields.get("reqReserved", "")) if back else number,
        refund=number if back else None,
        outcome=Outcome.DONE if done else Outcome.UNKNOWN,
        reference=_required(fields, "queryId"),
        reason=None if done else found.reason,
        amount=_amount(fields),
        currency=_currency(fields),
    )


def _nonce(fields: Fields) -> str:
    signature = hashlib.sha256(fields["signature"].encode()).hexdigest()
    return f"{_required(fields, 'queryId')}-{signature[:32]}"


def _required(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if not (0 < len(value) <= 32 and value.isascii() and value.isalnum()):
        raise Refused("message_malformed", field=name)
    return value


def _amount(fields: Fields) -> int:
    text = fields.get("txnAmt", "")
    if not (0 < len(text) <= 12 and text.isascii() and text.isdigit()):
        raise Refused("message_malformed", field="txnAmt")
    return int(text)


def _currency(fields: Fields) -> str:
    for code, number in CURRENCIES.items():
        if fields.get("currencyCode") == number:
            return code
    raise Refused("message_malformed", field="currencyCode")
