"""The address guard: what a merchant's URL must never lead to."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from anfu.channels.addresses import LOOPBACK, AddressGuard, AddressRefused, resolve_host

PUBLIC = ["1.1.1.1", "203.119.25.1", "2400:3200::1", "2606:4700::1111", "64:ff9b::101:101"]
REFUSED = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "shop.example",
    "",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_passes(text: str) -> None:
    AddressGuard().check(text)


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard().check(text)


def test_loopback_is_all_that_development_adds() -> None:
    guard = AddressGuard(LOOPBACK)
    assert str(guard.check("127.0.0.1")) == "127.0.0.1"
    assert str(guard.check("::1")) == "::1"
    for text in ("10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"):
        with pytest.raises(AddressRefused):
            guard.check(text)


def test_a_network_of_the_operator_passes() -> None:
    guard = AddressGuard((ip_network("10.1.0.0/16"),))
    guard.check("10.1.2.3")
    with pytest.raises(AddressRefused):
        guard.check("10.2.0.1")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
async def test_odd_spellings_of_loopback_are_seen_through(host: str) -> None:
    for text in await resolve_host(host, 443):
        with pytest.raises(AddressRefused):
            AddressGuard().check(text)
