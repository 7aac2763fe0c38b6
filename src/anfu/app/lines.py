"""Lines to firms outside, as the settings name them: where, and by which key an answer is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anfu.channels.sandbox.messages import Identity
from anfu.kernel.errors import Refused

_WE = "anfu"
_FORM = "https://host#64 hex digits"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Line:
    """An address, and the Ed25519 public key (32 bytes) of who answers there."""

    url: str
    key: bytes

    def identity(self, peer: str, key: Ed25519PrivateKey) -> Identity:
        """Our end of the line to `peer`, under our own `key`."""
        return Identity(_WE, key, peer, Ed25519PublicKey.from_public_bytes(self.key))


def read_line(setting: str, value: str) -> Line | None:
    """`address#key`, None for nothing. Only a line on this machine goes without TLS.

    Raises Refused(setting_invalid).
    """
    if not value:
        return None
    url, _, key = value.partition("#")
    try:
        parts, public = urlsplit(url), bytes.fromhex(key)
        Ed25519PublicKey.from_public_bytes(public)
    except ValueError:
        raise Refused("setting_invalid", field=setting, allowed=[_FORM]) from None
    near = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (near or parts.scheme == "https"):
        raise Refused("setting_invalid", field=setting, allowed=[_FORM])
    return Line(url, public)


def read_lines(setting: str, value: str, kinds: Collection[str]) -> dict[str, Line]:
    """`kind=address#key`, separated by white space; each of `kinds` at most once.

    Raises Refused(setting_invalid).
    """
    lines: dict[str, Line] = {}
    for part in value.split():
        kind, _, rest = part.partition("=")
        line = read_line(setting, rest)
        if kind not in kinds or kind in lines or line is None:
            allowed = [f"{one}={_FORM}" for one in sorted(kinds)]
            raise Refused("setting_invalid", field=setting, allowed=allowed)
        lines[kind] = line
    return lines
