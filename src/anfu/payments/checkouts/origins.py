"""Return origins: where a merchant's payers may be sent back to, so that no link of ours leads
elsewhere (CWE-601)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.queries import get_merchant
from anfu.payments.checkouts import operations
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

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


async def set_origins(
    tools: Tools, merchant: str, origins: Sequence[str], claim: Claim, *, now: datetime
) -> None:
    """These origins in place of those before. Raises Refused: merchant_not_found, origin_invalid,
    and as idempotency does."""
    for origin in origins:
        check_origin(origin, trial=tools.policy.trial)

    async def work(tx: Tx) -> Answer:
        await get_merchant(tx, merchant, merchant=None)
        await operations.set_return_origins(tx, merchant=merchant, origins=origins)
        record = Record(now, tools.entropy)
        record.leaf("return_origins", merchant, {"origins": sorted(set(origins))})
        await record.write(tx)
        return Answer(200, b"{}")

    await idempotency.once(tools.database, claim, work, now=now)
