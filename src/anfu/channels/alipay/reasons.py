"""Alipay's error codes in the stable words of `channels.reasons`. Pure.

A `final` code says that Alipay has judged what was asked and declined it; whether an earlier
sending of the same number may still be on its way is the client's to weigh. Everything else, an
unknown code too, leaves the outcome open: Alipay wants the same number again.
Codes come with a prefix (`ACQ.`, `aop.ACQ.`, `isv.`), which does not change their meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from anfu.channels.alipay.answers import Answer


class Meaning(NamedTuple):
    """`code` is one of `channels.reasons`; `final` as above."""

    code: str
    final: bool


_FINAL: Mapping[str, str] = {
    "BUYER_BALANCE_NOT_ENOUGH": "insufficient_funds",
    "BUYER_BANKCARD_BALANCE_NOT_ENOUGH": "insufficient_funds",
    "NO_PAYMENT_INSTRUMENTS_AVAILABLE": "insufficient_funds",
    "ERROR_BALANCE_PAYMENT_DISABLE": "card_restricted",
    "BUYER_ENABLE_STATUS_FORBID": "card_restricted",
    "ERROR_BUYER_CERTIFY_LEVEL_LIMIT": "card_restricted",
    "MOBILE_PAYMENT_SWITCH_OFF": "card_restricted",
    "USER_FACE_PAYMENT_SWITCH_OFF": "card_restricted",
    "PAYMENT_FAIL": "payer_declined",
    "BUYER_SELLER_EQUAL": "payer_declined",
    "PAYMENT_AUTH_CODE_INVALID": "payer_code_invalid",
    "SOUNDWAVE_PARSER_FAIL": "payer_code_invalid",
    "TOTAL_FEE_EXCEED": "limit_at_network",
    "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": "limit_at_network",
    "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": "limit_at_network",
    "BEYOND_PAY_RESTRICTION": "limit_at_network",
    "BEYOND_PER_RECEIPT_RESTRICTION": "limit_at_network",
    "BEYOND_PER_RECEIPT_SINGLE_RESTRICTION": "limit_at_network",
    "BEYOND_PER_RECEIPT_DAY_RESTRICTION": "limit_at_network",
    "PRODUCT_AMOUNT_LIMIT_ERROR": "limit_at_network",
    "PAYMENT_REQUEST_HAS_RISK": "risk_at_network",
    "RISK_MERCHANT_IP_NOT_EXIST": "risk_at_network",
    "SELLER_BEEN_BLOCKED": "merchant_not_permitted",
    "ACCESS_FORBIDDEN": "merchant_not_permitted",
    "SELLER_NOT_IN_WHITE_LIST": "merchant_not_permitted",
    "PARTNER_ERROR": "merchant_misconfigured",
    "INVALID_STORE_ID": "merchant_misconfigured",
    "INVALID_RECEIVE_ACCOUNT": "merchant_misconfigured",
    "INVALID_PARAMETER": "request_refused",
    "EXIST_FORBIDDEN_WORD": "request_refused",
    "TRADE_HAS_CLOSE": "closed",
    "REASON_TRADE_REFUND_FEE_ERR": "refund_exceeds_payment",
    "REFUND_FEE_ERROR": "refund_exceeds_payment",
    "REFUND_AMT_NOT_EQUAL_TOTAL": "refund_exceeds_payment",
    "TRADE_HAS_FINISHED": "refund_too_late",
    "TRADE_NOT_ALLOW_REFUND": "refund_too_late",
    "BUYER_NOT_EXIST": "refund_account_closed",
    "BUYER_ERROR": "refund_account_closed",
}
_OPEN: Mapping[str, str] = {
    "TRADE_NOT_EXIST": "not_found",
    "CONTEXT_INCONSISTENT": "content_conflict",
    "TRADE_BUYER_NOT_MATCH": "content_conflict",
    "DISCORDANT_REPEAT_REQUEST": "content_conflict",
    "TRADE_HAS_SUCCESS": "processing",
    "TRADE_STATUS_ERROR": "payment_not_paid",
    "REASON_TRADE_STATUS_INVALID": "payment_not_paid",
    "SELLER_BALANCE_NOT_ENOUGH": "refund_funds_short",
    "REASON_TRADE_BEEN_FREEZEN": "risk_at_network",
    "SYSTEM_ERROR": "network_busy",
    "UNKNOW-ERROR": "network_busy",
    "SERVICE-CURRENTLY-UNAVAILABLE": "network_busy",
    "APP-CALL-LIMITED": "rate_limited",
    "METHOD-CALL-LIMITED": "rate_limited",
    "INVALID-SIGNATURE": "signature_refused",
    "INVALID-SIGNATURE-TYPE": "signature_refused",
    "INVALID-APP-ID": "merchant_misconfigured",
    "INVALID-TIMESTAMP": "merchant_misconfigured",
    "INVALID-APP-CERT-SN": "merchant_misconfigured",
    "INVALID-ALIPAY-ROOT-CERT-SN": "merchant_misconfigured",
    "INSUFFICIENT-ISV-PERMISSIONS": "merchant_not_permitted",
    "INSUFFICIENT-USER-PERMISSIONS": "merchant_not_permitted",
}
SUB_CODES: Mapping[str, Meaning] = MappingProxyType(
    {code: Meaning(word, True) for code, word in _FINAL.items()}
    | {code: Meaning(word, False) for code, word in _OPEN.items()}
)
_CODES: Mapping[str, str] = {
    "10003": "payer_awaited",
    "20000": "network_busy",
    "40005": "rate_limited",
    "40006": "merchant_not_permitted",
}


def meaning_of(answer: Answer) -> Meaning:
    """Why an answer is no success."""
    known = SUB_CODES.get(short(answer.sub_code))
    if known is not None:
        return known
    return Meaning(_CODES.get(answer.code, "request_refused"), False)


def short(sub_code: str) -> str:
    """`aop.ACQ.SYSTEM_ERROR` as `SYSTEM_ERROR`."""
    return sub_code.rpartition(".")[2].upper()
