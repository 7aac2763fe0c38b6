"""What customers hold, in software: an app, a token, a device key, a passkey's authenticator."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN, RP = "http://localhost:8000", "localhost"


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def seed_in(uri: str) -> bytes:
    """The seed in an otpauth address, as an app reads it."""
    secret = parse_qs(urlsplit(uri).query)["secret"][0]
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


@dataclass
class DeviceKey:
    """A key on P-256 as WebCrypto has it."""

    private: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @property
    def public(self) -> str:
        der = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return b64(der)

    def sign(self, content: str) -> str:
        r, s = decode_dss_signature(self.private.sign(bytes_of(content), ECDSA(SHA256())))
        return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@dataclass
class Authenticator:
    """A platform authenticator: user present (1), verified (4), attested data (64)."""

    origin: str = ORIGIN
    rp: str = RP
    count: int = 0
    flags: int = 0x05
    private: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))
    id: bytes = field(default_factory=lambda: hashlib.sha256(b"credential").digest())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """RegistrationResponseJSON."""
        point = self.private.public_key().public_numbers()
        key = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
        data = self._data(self.flags | 0x40) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options["challenge"])),
            "attestationObject": b64(attestation),
        }
        return self._credential(response)

    def get(self, challenge: str) -> dict[str, Any]:
        """AuthenticationResponseJSON."""
        self.count += 1
        data, client = self._data(self.flags), self._client("webauthn.get", challenge)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
            }
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        content = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps({**content, "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        id_ = b64(self.id)
        return {"id": id_, "rawId": id_, "type": "public-key", "response": response,
                "clientExtensionResults": {}}  # fmt: skip
