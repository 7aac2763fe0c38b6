"""Webhooks: signed posts to the endpoints that merchants name.

`Anfu-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>]`, where v1 is HMAC-SHA256 (RFC 2104) over
`<t>.<body>`; there is one v1 for each secret, so that a receiver can change its secret without
losing a message. This is the wire form that receivers in any language can check, so it is taken
over the bytes of the body as sent.

What may be reached is decided by `addresses`. Redirects are not followed and no answer's body is
read or logged.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

import httpcore

from anfu.channels.addresses import (
    LOOPBACK,
    AddressGuard,
    AddressRefused,
    GuardedBackend,
    Network,
    Resolve,
    resolve_host,
)
from anfu.kernel.errors import Refused
from anfu.storage.transaction import forbid_open_transaction

SIGNATURE_HEADER = "Anfu-Signature"
TIMEOUT_S = 10.0
_CONNECTIONS = 64
_REASON_MAX = 200
_SECRETS_MAX = 8
_T = re.compile(r"[0-9]{1,11}")
_V1 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event for one endpoint; `secrets` are all that are good at the moment."""

    url: str
    secrets: tuple[bytes, ...]
    event_id: str
    kind: str
    body: bytes

    def __repr__(self) -> str:
        return f"Webhook(event_id={self.event_id!r}, kind={self.kind!r})"


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """`answered` is the status, None when there was none; `error` says in a few words, at most 200
    characters and never from the answer's body, why it was not delivered."""

    delivered: bool
    answered: int | None
    error: str | None


class WebhookSender:
    """Posts webhooks over a pool of its own; `aclose` when done.

    `allow_loopback` also allows plain http and is for development; `allowed` names networks of
    the operator's own, for endpoints on the premises, and `tls` may trust an authority of its own.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        allowed: tuple[Network, ...] = (),
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve = resolve_host,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._schemes = frozenset({"https", "http"} if allow_loopback else {"https"})
        self._timeout_s = timeout_s
        guard = AddressGuard((*allowed, *LOOPBACK) if allow_loopback else allowed)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=_CONNECTIONS,
            keepalive_expiry=4,
            network_backend=GuardedBackend(guard, resolve),
        )

    async def send(self, webhook: Webhook, *, now: datetime) -> WebhookAnswer:
        """Post it once. 2xx is delivered; everything else is an error, told in the answer."""
        forbid_open_transaction()
        try:
            url = check_url(webhook.url, self._schemes)
            status = await self._post(url.geturl(), webhook, now)
        except Refused as refusal:
            return WebhookAnswer(False, None, refusal.code)
        except AddressRefused:
            return WebhookAnswer(False, None, "the address is not allowed")
        except (TimeoutError, httpcore.TimeoutException):
            return WebhookAnswer(False, None, f"no answer within {self._timeout_s:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return WebhookAnswer(False, None, _reason(error))
        if 200 <= status < 300:
            return WebhookAnswer(True, status, None)
        return WebhookAnswer(False, status, f"answered {status}")

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._pool.aclose()

    async def _post(self, url: str, webhook: Webhook, now: datetime) -> int:
        headers = [
            ("Host", urlsplit(url).netloc),
            ("User-Agent", "Anfu"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(webhook.body))),
            ("Anfu-Event-Id", webhook.event_id),
            ("Anfu-Event-Kind", webhook.kind),
            (SIGNATURE_HEADER, sign_webhook(webhook.secrets, webhook.body, now=now)),
        ]
        async with (
            asyncio.timeout(self._timeout_s),
            self._pool.stream("POST", url, headers=headers, content=webhook.body) as response,
        ):
            return int(response.status)


def check_url(url: str, schemes: frozenset[str] = frozenset({"https"})) -> SplitResult:
    """The parts of a URL that a webhook may be posted to.

    Raises Refused("webhook_url_invalid") for another scheme, a user name or password, a missing
    host, a port that is none, or anything but printable ASCII. Also used when an endpoint is named.
    """
    refusal = Refused("webhook_url_invalid", field="url")
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > 2000:
        raise refusal
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refusal from None
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc or port == 0:
        raise refusal
    return parts._replace(fragment="")


def sign_webhook(secrets: Sequence[bytes], body: bytes, *, now: datetime) -> str:
    """The value of the signature header, with one v1 for each secret.

    Raises ValueError without a secret: an unsigned webhook is not sent.
    """
    if not 0 < len(secrets) <= _SECRETS_MAX:
        raise ValueError("a webhook is signed with one to eight secrets")
    at = str(int(now.timestamp()))
    return ",".join([f"t={at}", *(f"v1={_mac(secret, at, body)}" for secret in secrets)])


def verify_webhook(
    secret: bytes, header: str, body: bytes, *, now: datetime, tolerance_s: int = 300
) -> None:
    """For receivers: returns only when `header` is our signature of `body`, made lately.

    1. one well-formed t, one to eight well-formed v1, nothing else is looked at;
    2. one of the v1 is right; all are compared, each in constant time;
    3. t is within `tolerance_s` of `now`.

    Raises Refused with `signature_malformed`, `signature_wrong` or `signature_stale`.
    """
    parts = [part.strip().partition("=") for part in header.split(",", 32)]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if (  # 1
        len(times) != 1
        or not 0 < len(given) <= _SECRETS_MAX
        or _T.fullmatch(times[0]) is None
        or any(_V1.fullmatch(value) is None for value in given)
    ):
        raise Refused("signature_malformed", field=SIGNATURE_HEADER)
    expected = _mac(secret, times[0], body)
    if not sum([hmac.compare_digest(value, expected) for value in given]):  # 2
        raise Refused("signature_wrong", field=SIGNATURE_HEADER)
    if abs(now.timestamp() - int(times[0])) > tolerance_s:  # 3
        raise Refused("signature_stale", field=SIGNATURE_HEADER)


def _mac(secret: bytes, at: str, body: bytes) -> str:
    return hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return "".join(c if c.isprintable() else " " for c in f"connection failed: {text}")[
        :_REASON_MAX
    ]
