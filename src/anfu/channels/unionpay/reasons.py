"""What UnionPay's codes (应答码) mean for a payment and for a refund. Pure.

A code that is not listed is an ERROR: it decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Kind(StrEnum):
    """DONE: as asked, which for a payment or refund just submitted means accepted. DOUBT: only
    asking again tells. AWAITED: the payer is at it. MISSING: not known there. REPEATED: the number
    is there already. DECLINED: tried and refused. REFUSED: not even tried. ERROR: nobody knows."""

    DONE = "DONE"
    DOUBT = "DOUBT"
    AWAITED = "AWAITED"
    MISSING = "MISSING"
    REPEATED = "REPEATED"
    DECLINED = "DECLINED"
    REFUSED = "REFUSED"
    ERROR = "ERROR"


# The end of what the code is about, under this number.
FINAL = frozenset({Kind.DECLINED, Kind.REFUSED})


class Meaning(NamedTuple):
    kind: Kind
    reason: str


_KINDS = {
    Kind.DOUBT: "03 04 05 74 75 83",
    Kind.AWAITED: "70",
    Kind.MISSING: "34",
    Kind.REPEATED: "12",
    Kind.REFUSED: "10 11 13 31 32 35 36 39 43 45",
    Kind.ERROR: "02 06 37 98 99",
}
_REASONS = {
    "payer_declined": "01 30 60 65 66 71 76 82 84",
    "processing": "03 04 05 74 75 83",
    "network_busy": "02 06",
    "request_refused": "10 13 35 98 99",
    "signature_refused": "11",
    "content_conflict": "12 36",
    "merchant_misconfigured": "31",
    "merchant_not_permitted": "32 43 62",
    "limit_at_network": "33 81 86",
    "not_found": "34",
    "rate_limited": "37",
    "risk_at_network": "38",
    "order_expired": "39 42 69",
    "card_restricted": "40 44 61 63 67 68 72 77 78 79 88",
    "closed": "45 46",
    "insufficient_funds": "64",
    "payer_awaited": "70",
    "expired_card": "73 80",
    "payer_code_invalid": "85 87",
}
# The same codes about money on its way back.
_REFUND_REASONS = {
    "payment_not_paid": "35",
    "content_conflict": "12 36",
    "refund_exceeds_payment": "33 45",
    "refund_too_late": "39 42",
    "refund_account_closed": "44 61 63 73",
    "refund_funds_short": "64",
}


def _by_code(names: Mapping[str, str]) -> dict[str, str]:
    return {code: name for name, codes in names.items() for code in codes.split()}


_KIND = {code: kind for kind, codes in _KINDS.items() for code in codes.split()}
_REASON: Mapping[str, str] = MappingProxyType(_by_code(_REASONS))
_REFUND_REASON: Mapping[str, str] = MappingProxyType(_by_code(_REASONS | _REFUND_REASONS))


def meaning(code: str) -> Meaning:
    """Of a code about a payment."""
    if code in ("00", "A1"):  # A1: done, with a defect that is the network's
        return Meaning(Kind.DONE, "")
    if code not in _REASON:
        return Meaning(Kind.ERROR, "request_refused")
    return Meaning(_KIND.get(code, Kind.DECLINED), _REASON[code])


def refund_meaning(code: str) -> Meaning:
    """Of a code about a refund or a reversal."""
    kind, reason = meaning(code)
    return Meaning(kind, _REFUND_REASON.get(code, reason))
