"""Writes small files by the MaxMind DB File Format Specification 2.0."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MARK = b"\xab\xcd\xefMaxMind.com"
_Node = list[Any]


def write_locations(path: Path, places: Mapping[str, Mapping[str, Any]]) -> None:
    """`places`: a record for each IPv4 or IPv6 network. Records of 32 bits; a tree for IPv6, with
    IPv4 below ::/96."""
    root: _Node = [None, None]
    for number, name in enumerate(places):
        _hang(root, ipaddress.ip_network(name), number)
    nodes: list[_Node] = []
    _number(root, nodes)
    data, offsets = b"", []
    for record in places.values():
        offsets.append(len(data))
        data += _value(record)
    index = {id(node): at for at, node in enumerate(nodes)}

    def pointer(child: Any) -> int:
        if child is None:
            return len(nodes)
        return len(nodes) + 16 + offsets[child] if isinstance(child, int) else index[id(child)]

    tree = b"".join(struct.pack(">II", *map(pointer, node)) for node in nodes)
    # Numbers of the metadata are typed: the count of 32 bits is written by hand below.
    about = { "record_size": 32, "ip_version": 6,
             "database_type": "Anfu-Test-City", "languages": ["en"],
             "binary_format_major_version": 2, "binary_format_minor_version": 0,
             "build_epoch": 1_795_000_000, "description": {"en": "test"}}  # fmt: skip
    count = _value("node_count") + _control(6, 4) + struct.pack(">I", len(nodes))
    head = _control(7, len(about) + 1) + count
    rest = b"".join(_value(key) + _value(value) for key, value in about.items())
    path.write_bytes(tree + bytes(16) + data + _MARK + head + rest)


def _hang(root: _Node, network: Any, leaf: int) -> None:
    length = network.prefixlen + (96 if network.version == 4 else 0)
    bits = f"{int(network.network_address):0128b}"[:length]
    node = root
    for bit in bits[:-1]:
        if node[int(bit)] is None:
            node[int(bit)] = [None, None]
        node = node[int(bit)]
    node[int(bits[-1])] = leaf


def _number(node: _Node, nodes: list[_Node]) -> None:
    nodes.append(node)
    for child in node:
        if isinstance(child, list):
            _number(child, nodes)


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return _control(3, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        body = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _control(9 if value > 0xFFFF else 5, len(body)) + body
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_value, value))
    pairs = b"".join(_value(k) + _value(v) for k, v in value.items())
    return _control(7, len(value)) + pairs


def _control(kind: int, size: int) -> bytes:
    """Of less than 29."""
    assert size < 29
    return bytes([size, kind - 7]) if kind > 7 else bytes([kind << 5 | size])
