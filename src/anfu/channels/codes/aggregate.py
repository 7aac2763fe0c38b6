"""One code for all networks (聚合码): a short signed link to a page of ours.

`1.merchant.amount.order.expiry.signature`, all of it safe in a URL. A static code names the
merchant alone and never ends; a code for one payment names amount, order or both, and ends. The
signature is the first 16 bytes of HMAC-SHA-256 in base64url, so nobody prints a code for a merchant
or changes an amount. `read_link` checks, in this order: 1. the form; 2. the signature, by each
secret that is in use; 3. that it has not ended.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR, Money

_VERSION = "1"
_PURPOSE = b"anfu aggregate code\n"
_NAME = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)
_FORM = re.compile(
    r"1\.(?P<merchant>[A-Za-z0-9_]{1,40})"
    r"\.(?:(?P<minor>[1-9][0-9]{0,15})(?P<currency>[A-Z]{3}))?"
    r"\.(?P<order>[A-Za-z0-9_]{0,40})"
    r"\.(?P<expiry>[1-9][0-9]{0,10})?"
    r"\.(?P<signature>[A-Za-z0-9_-]{22})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class AggregateLink:
    """Pay `merchant`: any amount, or `amount` for `order` until `expires_at` (whole seconds).

    Raises ValueError for an amount or order without an end, an end without either, and names that
    would not survive a URL.
    """

    merchant: str
    amount: Money | None = None
    order: str | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        one = self.amount is not None or self.order is not None
        if one is (self.expires_at is None):
            raise ValueError("a code for one payment ends, a static one does not")
        names = [self.merchant, *([] if self.order is None else [self.order])]
        if not all(_NAME.fullmatch(name) for name in names):
            raise ValueError("merchant and order are 1 to 40 letters, digits and _")


def sign_link(secret: bytes, link: AggregateLink) -> str:
    """The text behind our address that `read_link` takes."""
    amount = "" if link.amount is None else f"{link.amount.minor}{link.amount.currency}"
    expiry = "" if link.expires_at is None else str(int(link.expires_at.timestamp()))
    text = ".".join([_VERSION, link.merchant, amount, link.order or "", expiry])
    return f"{text}.{_signature(secret, text)}"


def read_link(secrets: Sequence[bytes], text: str, *, now: datetime) -> AggregateLink:
    """The link in `text`, 1 to 3. Raises Refused("aggregate_code_invalid") for what
    is not ours and Refused("aggregate_code_expired")."""
    found = _FORM.fullmatch(text)
    if found is None:  # 1
        raise Refused("aggregate_code_invalid", field="code")
    body, _, signature = text.rpartition(".")
    if not any(hmac.compare_digest(_signature(key, body), signature) for key in secrets):  # 2
        raise Refused("aggregate_code_invalid", field="code")
    link = _link(found)
    if link.expires_at is not None and link.expires_at <= now:  # 3
        raise Refused("aggregate_code_expired", field="code")
    return link


def _link(found: re.Match[str]) -> AggregateLink:
    minor, currency, expiry = found["minor"], found["currency"], found["expiry"]
    if currency is not None and (currency not in EXPONENTS or int(minor) > MAX_MINOR):
        raise Refused("aggregate_code_invalid", field="code")
    return AggregateLink(
        found["merchant"],
        Money(int(minor), currency) if minor else None,
        found["order"] or None,
        datetime.fromtimestamp(int(expiry), UTC) if expiry else None,
    )


def _signature(secret: bytes, text: str) -> str:
    digest = hmac.new(secret, _PURPOSE + text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
