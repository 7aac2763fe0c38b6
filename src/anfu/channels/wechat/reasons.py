"""The network's error codes, and what they prove. Pure.

An error proves less than it says: it speaks of this request alone, and an earlier one under the
same number may have passed. So a refusal is NOT_DONE only for a number that was never sent before
(REFUSED), or where it holds for the number whatever was sent (FINAL); a trouble that passes is
UNKNOWN (OPEN), and so is every code that is not in the table.

Source: the tables of codes in 微信支付 APIv3 (下单, 申请退款, 付款码支付) and, many without the
underscore, in version 2 (micropay, orderquery, reverse).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from anfu.channels.port import ChannelAnswer
from anfu.kernel.errors import Outcome


class Proof(Enum):
    """See above. LOOK: the order stands in another state than thought; a query tells which."""

    FINAL = auto()
    REFUSED = auto()
    OPEN = auto()
    LOOK = auto()


class Meaning(NamedTuple):
    reason: str
    proof: Proof


_FINAL, _REFUSED, _OPEN, _LOOK = Proof.FINAL, Proof.REFUSED, Proof.OPEN, Proof.LOOK
_UNKNOWN = Meaning("request_refused", _OPEN)

PAYMENT: Mapping[str, Meaning] = MappingProxyType(
    {
        "ORDERPAID": Meaning("content_conflict", _LOOK),
        "ORDER_PAID": Meaning("content_conflict", _LOOK),
        "ORDERCLOSED": Meaning("closed", _LOOK),
        "ORDER_CLOSED": Meaning("closed", _LOOK),
        "ORDERREVERSED": Meaning("closed", _LOOK),
        "ORDER_REVERSED": Meaning("closed", _LOOK),
        "ORDERNOTEXIST": Meaning("not_found", _OPEN),
        "ORDER_NOT_EXIST": Meaning("not_found", _OPEN),
        "RESOURCE_NOT_EXISTS": Meaning("not_found", _OPEN),
        "OUT_TRADE_NO_USED": Meaning("content_conflict", _OPEN),
        "BUYER_MISMATCH": Meaning("content_conflict", _OPEN),
        "USERPAYING": Meaning("payer_awaited", _OPEN),
        "SYSTEMERROR": Meaning("network_busy", _OPEN),
        "SYSTEM_ERROR": Meaning("network_busy", _OPEN),
        "BANKERROR": Meaning("network_busy", _OPEN),
        "BANK_ERROR": Meaning("network_busy", _OPEN),
        "FREQUENCY_LIMITED": Meaning("rate_limited", _OPEN),
        "RATELIMIT_EXCEEDED": Meaning("rate_limited", _OPEN),
        "PARAM_ERROR": Meaning("request_refused", _REFUSED),
        "INVALID_REQUEST": Meaning("request_refused", _REFUSED),
        "OPENID_MISMATCH": Meaning("request_refused", _REFUSED),
        "SIGN_ERROR": Meaning("signature_refused", _REFUSED),
        "SIGNERROR": Meaning("signature_refused", _REFUSED),
        "MCH_NOT_EXISTS": Meaning("merchant_misconfigured", _REFUSED),
        "MCHID_NOT_EXIST": Meaning("merchant_misconfigured", _REFUSED),
        "APPID_NOT_EXIST": Meaning("merchant_misconfigured", _REFUSED),
        "APPID_MCHID_NOT_MATCH": Meaning("merchant_misconfigured", _REFUSED),
        "NO_AUTH": Meaning("merchant_not_permitted", _REFUSED),
        "NOAUTH": Meaning("merchant_not_permitted", _REFUSED),
        "RULE_LIMIT": Meaning("limit_at_network", _REFUSED),
        "RULELIMIT": Meaning("limit_at_network", _REFUSED),
        "ACCOUNT_ERROR": Meaning("risk_at_network", _REFUSED),
        "ACCOUNTERROR": Meaning("risk_at_network", _REFUSED),
        "TRADE_ERROR": Meaning("risk_at_network", _REFUSED),
        "NOT_ENOUGH": Meaning("insufficient_funds", _REFUSED),
        "NOTENOUGH": Meaning("insufficient_funds", _REFUSED),
        "NOTSUPORTCARD": Meaning("card_restricted", _REFUSED),
        "NOT_SUPPORT_CARD": Meaning("card_restricted", _REFUSED),
        "AUTHCODEEXPIRE": Meaning("payer_code_expired", _REFUSED),
        "AUTH_CODE_EXPIRED": Meaning("payer_code_expired", _REFUSED),
        "AUTH_CODE_ERROR": Meaning("payer_code_invalid", _REFUSED),
        "AUTH_CODE_INVALID": Meaning("payer_code_invalid", _REFUSED),
    }
)

# What the same word means when money goes back. Our account being short passes: the same number
# is sent again once it is filled.
REFUND: Mapping[str, Meaning] = MappingProxyType(
    {
        **PAYMENT,
        "NOT_ENOUGH": Meaning("refund_funds_short", _OPEN),
        "USER_ACCOUNT_ABNORMAL": Meaning("refund_account_closed", _FINAL),
        "RESOURCE_NOT_EXISTS": Meaning("payment_not_paid", _REFUSED),
        "ORDER_NOT_EXIST": Meaning("payment_not_paid", _REFUSED),
    }
)


def meaning_of(code: str | None, codes: Mapping[str, Meaning] = PAYMENT) -> Meaning:
    """What a code means; UNKNOWN for one that nobody has told us of."""
    return codes.get(code or "", _UNKNOWN)


def refused(meaning: Meaning, said: str | None, *, first: bool) -> ChannelAnswer:
    """The answer to an error; `first` as in `ChannelOrder`."""
    proven = meaning.proof is Proof.FINAL or (meaning.proof is Proof.REFUSED and first)
    outcome = Outcome.NOT_DONE if proven else Outcome.UNKNOWN
    return ChannelAnswer(outcome, None, meaning.reason, said=said)
