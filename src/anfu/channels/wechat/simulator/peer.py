"""The network's end of the line: what it signs with, and whom it serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.wechat.member import V2_KEY, V3_KEY
from anfu.channels.wechat.provision import (
    MERCHANT,
    PLATFORM_KEY,
    PUBLIC_KEY_ID,
    SIMULATOR,
    certify,
    new_key,
)
from anfu.channels.wechat.sealing import seal
from anfu.kernel.ids import Entropy


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform certificate and its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:X}"


@dataclass(slots=True)
class Peer:
    """`public` is the key of 微信支付公钥; of `platforms` the last one is in use."""

    merchant: str
    apps: frozenset[str]
    serial: str
    url: str
    merchant_key: RSAPublicKey = field(repr=False)
    v3_key: bytes = field(repr=False)
    v2_key: bytes = field(repr=False)
    public: RSAPrivateKey = field(repr=False)
    platforms: list[Platform] = field(repr=False)

    def signing(self, asked: str | None = None) -> tuple[str, RSAPrivateKey]:
        """Serial and key: the one that is asked for, else the newest certificate's."""
        if asked == PUBLIC_KEY_ID:
            return PUBLIC_KEY_ID, self.public
        found = [one for one in self.platforms if one.serial == asked]
        chosen = (found or self.platforms)[-1]
        return chosen.serial, chosen.key

    def rotate(self, *, now: datetime, entropy: Entropy) -> str:
        """A new certificate, in use from now on; returns its serial."""
        self.platforms.append(_platform(new_key(), now=now, entropy=entropy))
        return self.platforms[-1].serial

    def certificates(self, *, entropy: Entropy) -> list[dict[str, object]]:
        """What /v3/certificates lists."""
        return [self._listed(one, entropy) for one in self.platforms]

    def _listed(self, one: Platform, entropy: Entropy) -> dict[str, object]:
        text = one.certificate.public_bytes(Encoding.PEM)
        nonce = entropy.bytes(6).hex()
        return {
            "serial_no": one.serial,
            "effective_time": one.certificate.not_valid_before_utc.isoformat(),
            "expire_time": one.certificate.not_valid_after_utc.isoformat(),
            "encrypt_certificate": seal(self.v3_key, text, nonce=nonce, more="certificate"),
        }


def read_peer(
    section: Mapping[str, object], folder: Path, *, now: datetime, entropy: Entropy
) -> Peer:
    """The end that matches what `provision` has written for a member. Raises Refused as
    `KeyFiles`."""
    keys = KeyFiles(folder / SIMULATOR)
    apps = section.get("apps", {})
    assert isinstance(apps, Mapping)
    platform = keys.private(PLATFORM_KEY)
    return Peer(
        merchant=str(section["merchant"]),
        apps=frozenset({str(section["app"]), *map(str, apps.values())}),
        serial=str(section["serial"]),
        url=str(section["url"]),
        merchant_key=keys.public(MERCHANT),
        v3_key=keys.secret(V3_KEY),
        v2_key=keys.secret(V2_KEY),
        public=keys.private(f"{PUBLIC_KEY_ID}.pem"),
        platforms=[_platform(platform, now=now, entropy=entropy)],
    )


def _platform(key: RSAPrivateKey, *, now: datetime, entropy: Entropy) -> Platform:
    return Platform(certify(key, "Tenpay.com Root CA", now=now, entropy=entropy), key)
