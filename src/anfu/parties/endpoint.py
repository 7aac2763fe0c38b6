"""Webhook endpoints: where a merchant hears of its payments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from anfu.kernel.errors import Refused

PREFIX = "whe"
SECRET_PREFIX = "whsec"  # noqa: S105 - the first letters of a secret, not one
# Each is a delivery for every event: a bound on what one merchant's event can cost.
MOST_PER_MERCHANT = 16
_LONGEST = 2000
# Printable ASCII without what browsers and libraries read differently.
_PLAIN = re.compile(r"[!-~]+")
_FORBIDDEN = frozenset('\\#<>"`^{|}')
_HOST = re.compile(r"\[[0-9a-fA-F:.]+\]|[0-9a-zA-Z](?:[0-9a-zA-Z.-]*[0-9a-zA-Z])?")


class EndpointStatus(StrEnum):
    """A disabled endpoint is sent nothing."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`old_secret_until`: until when the secret before the last roll still signs."""

    id: str
    merchant_id: str
    url: str
    status: EndpointStatus
    created_at: datetime
    old_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedEndpoint:
    """An endpoint with its new secret, which is shown this once."""

    endpoint: Endpoint
    secret: str = field(repr=False)


def check_url(url: str, *, allow_loopback: bool) -> None:
    """Raises Refused `url_invalid` unless `url` is an ASCII https URL (or http to this machine
    itself when `allow_loopback`) of at most 2,000 characters, without credentials or fragment.

    Which addresses a host name may lead to is judged when it is called, by channels: a name can
    change its address after it was checked here.
    """
    if not _acceptable(url, allow_loopback=allow_loopback):
        raise Refused("url_invalid", field="url")


def _acceptable(url: str, *, allow_loopback: bool) -> bool:
    if len(url) > _LONGEST or _PLAIN.fullmatch(url) is None or _FORBIDDEN & set(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    bare = parts.netloc.removesuffix(f":{port}")
    if not host or port == 0 or _HOST.fullmatch(bare) is None:
        return False
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and allow_loopback and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
