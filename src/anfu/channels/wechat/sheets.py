"""Messages of version 2: flat XML, signed by HMAC-SHA256 with the APIv2 key. Pure.

Signed are all values that are not empty, `sign` left out, by name in ASCII order as `k=v` joined by
`&`, and `&key=…` behind.

Source: 微信支付 V2 签名算法, 接口规则.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from html import escape
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from anfu.kernel.errors import Refused


def signature(key: bytes, values: Mapping[str, str]) -> str:
    """The `sign` of the values: 64 upper-case hex digits."""
    signed = [f"{name}={values[name]}" for name in sorted(values) if values[name]]
    text = "&".join(pair for pair in signed if not pair.startswith("sign="))
    return hmac.new(key, f"{text}&key={key.decode()}".encode(), "sha256").hexdigest().upper()


def write_sheet(key: bytes, values: Mapping[str, str]) -> bytes:
    """The signed message."""
    signed = {**values, "sign": signature(key, values)}
    elements = [f"<{name}>{escape(value)}</{name}>" for name, value in signed.items()]
    return f"<xml>{''.join(elements)}</xml>".encode()


def read_sheet(content: bytes) -> Mapping[str, str]:
    """The values of a message that nobody has verified. Raises Refused("message_malformed"): DTDs
    and entities are refused."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Refused("message_malformed", field="body") from None
    values = {child.tag: child.text or "" for child in root}
    if len(values) != len(root) or any(len(child) for child in root):
        raise Refused("message_malformed", field="body")
    return values


def verify_sheet(key: bytes, values: Mapping[str, str]) -> None:
    """Raises Refused("message_forged")."""
    if not hmac.compare_digest(signature(key, values).encode(), values.get("sign", "").encode()):
        raise Refused("message_forged", field="sign")
