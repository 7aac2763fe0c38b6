"""Do the books agree? Read once more, as a whole: ledger and evidence of one database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from anfu.evidence import queries as evidence
from anfu.evidence.audit import audit
from anfu.evidence.signer import VerifierKey
from anfu.ledger import queries as ledger
from anfu.payments import queries as payments
from anfu.storage.database import Database

_SEALED_LOOKS, _LOOK_S = 300, 0.2


@dataclass(frozen=True, slots=True)
class Books:
    """`faults` says in words what is wrong. `imbalance` in minor units, over all assets, of debits
    against credits and of balances against the entries they come from."""

    payments: int
    imbalance: int
    evidence_verified: bool
    faults: list[str]


async def read_books(database: Database, key: VerifierKey) -> Books:
    """Reads everything. A worker must be running: what is not sealed yet is waited for."""
    async with database.transaction(readonly=True) as tx:
        count = sum((await payments.count_by_state(tx)).values())
        sums = await ledger.trial_balance(tx)
        wrong = await ledger.find_discrepancies(tx)
    imbalance = sum(one.imbalance + one.unexplained for one in sums)
    faults = ["the ledger does not balance"] if imbalance else []
    faults += [f"{one.counted.account.key} differs from its entries" for one in wrong]
    if not await _wait_for_seal(database):
        faults.append("evidence: the worker has not sealed the log")
    async with database.transaction(readonly=True) as tx:
        report = await audit(tx, keys=[key])
    faults += [f"evidence: {fault.reason_en}" for fault in report.faults]
    return Books(count, imbalance, report.good, faults)


async def _wait_for_seal(database: Database) -> bool:
    for _ in range(_SEALED_LOOKS):
        async with database.transaction(readonly=True) as tx:
            latest = await evidence.latest_checkpoint(tx)
            size = await evidence.log_size(tx)
        if size == (0 if latest is None else latest.size):
            return True
        await asyncio.sleep(_LOOK_S)
    return False
