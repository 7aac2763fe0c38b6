"""What may stand on a list, read into the form it is kept in.

A number of a card or a phone is never kept in clear: a list of them is HASHED, or its values are
tokens. What is matched with everybody, an empty prefix or half the internet, is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from anfu.kernel.errors import Refused
from anfu.risk.lists.declaration import Declaration, Form

Blind = Callable[[str, str], bytes]
"""The keyed hash, 32 bytes, of (kind of value, value)."""

VALUE_MOST = 128
# The widest network a list may hold.
_WIDEST_4, _WIDEST_6 = 8, 16
# Of a card the issuer's number may stand in clear (PCI DSS 3.4.1), of a phone the number range.
_DIGITS_MOST = {"card": 8, "phone": 7}
_HASH = re.compile(r"[0-9a-f]{64}")
_PAN = re.compile(r"(?<![0-9])[0-9](?:[ ._/-]?[0-9]){12,18}(?![0-9])")
_PHONE = re.compile(r"(?:\+?86)?1[3-9][0-9]{9}")


def read_value(declaration: Declaration, text: str, blind: Blind) -> str:
    """`text` as it is kept on the list. Raises Refused: list_value_invalid, list_value_in_clear,
    list_network_invalid, list_network_too_wide. The value is never repeated in a refusal."""
    value = unicodedata.normalize("NFKC", text).strip()
    if not 0 < len(value) <= VALUE_MOST or not value.isprintable():
        raise Refused("list_value_invalid", field="value")
    if declaration.form is Form.NETWORK:
        return _network(value)
    if declaration.form is Form.HASHED:
        return hashed(declaration.inputs[0], value, blind).hex()
    if declaration.form is Form.PREFIX:
        most = min(_DIGITS_MOST.get(i, VALUE_MOST) for i in declaration.inputs)
        if value.isdigit() and len(value) > most:
            raise Refused("list_value_in_clear", field="value")
    elif declaration.inputs == ("address",):
        return canonical_address(value) or value
    if {"card", "phone"} & set(declaration.inputs) and looks_secret(value):
        raise Refused("list_value_in_clear", field="value")
    return value


def hashed(kind: str, value: str, blind: Blind) -> bytes:
    """The keyed hash of a value; one that is a keyed hash already (64 hex digits) is taken as it
    is. So a phone that events name by the blind index of the customer's number is found on a list
    of numbers."""
    if _HASH.fullmatch(value):
        return bytes.fromhex(value)
    return blind(kind, _plain(kind, value))


def canonical_address(value: str) -> str | None:
    """The address in its shortest notation, an IPv4 address in IPv6 clothes (RFC 4291 2.5.5.2) as
    IPv4; None when it is no address."""
    try:
        address = ip_address(value)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def looks_secret(value: str) -> bool:
    """Whether a card number (13 to 19 digits that pass the Luhn check) or a mobile number of
    mainland China stands in it."""
    if _PHONE.fullmatch(re.sub(r"[ -]", "", value)):
        return True
    return any(_luhn(re.sub(r"[^0-9]", "", number)) for number in _PAN.findall(value))


def _plain(kind: str, value: str) -> str:
    """A number without what people write between its digits, a mobile number without its 86."""
    if kind not in ("card", "phone"):
        return value
    bare = re.sub(r"[ ()-]", "", value)
    if kind == "phone" and _PHONE.fullmatch(bare):
        return bare[-11:]
    return bare if bare.lstrip("+").isdigit() else value


def _luhn(number: str) -> bool:
    digits = [int(c) for c in number]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + doubled) % 10 == 0


def _network(value: str) -> str:
    try:
        network = ip_network(value)
    except ValueError:
        raise Refused("list_network_invalid", field="value") from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        mapped = network.network_address.ipv4_mapped
        network = IPv4Network((int(mapped), max(0, network.prefixlen - 96)))
    widest = _WIDEST_4 if isinstance(network, IPv4Network) else _WIDEST_6
    if network.prefixlen < widest:
        raise Refused("list_network_too_wide", field="value", least=widest)
    return str(network)
