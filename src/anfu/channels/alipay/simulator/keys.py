"""A matching set of keys for both ends, and their rotation."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from anfu.channels.alipay.certificates import certificate_number
from anfu.channels.alipay.member import CERTIFICATE, OWN, ROOT, Mode
from anfu.channels.keyfiles import NETWORK, KeyFiles

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
_NETWORK_KEY, _NETWORK_CERTIFICATE, _APP_KEY = "alipay-private.pem", "alipay.crt", "app-public.pem"
_ISSUER_KEY = "issuer-private.pem"
_BITS = 2048
_LIFE = timedelta(days=3650)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


class NetworkKeys:
    """The network's end of what `provision` has written into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._files = folder, KeyFiles(folder / "simulator")
        self._certified = (folder / CERTIFICATE).exists()

    def own(self) -> rsa.RSAPrivateKey:
        return self._files.private(_NETWORK_KEY)

    def app(self) -> rsa.RSAPublicKey:
        """The member's key."""
        return self._files.public(_APP_KEY)

    def number(self) -> str | None:
        """The `alipay_cert_sn` of its answers, None in key mode."""
        if not self._certified:
            return None
        return certificate_number(self._files.certificate(_NETWORK_CERTIFICATE))

    def rotate(self, *, published: bool = True) -> None:
        """Sign with a new key from now on; `published`: it also lies beside the old one in the
        member's folder."""
        key = _new_key()
        public = _public_pem(key)
        if self._certified:
            issuer = self._files.private(_ISSUER_KEY)
            public = _certificate("Alipay", key.public_key(), issuer)
            _write(self._folder / "simulator" / _NETWORK_CERTIFICATE, public)
        _write(self._folder / "simulator" / _NETWORK_KEY, _private_pem(key))
        if published:
            _publish(self._folder, public, self._certified)


def provision(folder: Path, mode: Mode, *, gateway: str, notify_url: str) -> dict[str, object]:
    """Write the keys of both ends into an empty folder, and return the member's settings."""
    own = folder / "simulator"
    own.mkdir(mode=0o700, parents=True)
    (folder / NETWORK).mkdir(mode=0o700)
    app = _new_key()
    _write(folder / OWN, _private_pem(app))
    _write(own / _APP_KEY, _public_pem(app))
    if mode is Mode.CERTIFICATE:
        issuer = _new_key()
        _write(own / _ISSUER_KEY, _private_pem(issuer))
        _write(folder / ROOT, _certificate("Root", issuer.public_key(), issuer))
        _write(folder / CERTIFICATE, _certificate("App", app.public_key(), issuer))
    NetworkKeys(folder).rotate()
    return {
        "app_id": APP_ID,
        "seller_id": SELLER_ID,
        "mode": mode.value,
        "gateway": gateway,
        "notify_url": notify_url,
    }


def _publish(folder: Path, public: bytes, certified: bool) -> None:
    place = folder / NETWORK
    number = len(list(place.iterdir())) + 1
    _write(place / f"alipay-{number}.{'crt' if certified else 'pem'}", public)


def _certificate(name: str, key: rsa.RSAPublicKey, issuer: rsa.RSAPrivateKey) -> bytes:
    parts = {
        NameOID.COUNTRY_NAME: "CN",
        NameOID.ORGANIZATION_NAME: "Simulated Network",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "Certification Authority",
    }
    authority = [x509.NameAttribute(oid, value) for oid, value in parts.items()]
    builder = (
        x509.CertificateBuilder()
        .issuer_name(x509.Name([*authority, x509.NameAttribute(NameOID.COMMON_NAME, "Root")]))
        .subject_name(x509.Name([*authority, x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGINNING)
        .not_valid_after(_BEGINNING + _LIFE)
    )
    return builder.sign(issuer, SHA256()).public_bytes(serialization.Encoding.PEM)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write(path: Path, content: bytes) -> None:
    """Renamed into its place: half a file is no key."""
    staged = path.with_name(f".{path.name}")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    staged.replace(path)
