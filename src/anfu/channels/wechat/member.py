"""Who we are at WeChat Pay, read from a table of settings and a folder of key files.

The folder holds `apiclient_key.pem` (our private key), `apiv3_key` (32 characters) and, for
version 2, `apiv2_key` and `apiclient_cert.pem`; its folder `network` the network's keys, named
PUB_KEY_ID_… (微信支付公钥) or by the serial of a platform certificate (平台证书). Both kinds are
believed side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from anfu.channels.keyfiles import NETWORK, KeyFiles
from anfu.channels.port import Scene
from anfu.kernel.errors import Refused

CHANNEL = "wechat"
HOST = "https://api.mch.weixin.qq.com"
PRIVATE_KEY = "apiclient_key.pem"
CERTIFICATE = "apiclient_cert.pem"
V3_KEY = "apiv3_key"
V2_KEY = "apiv2_key"
_NEEDED = frozenset({"merchant", "app", "serial", "notify_url"})
_KNOWN = _NEEDED | {"apps", "network_key", "payer_code", "url", "timeout_s"}


class PayerCodeWire(StrEnum):
    """How a payer's code is sent: sources disagree whether v3 is open to every merchant."""

    V3 = "v3"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class Member:
    """`serial` is that of our own certificate; `apps` the app ids of scenes that have another than
    `app`; `network_key` the key we ask the network to sign its answers with, None for its own
    choice (平台证书)."""

    merchant: str
    app: str
    serial: str
    notify_url: str
    keys: KeyFiles
    apps: Mapping[Scene, str]
    network_key: str | None = None
    payer_code: PayerCodeWire = PayerCodeWire.V3
    url: str = HOST
    timeout_s: float = 5.0

    def app_of(self, scene: Scene) -> str:
        return self.apps.get(scene, self.app)

    def sealing_key(self) -> tuple[str, RSAPublicKey]:
        """A key of the network that we encrypt for, with its name. Raises
        Refused("key_file_invalid") when we hold none."""
        known = self.keys.publics()
        serial = self.network_key or max(known, default="")
        if serial not in known:
            raise Refused("key_file_invalid", field=str(self.keys.path(NETWORK)))
        return serial, known[serial]

    def is_ours(self, app: object) -> bool:
        return app == self.app or app in self.apps.values()


def read_member(section: Mapping[str, object], folder: Path) -> Member:
    """Raises Refused("setting_invalid") with the setting, ("key_file_invalid" | "key_file_open")
    with the file."""
    for name in (*sorted(_NEEDED - section.keys()), *sorted(section.keys() - _KNOWN)):
        raise _invalid(name)
    key = section.get("network_key")
    member = Member(
        merchant=_text(section, "merchant"),
        app=_text(section, "app"),
        serial=_text(section, "serial"),
        notify_url=_url(section, "notify_url"),
        keys=KeyFiles(folder),
        apps=_apps(section.get("apps", {})),
        network_key=None if key is None else _text(section, "network_key"),
        payer_code=_wire(section.get("payer_code", "v3")),
        url=_host(section),
        timeout_s=_seconds(section.get("timeout_s", 5)),
    )
    _check_keys(member)
    return member


def v3_key(member: Member) -> bytes:
    """The APIv3 key. Raises Refused("key_file_invalid") unless it has 32 bytes."""
    key = member.keys.secret(V3_KEY)
    if len(key) != 32:
        raise Refused("key_file_invalid", field=V3_KEY)
    return key


def _check_keys(member: Member) -> None:
    member.keys.private(PRIVATE_KEY)
    v3_key(member)
    known = member.keys.publics()
    if member.network_key is not None and member.network_key not in known:
        raise _invalid("network_key")
    if member.payer_code is PayerCodeWire.V2:
        member.keys.secret(V2_KEY)
        member.keys.certificate(CERTIFICATE)


def _invalid(name: str, *allowed: str) -> Refused:
    return Refused("setting_invalid", field=f"{CHANNEL}.{name}", allowed=list(allowed))


def _text(section: Mapping[str, object], name: str) -> str:
    value = section[name]
    if not (isinstance(value, str) and 0 < len(value) <= 128 and value.isascii()):
        raise _invalid(name)
    return value


def _url(section: Mapping[str, object], name: str) -> str:
    """An address without a query: the network refuses a notify_url that has one."""
    value = section[name]
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
    plain = parts.scheme == "http" and loopback
    if not (parts.hostname and (parts.scheme == "https" or plain)) or parts.query or parts.fragment:
        raise _invalid(name, "https://host/path")
    return str(value).rstrip("/")


def _host(section: Mapping[str, object]) -> str:
    """Without a path, since the path is signed as the network sees it."""
    url = _url(section, "url") if "url" in section else HOST
    if urlsplit(url).path:
        raise _invalid("url", "https://host")
    return url


def _wire(value: object) -> PayerCodeWire:
    if value not in tuple(PayerCodeWire):
        raise _invalid("payer_code", *PayerCodeWire)
    return PayerCodeWire(str(value))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 60:
        raise _invalid("timeout_s", "0 < seconds <= 60")
    return float(value)


def _apps(value: object) -> dict[Scene, str]:
    if not isinstance(value, Mapping) or not value.keys() <= set(Scene):
        raise _invalid("apps", *Scene)
    return {Scene(scene): _text(value, scene) for scene in value}
