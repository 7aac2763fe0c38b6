"""A matching set of key files for a member and for the simulator, for trials and tests.

`folder` is the member's, as `member.read_member` reads it; its folder `simulator` is the network's
end: `PUB_KEY_ID_….pem` and `certificate.pem` (private keys), `merchant.pem` (our certificate).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from anfu.channels.keyfiles import NETWORK
from anfu.channels.wechat.member import CERTIFICATE, PRIVATE_KEY, V2_KEY, V3_KEY
from anfu.kernel.ids import Entropy

SIMULATOR = "simulator"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092026112800000000000001"
PLATFORM_KEY = "certificate.pem"
MERCHANT = "merchant.pem"
MERCHANT_NUMBER = "1900000109"
_YEARS_5 = timedelta(days=5 * 365)


def provision(
    folder: Path, *, url: str, notify_url: str, now: datetime, entropy: Entropy
) -> dict[str, object]:
    """Write the files and return the table of settings that goes with them."""
    for place in (folder, folder / NETWORK, folder / SIMULATOR):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours, public, platform = (new_key() for _ in range(3))
    certificate = certify(ours, "merchant", now=now, entropy=entropy)
    _write(folder / PRIVATE_KEY, private_pem(ours))
    for name, keep in ((V3_KEY, 16), (V2_KEY, 16)):
        secret = entropy.bytes(keep).hex().encode()
        _write(folder / name, secret)
        _write(folder / SIMULATOR / name, secret)
    for path in (folder / CERTIFICATE, folder / SIMULATOR / MERCHANT):
        _write(path, certificate.public_bytes(Encoding.PEM))
    _write(folder / SIMULATOR / f"{PUBLIC_KEY_ID}.pem", private_pem(public))
    _write(folder / SIMULATOR / PLATFORM_KEY, private_pem(platform))
    _write(folder / NETWORK / f"{PUBLIC_KEY_ID}.pem", _public_pem(public))
    return {
        "merchant": MERCHANT_NUMBER,
        "app": "wx00000000000000a1",
        "serial": f"{certificate.serial_number:X}",
        "notify_url": notify_url,
        "network_key": PUBLIC_KEY_ID,
        "url": url,
    }


def new_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def certify(key: RSAPrivateKey, name: str, *, now: datetime, entropy: Entropy) -> x509.Certificate:
    """A certificate that signs itself, good for five years."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    serial = int.from_bytes(b"\x4a" + entropy.bytes(18), "big")
    start = now.replace(microsecond=0) - timedelta(days=1)
    built = x509.CertificateBuilder(
        subject, subject, key.public_key(), serial, start, start + _YEARS_5
    )
    return built.sign(key, SHA256())


def private_pem(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
