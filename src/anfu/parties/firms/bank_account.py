"""A firm's account at a bank (对公账户): 6 to 32 digits, as banks number them."""

from __future__ import annotations

import re
import unicodedata

from anfu.kernel.errors import Refused

_ACCOUNT = re.compile(r"[0-9]{6,32}")


def parse_bank_account(text: str) -> str:
    """The digits alone. Raises Refused `bank_account_invalid`; the value is never repeated."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "")
    if _ACCOUNT.fullmatch(number) is None:
        raise Refused("bank_account_invalid", field="bank_account")
    return number
