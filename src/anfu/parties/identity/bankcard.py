"""Bank card numbers: ISO/IEC 7812, 12 to 19 digits, the last of them the check of Luhn."""

from __future__ import annotations

import re
import unicodedata

from anfu.kernel.errors import Refused

_CARD = re.compile(r"[0-9]{12,19}")


def parse_card(text: str) -> str:
    """The digits alone. Raises Refused `card_invalid`; the value is never repeated."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    if _CARD.fullmatch(number) is None or luhn_sum(number) % 10 != 0:
        raise Refused("card_invalid", field="card")
    return number


def luhn_sum(number: str) -> int:
    """The sum that is a multiple of ten for a right number (ISO/IEC 7812-1, annex B)."""
    return sum(
        sum(divmod(int(digit) * (2 if place % 2 else 1), 10))
        for place, digit in enumerate(reversed(number))
    )
