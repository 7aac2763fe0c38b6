"""Unified social credit codes (统一社会信用代码, GB 32100): 18 characters that name a firm.

One character for the authority that registers, one for the kind of firm, six digits of the place,
nine of the organisation code, one check character. I, O, S, V and Z do not occur.
"""

from __future__ import annotations

import re
import unicodedata

from anfu.kernel.errors import Refused

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")


def parse_credit_code(text: str) -> str:
    """The code in its one normal spelling. Raises Refused `credit_code_invalid`."""
    compact = unicodedata.normalize("NFKC", text).translate(str.maketrans("", "", " -"))
    code = compact.upper()
    if not code.isascii() or _CODE.fullmatch(code) is None or credit_check(code[:17]) != code[17]:
        raise Refused("credit_code_invalid", field="credit_code")
    return code


def credit_check(characters: str) -> str:
    """The 18th character after these 17: weights are the powers of 3 modulo 31 (GB 32100)."""
    total = sum(ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(characters))
    return ALPHABET[-total % 31]
