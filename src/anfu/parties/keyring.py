"""The key ring: seals what must not be read in the database, and indexes what cannot be read.

Sealed = version (1 byte) + nonce (12 bytes) + AES-256-GCM cipher text and tag (NIST SP 800-38D).
The id of the row is the associated data, so that a sealed value moved to another row does not
open. Nonces are random: one key may seal 2^32 values, then a new version is due.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy

_KEY_BYTES = 32
_NONCE_BYTES = 12
_LAST_VERSION = 255
_TITLE = "anfu-keyring-v1"
_INDEX_LINE = re.compile(r"index ([0-9a-f]{64})")
_SEAL_LINE = re.compile(r"seal ([1-9][0-9]{0,2}) ([0-9a-f]{64})( active)?")


class KeyRing:
    """Sealing keys by version, one of them active, and the key of the blind index.

    The text form, for a file only its owner may read, is one line each, versions ascending:
    `anfu-keyring-v1`, `index <hex>`, `seal <version> <hex>[ active]`.
    """

    __slots__ = ("_active", "_ciphers", "_index", "_keys")

    def __init__(self, keys: Mapping[int, bytes], *, active: int, index_key: bytes) -> None:
        sizes = {len(index_key), *(len(key) for key in keys.values())}
        if active not in keys or sizes != {_KEY_BYTES}:
            raise ValueError("a key ring has an active key, and keys of 256 bits")
        if not all(1 <= version <= _LAST_VERSION for version in keys):
            raise ValueError("versions of keys run from 1 to 255")
        self._keys = dict(sorted(keys.items()))
        self._ciphers = {version: AESGCM(key) for version, key in self._keys.items()}
        self._active = active
        self._index = index_key

    @classmethod
    def generate(cls, entropy: Entropy) -> KeyRing:
        """A new ring with one key, version 1."""
        return cls({1: entropy.bytes(_KEY_BYTES)}, active=1, index_key=entropy.bytes(_KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """The ring `to_text` wrote. Raises Refused `keyring_malformed` with the number of the
        line, never its content."""
        lines = text.removesuffix("\n").split("\n")
        index = _INDEX_LINE.fullmatch(lines[1]) if len(lines) > 2 else None
        if lines[0] != _TITLE or index is None:
            raise Refused("keyring_malformed", line=1 if lines[0] != _TITLE else 2)
        keys: dict[int, bytes] = {}
        active: list[int] = []
        for number, line in enumerate(lines[2:], start=3):
            seal = _SEAL_LINE.fullmatch(line)
            version = int(seal[1]) if seal else 0
            if seal is None or not max(keys, default=0) < version <= _LAST_VERSION:
                raise Refused("keyring_malformed", line=number)
            keys[version] = bytes.fromhex(seal[2])
            active += [version] if seal[3] else []
        if len(active) != 1:
            raise Refused("keyring_malformed", line=len(lines))
        return cls(keys, active=active[0], index_key=bytes.fromhex(index[1]))

    def to_text(self) -> str:
        """The ring with its keys in clear: for the key file and nothing else."""
        seals = [
            f"seal {version} {key.hex()}{' active' if version == self._active else ''}"
            for version, key in self._keys.items()
        ]
        return "\n".join([_TITLE, f"index {self._index.hex()}", *seals]) + "\n"

    @property
    def active(self) -> int:
        """The version that seals."""
        return self._active

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that open, ascending."""
        return tuple(self._keys)

    @property
    def prepared(self) -> int | None:
        """The newest version, if it does not seal yet."""
        newest = max(self._keys)
        return newest if newest > self._active else None

    def with_prepared_key(self, entropy: Entropy) -> KeyRing:
        """This ring with one more key, which only opens for now: once every process has it, one
        may seal with it. Raises Refused `data_keys_used_up` after version 255."""
        version = max(self._keys) + 1
        if version > _LAST_VERSION:
            raise Refused("data_keys_used_up", last=_LAST_VERSION)
        keys = {**self._keys, version: entropy.bytes(_KEY_BYTES)}
        return KeyRing(keys, active=self._active, index_key=self._index)

    def with_newest_active(self) -> KeyRing:
        """This ring, sealing with its newest key."""
        return KeyRing(self._keys, active=max(self._keys), index_key=self._index)

    def without(self, version: int) -> KeyRing:
        """This ring without `version`, once nothing is sealed by it. Raises ValueError for the
        active one."""
        keys = {known: key for known, key in self._keys.items() if known != version}
        return KeyRing(keys, active=self._active, index_key=self._index)

    def seal(self, plain: bytes, *, bound_to: str, entropy: Entropy) -> bytes:
        """`plain` sealed under the active key for the row whose id is `bound_to`."""
        nonce = entropy.bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._active].encrypt(nonce, plain, bound_to.encode())
        return self._active.to_bytes(1, "big") + nonce + sealed

    def unseal(self, sealed: bytes, *, bound_to: str) -> bytes:
        """What was sealed. Raises BrokenInvariant when it was sealed for another row, by a key
        this ring does not hold, or was changed since."""
        cipher = self._ciphers.get(sealed[0])
        if cipher is None:
            raise BrokenInvariant(f"{bound_to} is sealed by key {sealed[0]}: not in the ring")
        start = 1 + _NONCE_BYTES
        try:
            return cipher.decrypt(sealed[1:start], sealed[start:], bound_to.encode())
        except InvalidTag:
            raise BrokenInvariant(f"what is sealed for {bound_to} does not open") from None

    def blind_index(self, kind: str, *values: str) -> bytes:
        """HMAC-SHA256 of normalised values: equal for equal values of one kind, and telling
        nothing without the key. The key does not rotate: every index would have to be rewritten.
        """
        return hmac.digest(self._index, canonical_bytes([kind, *values]), "sha256")

    def __repr__(self) -> str:
        return f"KeyRing(active={self._active}, versions={self.versions})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key ring is not pickled: it would carry its keys along")


@dataclass(frozen=True, slots=True)
class Sealer:
    """A key ring and the randomness it seals with: what operations write secrets by."""

    ring: KeyRing
    entropy: Entropy

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        return self.ring.seal(plain, bound_to=bound_to, entropy=self.entropy)
