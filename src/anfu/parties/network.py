"""Networks: from where a key may be used, or whose word is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from anfu.kernel.errors import Refused

Network = IPv4Network | IPv6Network
MOST = 32


def parse_networks(texts: Iterable[str], *, field: str) -> tuple[Network, ...]:
    """Networks in CIDR form, a single address being a network of one. Raises Refused
    `networks_invalid` for more than 32, and for one that is none or has bits below its mask."""
    given = tuple(texts)
    try:
        found = tuple(ip_network(text) for text in given)
    except ValueError:
        raise Refused("networks_invalid", field=field, most=MOST) from None
    if len(found) > MOST:
        raise Refused("networks_invalid", field=field, most=MOST)
    return found


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of them; text that is no address lies in none. IPv4 written as
    IPv6 (::ffff:192.0.2.1) is the IPv4 address it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
