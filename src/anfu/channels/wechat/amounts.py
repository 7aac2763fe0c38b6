"""元 in a bill, as text, and fen. Pure."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_FORM = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,5})?")
_CENT = Decimal("0.01")
_ZERO = Decimal(0)


def yuan(text: str) -> Decimal:
    """The number that is written. Raises ValueError for another form."""
    if text == "0.00":  # most of a bill
        return _ZERO
    if _FORM.fullmatch(text) is None:
        raise ValueError("no amount")
    return Decimal(text)


def fen(amount: Decimal) -> int:
    """In fen. Raises ValueError for parts of a fen."""
    scaled = amount * 100
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("parts of a fen")
    return whole


def rounded_fen(amount: Decimal) -> int:
    """A fee, written with 5 decimals, in fen: half a fen is rounded away from zero, row by row, so
    that what stands in our books follows from each row alone."""
    return int(amount.quantize(_CENT, ROUND_HALF_UP).scaleb(2))
