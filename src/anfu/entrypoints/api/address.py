"""Where a request came from: its line's other end, or what a trusted proxy says.

`X-Forwarded-For` is read from its end: each proxy adds whom it spoke to, and everything before the
last address that is not one of ours may be anybody's invention.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

from starlette.types import Scope

from anfu.parties.network import Network, within

UNKNOWN = "0.0.0.0"  # noqa: S104 - a request without a line; nothing is listened on


def address_of(scope: Scope, headers: Mapping[bytes, bytes], proxies: Sequence[Network]) -> str:
    """The address, in its canonical spelling when it is read from the header."""
    client = scope.get("client")
    peer: str = UNKNOWN if client is None else client[0]
    if not proxies or not within(peer, proxies):
        return peer
    told = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
    for part in reversed(told):
        try:
            found = ipaddress.ip_address(part.strip())
        except ValueError:
            return peer
        peer = str(found)
        if not within(peer, proxies):
            break
    return peer
