"""Which addresses a line out may reach: a guard against server-side request forgery (OWASP A10).

A merchant names the URL that we post to. Without a guard it could name the cloud's metadata
service or a machine inside our own network. The name is resolved once, every address it resolves
to is checked, and the connection is made to an address that was checked: a name that resolves
otherwise a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import httpcore
from httpcore import SOCKET_OPTION, AsyncNetworkBackend, AsyncNetworkStream

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
# What `is_global` lets through, in some releases of Python: special-purpose blocks (IANA
# registries, RFC 6890), deprecated tunnels (RFC 7526), and Azure's wire server, which is public by
# number but answered by the cloud's host.
_REFUSED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "100::/64",
        "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    )
)  # fmt: skip
_NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(Exception):  # noqa: N818
    """The name resolves to an address we do not connect to. Says no more: it is shown outside."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Lets public addresses through, and those of the networks in `allowed`."""

    allowed: tuple[Network, ...] = ()

    def check(self, text: str) -> Address:
        """`text` as an address that may be reached. Raises AddressRefused."""
        try:
            address = ip_address(text)
        except ValueError:
            raise AddressRefused from None
        meant = _meant(address)
        if not (any(meant in network for network in self.allowed) or _is_public(meant)):
            raise AddressRefused
        return address


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """The addresses of `host`, as the system's resolver gives them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(AsyncNetworkBackend):
    """Connects to checked addresses only. TLS still verifies the name, which it is told apart."""

    def __init__(self, guard: AddressGuard, resolve: Resolve = resolve_host) -> None:
        self._guard, self._resolve = guard, resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the name is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Raises AddressRefused if one of the host's addresses is refused, without connecting."""
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name does not resolve") from error
        checked = [self._guard.check(text) for text in found]
        if not checked:
            raise httpcore.ConnectError("the name has no address")
        return await self._inner.connect_tcp(
            str(checked[0]), port, timeout, local_address, socket_options
        )

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _REFUSED)
    )


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (RFC 4291 2.5.5.2, RFC 6052), or itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
