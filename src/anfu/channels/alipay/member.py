"""Who we are at Alipay, and the keys of both ends.

The folder holds `app-private.pem`, and in the folder `network` Alipay's own: in key mode (公钥模式)
one or more public keys, in certificate mode (公钥证书模式) one or more certificates, `*.crt`. The
latter mode also needs `app.crt` and `root.crt`. Every key of Alipay's that lies there is accepted:
a new file is put beside the old one, which is taken away a day later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from anfu.channels.alipay.certificates import certificate_number, root_number
from anfu.channels.keyfiles import NETWORK, KeyFiles
from anfu.channels.port import NONCES_KEPT
from anfu.kernel.errors import Refused

OWN, CERTIFICATE, ROOT = "app-private.pem", "app.crt", "root.crt"
GATEWAY = "https://openapi.alipay.com/gateway.do"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# An hour less than nonces are kept: a notice may be a little ahead of our clock.
_NOTICE_AGE_MOST_H = NONCES_KEPT // timedelta(hours=1) - 1
_NUMBER = "the digits of the number"
_TEXTS = ("app_id", "seller_id", "notify_url")


class Mode(StrEnum):
    KEY = "key"
    CERTIFICATE = "certificate"


class Keys:
    """The keys in `folder`. Every method raises Refused as `KeyFiles` does."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self._folder, self._mode, self._files = folder, mode, KeyFiles(folder)

    def own(self) -> RSAPrivateKey:
        """What we sign with."""
        return self._files.private(OWN)

    def numbers(self) -> Mapping[str, str]:
        """What names our certificates in a request; nothing in key mode."""
        if self._mode is Mode.KEY:
            return {}
        return {
            "app_cert_sn": certificate_number(self._files.certificate(CERTIFICATE)),
            "alipay_root_cert_sn": root_number(self._roots()),
        }

    def signers(self, number: str | None) -> Sequence[RSAPublicKey]:
        """Whose signatures are Alipay's: of certificates, only the one that `number` names, where
        it names one."""
        if self._mode is Mode.KEY:
            return list(self._files.publics().values())
        names = sorted(path.name for path in (self._folder / NETWORK).glob("*.crt"))
        files = [f"{NETWORK}/{name}" for name in names]
        return [
            self._files.public(file)
            for file in files
            if number in (None, certificate_number(self._files.certificate(file)))
        ]

    def _roots(self) -> bytes:
        """The file as it stands: not all of it is read as strictly as `KeyFiles` reads."""
        try:
            return (self._folder / ROOT).read_bytes()
        except OSError:
            raise Refused("key_file_invalid", field=str(self._folder / ROOT)) from None

    def check(self) -> None:
        """Raises Refused unless everything that is needed lies there."""
        self.own()
        if "" in self.numbers().values():
            raise Refused("key_file_invalid", field=str(self._folder / ROOT))
        if not self.signers(None):
            raise Refused("key_file_invalid", field=str(self._folder / NETWORK))


@dataclass(frozen=True, slots=True)
class Member:
    """`app_id` and `seller_id` are Alipay's numbers for us, `notify_url` is where it posts.

    `life` is how long an order may be paid that names no time of its own; `timeout_s` bounds one
    call in all; `notice_age` is how old a notice may be: Alipay retries for 24 h 24 min, and
    one that comes again must find its nonce.
    `bill_final_hour` is the hour of the next day (Beijing) from which a bill that does not exist is
    taken for a day on which nothing happened.
    """

    app_id: str
    seller_id: str
    notify_url: str
    keys: Keys
    gateway: str = GATEWAY
    life: timedelta = timedelta(minutes=15)
    timeout_s: float = 10.0
    notice_age: timedelta = timedelta(hours=26)
    bill_final_hour: int = 12


def read_member(section: Mapping[str, object], folder: Path) -> Member:
    """The member a table of settings names, its keys read once. Raises Refused(setting_invalid),
    and as `KeyFiles` does."""
    known = {*_TEXTS, "mode", "gateway", "order_life_min", "notice_age_h", "bill_final_hour"}
    for name in section.keys() - known:
        raise _invalid(name, sorted(known))
    keys = Keys(folder, _mode(section.get("mode", "key")))
    life, age = (
        _whole(section, "order_life_min", 15, 1, 1440),
        _whole(section, "notice_age_h", 26, 25, _NOTICE_AGE_MOST_H),
    )
    member = Member(
        app_id=_digits(section, "app_id"),
        seller_id=_digits(section, "seller_id"),
        notify_url=_url(section, "notify_url"),
        keys=keys,
        gateway=_url({"gateway": GATEWAY, **section}, "gateway"),
        life=timedelta(minutes=life),
        notice_age=timedelta(hours=age),
        bill_final_hour=_whole(section, "bill_final_hour", 12, 9, 23),
    )
    keys.check()
    return member


def _mode(value: object) -> Mode:
    try:
        return Mode(str(value))
    except ValueError:
        raise _invalid("mode", [mode.value for mode in Mode]) from None


def _digits(section: Mapping[str, object], name: str) -> str:
    value = section.get(name)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit() and len(value) <= 32):
        raise _invalid(name, [_NUMBER])
    return value


def _url(section: Mapping[str, object], name: str) -> str:
    """Only this machine is spoken to without TLS."""
    value = section.get(name)
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    near = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or parts.query or not (near or parts.scheme == "https"):
        raise _invalid(name, ["https://host/path"])
    return str(value)


def _whole(section: Mapping[str, object], name: str, usual: int, least: int, most: int) -> int:
    value: Any = section.get(name, usual)
    if type(value) is not int or not least <= value <= most:
        raise _invalid(name, [f"{least} … {most}"])
    return value


def _invalid(name: str, allowed: list[str]) -> Refused:
    return Refused("setting_invalid", field=f"alipay.{name}", allowed=allowed)
