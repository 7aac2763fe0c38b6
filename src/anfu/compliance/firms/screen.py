"""Screen: every quarter the registry of firms is asked again about each firm with an account; one
that is now listed for grave dishonesty, or gone, is suspended (261号 一(五))."""

from __future__ import annotations

from datetime import datetime, timedelta

from anfu.compliance.firms.verify import Wish, act, ask
from anfu.compliance.inquire import unbroken
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.parties.firms.queries import get_firm, list_unscreened
from anfu.parties.identity.verification import FirmKind, Particulars
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

# No quarter is shorter.
QUARTER = timedelta(days=90)


async def screen(tools: Tools, clock: Clock) -> int:
    """Ask about every firm that is due; how many were asked. Nobody, while no registry of firms is
    there to ask."""
    if FirmKind.FIRM_REGISTRY not in tools.registries:
        return 0
    now = clock.now()
    async with tools.database.transaction(readonly=True) as tx:
        due = await list_unscreened(tx, before=now - QUARTER, today=civil_date(now))
    count = 0
    for id_ in due:
        try:
            verification = await _ask(tools, id_, now)
        except Refused:  # somebody asked meanwhile
            continue
        await unbroken(act(tools, verification, clock))
        count += 1
    return count


async def _ask(tools: Tools, firm: str, now: datetime) -> str:
    async def work(tx: Tx) -> str:
        found = await get_firm(tx, firm, ring=tools.sealer.ring, merchant=None)
        record = Record(now, tools.entropy)
        wish = Wish(firm, FirmKind.FIRM_REGISTRY, Particulars())
        asked = await ask(tx, tools, found, wish, record)
        await record.write(tx)
        return asked.id

    return await tools.database.run(work)
