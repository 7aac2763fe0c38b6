"""Who we are at UnionPay: the merchant, the addresses, and the key files.

In the folder: `sign.pem`, our private key and its certificate as
`openssl pkcs12 -in acp_prod_sign.pfx -nodes -out sign.pem` writes them; `middle.pem` and
`root.pem`, the certificates (验签中级证书, 验签根证书) whose issue may sign messages, one or
several in each file, so that the old and the new are taken side by side.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.unionpay.certificates import OWNER, Authorities
from anfu.kernel.errors import Refused

SIGN, MIDDLE, ROOT = "sign.pem", "middle.pem", "root.pem"
# Product (产品类型) of each kind of order; the sources disagree on some, see the docs.
_PRODUCTS = MappingProxyType(
    {"page": "000201", "file": "000301", "code": "000000", "refund": "000000", "query": "000000"}
)
_URL = re.compile(r"https?://[^\s?#]+")
_FORMS = {
    "merchant": re.compile(r"[0-9A-Za-z]{15}"),
    "notify_url": _URL,  # with a query it would be signed without, and never verify
    "gateway": _URL,
    "files": _URL,
    "version": re.compile(r"[5-9]\.[0-9]\.[0-9]"),
    "requester": re.compile(r"[0-9A-Za-z]{0,16}"),
    "terminal": re.compile(r"[0-9A-Za-z]{8}"),
    "app_mode": re.compile(r"0[01]"),
}
_TIMES = {"pay_timeout_s": (60, 86_400), "grace_s": (0, 3600), "answer_s": (1, 60)}


@dataclass(frozen=True, slots=True)
class Member:
    """`requester`: who asks with tokens of cards (trId). `terminal`: where payers' codes are
    scanned (termId). `app_mode`: 00 for the network proper, 01 for its test system. `products`:
    bizType by `page`, `file`, `code`, `refund` and `query`. `owners` and `sha1`: as `Authorities`.

    `pay_timeout_s`: how long a payer may pay when the order does not say; `grace_s`: how long after
    that the network is still waited for; `answer_s`: how long one call may take in all.
    """

    merchant: str
    notify_url: str
    keys: KeyFiles = field(repr=False)
    gateway: str = "https://gateway.95516.com/gateway/api"
    files: str = "https://filedownload.95516.com/"
    version: str = "5.1.0"
    requester: str = ""
    terminal: str = "00000001"
    app_mode: str = "00"
    owners: tuple[str, ...] = (OWNER,)
    sha1: bool = False
    products: Mapping[str, str] = field(default_factory=lambda: _PRODUCTS)
    pay_timeout_s: int = 900
    grace_s: int = 300
    answer_s: float = 5

    @property
    def authorities(self) -> Authorities:
        """Raises Refused(key_file_invalid)."""
        return Authorities(self.keys.chain(MIDDLE), self.keys.chain(ROOT), self.owners, self.sha1)

    def signer(self) -> tuple[RSAPrivateKey, str]:
        """Our key and its certId: the serial number of the certificate, in decimal. Raises
        Refused(key_file_invalid) also when they do not belong together."""
        key, certificate = self.keys.private(SIGN), self.keys.certificate(SIGN)
        if key.public_key() != certificate.public_key():
            raise Refused("key_file_invalid", field=SIGN)
        return key, str(certificate.serial_number)


def read_member(section: Mapping[str, object], folder: Path) -> Member:
    """The member that the table `unionpay` of the settings describes, its key files in `folder`.

    Raises Refused("setting_invalid", field="unionpay.<key>"), and for the files as `KeyFiles` does.
    """
    values: dict[str, object] = {}
    for name, value in section.items():
        values[name] = _read(name, value)
    for name in ("merchant", "notify_url"):
        if name not in values:
            raise _invalid(name)
    member = Member(keys=KeyFiles(folder), **values)  # type: ignore[arg-type]
    member.signer()
    _ = member.authorities
    return member


def _read(name: str, value: object) -> object:
    if name in _FORMS:
        return _text(name, value)
    if name in _TIMES:
        least, most = _TIMES[name]
        if type(value) is int and least <= value <= most:
            return value
    elif name == "sha1":
        if type(value) is bool:
            return value
    elif name == "owners":
        if isinstance(value, list) and value and all(type(v) is str and v for v in value):
            return tuple(value)
    elif name == "products" and isinstance(value, Mapping):
        return _products(value)
    raise _invalid(name)


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and _FORMS[name].fullmatch(value):
        return value
    raise _invalid(name)


def _products(value: Mapping[object, object]) -> Mapping[str, str]:
    for name, product in value.items():
        if name not in _PRODUCTS or not (
            isinstance(product, str) and re.fullmatch(r"[0-9]{6}", product)
        ):
            raise _invalid(f"products.{name}")
    return MappingProxyType({**_PRODUCTS, **value})


def _invalid(name: str) -> Refused:
    return Refused("setting_invalid", field=f"unionpay.{name}")
