"""What of an answer may be believed. Pure.

`read_answer` checks, in this order: 1 the body is one JSON object without a name twice; 2 it holds
the node of the method we called, or the gateway's `error_response`; 3 the signature over the node's
text exactly as it stands in the body, never as written anew; 4 the node itself is an object.

An answer names no request: the caller compares the order number in it with its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from anfu.channels.alipay.signing import is_signed

_SPACE = re.compile(r"[ \t\r\n]*")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DECODER = json.JSONDecoder()

# Of the outer object by name: where the value starts and ends in the text, and the value.
Members = dict[str, tuple[int, int, Any]]
# The keys that may have signed, given the certificate number the answer names, if any.
Signers = Callable[[str | None], Sequence[RSAPublicKey]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer: `code` (10000 is success), `sub_code` ("" for none), and all values."""

    code: str
    sub_code: str
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """The value `name` as text, "" where it is missing or no text."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    @property
    def said(self) -> str:
        """The network's own code, for staff."""
        return self.sub_code or self.code


@dataclass(frozen=True, slots=True)
class Untrusted:
    """An answer that is not to be believed, and the code it shows, for staff: the gateway does not
    sign its refusal of an application it does not know."""

    said: str | None = None


def read_answer(method: str, body: bytes, signers: Signers) -> Answer | Untrusted:
    """The answer to a call of `method`."""
    try:
        text, members = _split(body)  # 1
    except (ValueError, RecursionError):
        return Untrusted()
    names = (f"{method.replace('.', '_')}_response", "error_response")
    name = next((name for name in names if name in members), None)
    if name is None:  # 2
        return Untrusted()
    start, end, node = members[name]
    number, signature = _text(members, "alipay_cert_sn"), _text(members, "sign")
    signed = text[start:end].encode()
    if signature is None or not is_signed(signed, signature, signers(number)):  # 3
        return Untrusted(_shown(node))
    if not isinstance(node, dict):  # 4
        return Untrusted()
    return Answer(_code(node, "code"), _code(node, "sub_code"), node)


def _split(body: bytes) -> tuple[str, Members]:
    """The text and its members. Raises ValueError, RecursionError."""
    text = body.decode()
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("no object")
    return text, _members(text, at + 1)


def _members(text: str, at: int) -> Members:
    found: Members = {}
    mark = ","
    while mark == ",":
        name, at = _DECODER.raw_decode(text, _skip(text, at))
        at = _skip(text, at)
        if type(name) is not str or name in found or text[at : at + 1] != ":":
            raise ValueError("no member")
        start = _skip(text, at + 1)
        value, end = _DECODER.raw_decode(text, start)
        found[name] = (start, end, value)
        at = _skip(text, end)
        mark, at = text[at : at + 1], at + 1
    if mark != "}" or text[at:].strip():
        raise ValueError("no end")
    return found


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _text(members: Members, name: str) -> str | None:
    value = members.get(name, (0, 0, None))[2]
    return value if isinstance(value, str) else None


def _code(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name, "")
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _shown(node: object) -> str | None:
    if not isinstance(node, dict):
        return None
    return _code(node, "sub_code") or _code(node, "code") or None
