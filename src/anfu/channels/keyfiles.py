"""Keys of a payment network, read from files and read anew when a file has changed.

A folder holds our own private keys, certificates and secrets by file name; the folder `network` in
it holds the network's public keys or certificates, one a file, named by what the network calls
them. So a key is rotated while the process runs: lay the new file beside the old one, later take
the old one away. Replace a file by renaming another in its place: half a file is no key.

A key is PEM, or one line of base64 as some networks hand theirs out.
"""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable, Mapping
from os import stat_result
from pathlib import Path
from typing import Any, TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from anfu.kernel.errors import Refused

NETWORK = "network"
_ENDINGS = (".pem", ".crt", ".cer", ".txt")
_SIZE_MAX = 64 * 1024
_Stamp = tuple[int, int, int]
T = TypeVar("T")


class KeyFiles:
    """The key files of `folder`. Every call looks whether the file has changed, and raises
    Refused("key_file_invalid") with its path when there is no such key in it; private keys and
    secrets that others may read are Refused("key_file_open")."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[Path, Any], tuple[_Stamp, Any]] = {}

    def path(self, name: str) -> Path:
        """Where a file stands, for what reads files by itself."""
        return self._folder / name

    def private(self, name: str) -> RSAPrivateKey:
        """Our private key, without a password."""
        return self._read(self._folder / name, _private, own=True)

    def secret(self, name: str) -> bytes:
        """The text of a file without the white space around it."""
        return self._read(self._folder / name, _secret, own=True)

    def public(self, name: str) -> RSAPublicKey:
        """A public key, also out of a certificate."""
        return self._read(self._folder / name, _public)

    def certificate(self, name: str) -> x509.Certificate:
        """The first certificate of the file."""
        return self.chain(name)[0]

    def chain(self, name: str) -> list[x509.Certificate]:
        """All certificates of the file, as they stand."""
        return self._read(self._folder / name, _chain)

    def publics(self) -> Mapping[str, RSAPublicKey]:
        """All keys of the network by file name without the ending; none without a folder."""
        folder = self._folder / NETWORK
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        named = [path for path in paths if path.suffix in _ENDINGS]
        return {path.stem: self._read(path, _public) for path in named}

    def _read(self, path: Path, parse: Callable[[bytes], T], *, own: bool = False) -> T:
        try:
            status = path.stat()
            if own and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Refused("key_file_open", field=str(path))
            known = self._known.get((path, parse))
            if known is not None and known[0] == _stamp(status):
                return cast(T, known[1])
            value = parse(path.read_bytes() if status.st_size <= _SIZE_MAX else b"")
        except (OSError, ValueError, TypeError):
            raise Refused("key_file_invalid", field=str(path)) from None
        self._known[path, parse] = (_stamp(status), value)
        return value


def _stamp(status: stat_result) -> _Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _private(text: bytes) -> RSAPrivateKey:
    if b"-----BEGIN" in text:
        key = load_pem_private_key(text, None)
    else:
        key = load_der_private_key(_der(text), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("no RSA key")
    return key


def _public(text: bytes) -> RSAPublicKey:
    key = _any_public(text)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("no RSA key")
    return key


def _any_public(text: bytes) -> object:
    if b"-----BEGIN CERTIFICATE" in text:
        return _chain(text)[0].public_key()
    if b"-----BEGIN" in text:
        return load_pem_public_key(text)
    return load_der_public_key(_der(text))


def _chain(text: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(text)


def _der(text: bytes) -> bytes:
    return base64.b64decode(b"".join(text.split()), validate=True)


def _secret(text: bytes) -> bytes:
    if not text.strip():
        raise ValueError("empty")
    return text.strip()
