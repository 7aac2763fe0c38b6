"""A merchant's EMVCo code for UnionPay: printed without an amount (静态码), or made for one payment
with its amount (动态码)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from anfu.channels.codes.emv import DataObject, EmvCode, read_objects, write_objects
from anfu.kernel.errors import Refused
from anfu.kernel.money import Money

# ISO 4217 numbers of the currencies a shop of ours takes by code.
NUMBERS: Mapping[str, str] = MappingProxyType(
    {"CNY": "156", "HKD": "344", "MOP": "446", "USD": "840", "EUR": "978", "JPY": "392"}
)
# UnionPay's provider number (ISO/IEC 7816-5): how the templates 26 to 51 say whose they are.
_UNIONPAY = "A000000333"
_PRIMITIVE = ("15", "16")  # reserved for UnionPay (EMV QRCPS, table 4.3)
_NUMBER = re.compile(r"[0-9]{8}[0-9]{8}[0-9A-Za-z]{15}", re.ASCII)
_REFERENCE = "05"  # of the additional data (62): reference label


@dataclass(frozen=True, slots=True)
class Shop:
    """Who is paid. `account`: acquirer (8), forwarder (8) and merchant (15) as UnionPay numbers
    them, 31 characters; `category`: ISO 18245; `name` and `city` up to 25 and 15 characters."""

    account: str
    category: str
    name: str
    city: str
    country: str = "CN"


def merchant_code(
    shop: Shop, currency: str, amount: Money | None = None, *, order: str = ""
) -> EmvCode:
    """A dynamic code with an amount, a static one without. `order`: our number of it, at most 25
    characters. Raises Refused("code_malformed", field=tag)."""
    if currency not in NUMBERS or (amount is not None and amount.currency != currency):
        raise Refused("code_malformed", field="53")
    if not _NUMBER.fullmatch(shop.account):
        raise Refused("code_malformed", field="15")
    for tag, text, most in (("59", shop.name, 25), ("60", shop.city, 15), ("62", order, 25)):
        if len(text) > most:
            raise Refused("code_malformed", field=tag)
    values = {
        "00": "01",
        "01": "11" if amount is None else "12",
        "15": shop.account,
        "52": shop.category,
        "53": NUMBERS[currency],
        "54": "" if amount is None else str(amount.decimal()),
        "58": shop.country,
        "59": shop.name,
        "60": shop.city,
        "62": write_objects([DataObject(_REFERENCE, order)]) if order else "",
    }
    return EmvCode(tuple(DataObject(tag, value) for tag, value in values.items() if value))


def unionpay_account(code: EmvCode) -> str | None:
    """UnionPay's account in `code`: the value of 15 or 16, or the template (26 to 51) that names
    UnionPay's provider number; None when it has none."""
    for tag, value in code.objects:
        if tag in _PRIMITIVE:
            return value
        if 26 <= int(tag) <= 51 and dict(read_objects(value)).get("00", "").startswith(_UNIONPAY):
            return value
    return None
