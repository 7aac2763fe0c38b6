"""Return origins: where a merchant's payers may be sent back to, so that no link of ours leads
elsewhere (CWE-601)."""

from __future__ import annotations

import re

from anfu.kernel.errors import Refused

_ORIGIN = re.compile(r"(https?)://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_ADDRESS = re.compile(r"(https?://[^/?#\\@]+)(?:[/?#].*)?", re.ASCII)


def check_origin(origin: str, *, trial: bool) -> None:
    """Raises Refused(origin_invalid) for what is no origin (RFC 6454), and for one without TLS
    outside a trial."""
    form = _ORIGIN.fullmatch(origin)
    if form is None or (form[1] != "https" and not trial):
        raise Refused("origin_invalid", field="origins", origin=origin)


def origin_of(url: str) -> str | None:
    """The origin of an address, in lower case; None for an address with somebody's name in it."""
    form = _ADDRESS.fullmatch(url)
    return None if form is None else form[1].lower()
