"""Canonical bytes: JSON by RFC 8785, the only thing that is ever hashed or signed.

Integers outside ±(2^53 - 1) are refused, as RFC 8785 section 3.2.2.3 and I-JSON ask: another
implementation would read them as a different number.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

_SAFE = (1 << 53) - 1
_string = json.JSONEncoder(ensure_ascii=False).encode
# The C encoder gives the canonical form of values with plain numbers and ASCII keys only.
_plain_text = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical_bytes(value: Any) -> bytes:
    """`value` (None, bool, int, float, str, list, tuple, mapping of str) as RFC 8785 bytes.

    Raises ValueError for anything else: a non-finite float, an unsafe integer, a lone surrogate,
    a key that is not text.
    """
    return (_plain_text(value) if _is_plain(value) else _text(value)).encode()


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical_bytes(value)).digest()


def _is_plain(value: Any) -> bool:
    """Whether the C encoder may be trusted with `value`."""
    waiting = [value]
    for item in waiting:
        kind = type(item)
        if kind is str or kind is bool or item is None:
            continue
        if kind is int:
            if not -_SAFE <= item <= _SAFE:
                return False
        elif kind is float:
            if not _is_plain_number(item):
                return False
        elif kind is dict:
            if not _is_plain_keys(item):
                return False
            waiting.extend(item.values())
        elif kind is list or kind is tuple:
            waiting.extend(item)
        elif not isinstance(item, str):
            return False
    return True


def _is_plain_number(value: float) -> bool:
    """Whether Python and ECMAScript write `value` alike: digits, a point, digits."""
    text = repr(value)
    return not text.endswith(".0") and text.lstrip("-").replace(".", "", 1).isdigit()


def _is_plain_keys(value: dict[Any, Any]) -> bool:
    return set(map(type, value)) <= {str} and "".join(value).isascii()


def _text(value: Any) -> str:  # noqa: PLR0911 - one line for each JSON type
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -_SAFE <= value <= _SAFE:
            raise ValueError("an integer beyond 2^53 - 1 has no canonical form")
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([_text(item) for item in value]) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_string(k)}:{_text(value[k])}" for k in _sorted(value)]) + "}"
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _sorted(value: Mapping[Any, Any]) -> list[str]:
    keys = list(value)
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("a key of a canonical object is text")
    if all(key.isascii() for key in keys):
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _number(value: float) -> str:
    """ECMAScript's Number::toString, from Python's shortest digits."""
    if not math.isfinite(value):
        raise ValueError("a number that is not finite has no canonical form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _place(digits, point)


def _place(digits: str, point: int) -> str:
    """`0.digits × 10^point` in the notation ECMAScript picks."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"
