"""Forms to and from UnionPay: fields, numbers and times. Pure.

A notice is a form (percent-encoded UTF-8). A synchronous answer is not: `k=v&k=v` stands there as
it is, and a value that opens with `{` or `[` may hold `&` and `=` up to its closing bracket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

from anfu.kernel.errors import Refused
from anfu.kernel.periods import SHANGHAI

Fields = Mapping[str, str]

CURRENCIES: Mapping[str, str] = MappingProxyType({"CNY": "156"})
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)
_NUMBER = re.compile(r"(pay|rfd)([0-9a-z]{5,37})", re.ASCII)
_MOST_FIELDS = 100
_NESTS = {"{": "}", "[": "]"}


def order_id(number: str) -> str:
    """Our number as UnionPay takes it, 8 to 40 letters and digits: without `_`."""
    text = number.replace("_", "", 1)
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number is pay_ or rfd_ and letters and digits")
    return text


def number_of(order: str) -> str:
    """Our number again. Raises Refused("message_malformed", field="orderId")."""
    found = _NUMBER.fullmatch(order)
    if found is None:
        raise Refused("message_malformed", field="orderId")
    return "_".join(found.groups())


def beijing(moment: datetime) -> str:
    """`YYYYMMDDhhmmss`, Beijing time."""
    return moment.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")


def moment_of(text: str, field: str) -> datetime:
    """The reverse. Raises Refused("message_malformed", field)."""
    try:
        if len(text) != 14 or not (text.isascii() and text.isdigit()):
            raise ValueError("form")
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        raise Refused("message_malformed", field=field) from None


def write_form(fields: Fields) -> bytes:
    return urlencode(fields).encode()


def read_form(body: bytes) -> Fields:
    """The fields of a posted form. Raises Refused("message_malformed")."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refused("message_malformed", field="body") from None
    return _checked(pairs)


def read_answer(body: bytes) -> Fields:
    """The fields of a synchronous answer. Raises Refused("message_malformed")."""
    try:
        parts = _parts(body.decode().strip())
    except UnicodeDecodeError:
        raise Refused("message_malformed", field="body") from None
    pairs = [part.partition("=") for part in parts]
    if len(pairs) > _MOST_FIELDS or any(not equals for _, equals, _ in pairs):
        raise Refused("message_malformed", field="body")
    return _checked([(name, value) for name, _, value in pairs])


def refuse_hidden(fields: Fields) -> None:
    """Raises Refused("message_malformed", field=name) for a value that could be two fields to
    somebody else: what is signed joins fields by `&`, so a field hidden in the one before it would
    leave the signature right. UnionPay puts no `&` outside of brackets."""
    for name, value in fields.items():
        if len(_parts(f"{name}={value}")) != 1:
            raise Refused("message_malformed", field=name)


def write_answer(fields: Fields) -> bytes:
    """As the network writes a synchronous answer."""
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def _parts(text: str) -> list[str]:
    """`text` divided at each `&` that no bracket at the beginning of a value holds. By searching,
    since the answer with a bill is a hundred megabytes."""
    parts: list[str] = []
    start = 0
    while True:
        end = text.find("&", start)
        equals = text.find("=", start, end if end >= 0 else len(text))
        closing = _NESTS.get(text[equals + 1 : equals + 2]) if equals >= 0 else None
        if closing is not None:
            end = text.find("&", max(text.find(closing, equals), equals))
        if end < 0:
            return [*parts, text[start:]]
        parts.append(text[start:end])
        start = end + 1


def _checked(pairs: list[tuple[str, str]]) -> Fields:
    fields = dict(pairs)
    if len(fields) != len(pairs) or not all(map(_NAME.fullmatch, fields)):
        raise Refused("message_malformed", field="body")
    return fields
