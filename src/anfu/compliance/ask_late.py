"""Ask late: a question without an answer, of a person or a firm, is asked again under its id."""

from __future__ import annotations

from anfu.compliance import onboard
from anfu.compliance.firms import verify
from anfu.compliance.inquire import LATE, unbroken
from anfu.kernel.clock import Clock
from anfu.parties.identity.operations import ask_again
from anfu.parties.identity.queries import get_verification, list_due
from anfu.parties.identity.verification import FirmKind, Verification
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


async def ask_late(tools: Tools, clock: Clock) -> int:
    """Ask every question again that has no answer for `LATE`; how many were asked."""
    before = clock.now() - LATE
    async with tools.database.transaction(readonly=True) as tx:
        due = await list_due(tx, before=before)
    count = 0
    for id_ in due:

        async def take(tx: Tx, id_: str = id_) -> Verification | None:
            found = await get_verification(tx, id_, lock=True)
            if found.answered_at is not None or found.asked_at >= before:
                return None
            return await ask_again(tx, before=found, now=clock.now())

        taken = await tools.database.run(take)
        if taken is not None:
            act = verify.act if isinstance(taken.kind, FirmKind) else onboard.act
            await unbroken(act(tools, id_, clock))
            count += 1
    return count
