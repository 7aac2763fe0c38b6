"""Amounts as Alipay writes them: yuan with two decimals. Pure."""

from __future__ import annotations

from anfu.kernel.errors import Refused
from anfu.kernel.money import Money, parse_money

CURRENCY = "CNY"


def write_amount(minor: int) -> str:
    """1234 fen as `12.34`."""
    return f"{Money(minor, CURRENCY).decimal():.2f}"


def read_amount(text: str) -> int | None:
    """`12.34` in fen; None for what is no amount."""
    try:
        return parse_money(text, CURRENCY).minor
    except Refused:
        return None
