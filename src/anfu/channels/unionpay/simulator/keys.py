"""Key files for both ends of the line to the made-up UnionPay.

`provision` writes what `member.read_member` reads, and in the folder `simulator` of it what
`read_network` reads: the network's key with its certificate, the middle certificate with its key
(`rotate` issues by it), and our certificate.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.unionpay.certificates import OWNER
from anfu.channels.unionpay.member import MIDDLE, ROOT, SIGN

MERCHANT = "777290058110048"
_FOLDER, _OWN, _ISSUER, _MEMBER = "simulator", "network.pem", "issuer.pem", "member.pem"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its certificate."""

    key: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True, slots=True)
class NetworkKeys:
    """The network's end: what it signs with, what issued that, and the member's certificate."""

    own: Pair
    issuer: Pair
    member: x509.Certificate


def provision(folder: Path, *, origin: str, notify_url: str, now: datetime) -> dict[str, object]:
    """The table for `member.read_member`, its key files in `folder`; the network is at `origin`.
    Files that are there are overwritten."""
    (folder / _FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    root = issue("CFCA TEST ROOT", None, now=now)
    middle = issue("CFCA TEST OCA", root, now=now)
    own = issue(f"041@Z1@{OWNER}@00000001", middle, now=now, authority=False)
    sign = issue(f"041@Z1@{MERCHANT}@00000002", middle, now=now, authority=False)
    files = {
        folder / SIGN: _private(sign) + sign.pem,
        folder / MIDDLE: middle.pem,
        folder / ROOT: root.pem,
        folder / _FOLDER / _OWN: _private(own) + own.pem,
        folder / _FOLDER / _ISSUER: _private(middle) + middle.pem,
        folder / _FOLDER / _MEMBER: sign.pem,
    }
    for path, text in files.items():
        _write(path, text)
    return {
        "merchant": MERCHANT,
        "notify_url": notify_url,
        "gateway": f"{origin}/gateway/api",
        "files": f"{origin}/files",
        "app_mode": "01",
    }


def read_network(folder: Path) -> NetworkKeys:
    """The network's end of what `provision` wrote. Raises Refused as `KeyFiles` does."""
    keys = KeyFiles(folder / _FOLDER)
    own, issuer = (Pair(keys.private(name), keys.certificate(name)) for name in (_OWN, _ISSUER))
    return NetworkKeys(own, issuer, keys.certificate(_MEMBER))


def issue(
    name: str, by: Pair | None, *, now: datetime, authority: bool = True, days: int = 365
) -> Pair:
    """A new pair for the CN `name`, by an issuer or by itself; valid from the day before `now`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = subject if by is None else by.certificate.subject
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + days * _DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(key if by is None else by.key, SHA256())
    )
    return Pair(key, certificate)


def _private(pair: Pair) -> str:
    text = pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return text.decode()


def _write(path: Path, text: str) -> None:
    staged = path.with_name(f".{path.name}.new")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    staged.replace(path)
