"""Tickets: a payer's page may speak of one payment, or one factor, for a short time.

Nothing is stored: the ticket says what it is good for, under a keyed hash.
"""

from __future__ import annotations

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused

LIFETIME = timedelta(minutes=15)
_FORM = re.compile(r"tkt_([a-z]{3}_[0-9a-z]{26})_([0-9]{1,12})_([A-Za-z0-9_-]{43})")


def new_ticket(key: bytes, subject: str, *, now: datetime) -> tuple[str, datetime]:
    """A ticket for `subject`, an id, and when it ends."""
    ends = ticket_end(now)
    seconds = int(ends.timestamp())
    return f"tkt_{subject}_{seconds}_{_mac(key, subject, seconds)}", ends


def ticket_end(since: datetime) -> datetime:
    """When a ticket that is made then ends."""
    return since.replace(microsecond=0) + LIFETIME


def read_ticket(key: bytes, ticket: str, *, kind: str, now: datetime) -> str:
    """The id, of that kind (`pay`, `fac`, `shw` and so on), which the ticket is for.
    Raises Refused(ticket_invalid, ticket_expired)."""
    form = _FORM.fullmatch(ticket)
    if form is None:
        raise Refused("ticket_invalid", field="ticket")
    subject, seconds = form[1], int(form[2])
    right = hmac.compare_digest(form[3], _mac(key, subject, seconds))
    if not right or not subject.startswith(f"{kind}_"):
        raise Refused("ticket_invalid", field="ticket")
    if now >= datetime.fromtimestamp(seconds, UTC):
        raise Refused("ticket_expired", field="ticket")
    return subject


def _mac(key: bytes, subject: str, seconds: int) -> str:
    content = canonical_bytes({"v": 1, "ticket": subject, "until": seconds})
    return base64.urlsafe_b64encode(hmac.digest(key, content, sha256)).rstrip(b"=").decode()
