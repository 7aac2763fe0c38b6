"""Who signs checkpoints: an Ed25519 key with a name, in the forms of C2SP signed-note."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from anfu.kernel.ids import Entropy

_ED25519 = b"\x01"
_KEY = 32


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half: the name of the log and 32 bytes. `str()` gives the C2SP vkey.

    Raises ValueError for a name that is empty or has a space, a plus or a control character.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or any(c.isspace() or c == "+" or not c.isprintable() for c in self.name):
            raise ValueError("a key's name has no spaces, no plus and no control characters")
        if len(self.public) != _KEY:
            raise ValueError("an Ed25519 public key has 32 bytes")

    @property
    def id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def verify(self, signature: bytes, text: bytes) -> bool:
        """Whether `signature` (RFC 8032) is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def parse_key(text: str) -> VerifierKey:
    """The key a vkey stands for. Raises ValueError when it is not one of an Ed25519 key."""
    name, *rest = text.strip().split("+", 2)
    try:
        encoded = base64.b64decode(rest[1], validate=True)
    except (IndexError, binascii.Error, ValueError) as error:
        raise ValueError("a vkey is <name>+<id>+<base64>") from error
    key = VerifierKey(name, encoded[1:])
    if encoded[:1] != _ED25519 or str(key) != text.strip():
        raise ValueError("the parts of the vkey do not fit together")
    return key


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs checkpoints of the log `name`. `former` are the keys it follows: a checkpoint of
    theirs is one it may grow from."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)
    former: tuple[VerifierKey, ...] = ()

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)


def load_signer(name: str, secret: bytes, *, former: tuple[VerifierKey, ...] = ()) -> Signer:
    """A signer from 32 secret bytes. Raises ValueError for another length or a bad name."""
    if len(secret) != _KEY:
        raise ValueError("an Ed25519 private key has 32 bytes")
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(secret), former)
    VerifierKey(name, signer.key.public)
    return signer


def generate_secret(entropy: Entropy) -> bytes:
    """32 new secret bytes for `load_signer`."""
    return entropy.bytes(_KEY)
