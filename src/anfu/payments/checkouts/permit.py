"""Permit: where a merchant's payers may be sent back to is said anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.parties.queries import get_merchant
from anfu.payments.checkouts import operations
from anfu.payments.checkouts.origins import check_origin
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


async def permit_origins(
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
