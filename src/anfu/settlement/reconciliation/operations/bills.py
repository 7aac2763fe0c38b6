"""Bills: the file as it came, and which version of a day holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.states import sources_of
from anfu.settlement.reconciliation.bill import VERSION_MOVES, KeptBill, Version
from anfu.settlement.reconciliation.queries import BILL_COLUMNS, bill_of
from anfu.storage.transaction import Tx

# Any constant: a channel is reconciled by one process at a time.
_CHANNEL = 0x616E6675


async def lock_channel(tx: Tx, *, channel: str) -> None:
    """Held until the transaction ends: of two that reconcile a channel the second sees what the
    first has written."""
    await tx.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _CHANNEL, channel)


async def find_version(tx: Tx, *, bill: KeptBill) -> KeptBill | None:
    """The same file for the same day, if it came before."""
    row = await tx.fetchrow(
        f"SELECT {BILL_COLUMNS} FROM settlement.bill"
        " WHERE (channel, kind, day, digest) = ($1, $2, $3, $4)",
        bill.channel, bill.kind, bill.day, bill.digest,
    )  # fmt: skip
    return None if row is None else bill_of(row)


async def insert_bill(tx: Tx, *, bill: KeptBill, parts: Sequence[tuple[str, bytes]]) -> None:
    """Keep a bill with its file, in sealed parts by id."""
    await tx.execute(
        "INSERT INTO settlement.bill (id, channel, kind, day, state, name, digest, size, at, by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        bill.id, bill.channel, bill.kind, bill.day, bill.state, bill.name, bill.digest, bill.size,
        bill.at, bill.by,
    )  # fmt: skip
    for number, (id_, content) in enumerate(parts):
        await tx.execute(
            "INSERT INTO settlement.bill_part (id, bill, part, content) VALUES ($1, $2, $3, $4)",
            id_, bill.id, number, content,
        )  # fmt: skip


async def lock_bill(tx: Tx, *, bill: str) -> KeptBill:
    """Locked until the transaction ends. Raises Refused(bill_not_found)."""
    row = await tx.fetchrow(
        f"SELECT {BILL_COLUMNS} FROM settlement.bill WHERE id = $1 FOR NO KEY UPDATE", bill
    )
    if row is None:
        raise Refused("bill_not_found", field="bill")
    return bill_of(row)


async def advance_bill(
    tx: Tx, *, bill: KeptBill, to: Version, by: str | None, now: datetime
) -> None:
    """Move a bill that the caller has locked; `by` None keeps who decided before. Raises
    Refused(bill_decided)."""
    done = await tx.execute(
        "UPDATE settlement.bill SET state = $2, decided_by = coalesce($3, decided_by),"
        " decided_at = CASE WHEN $3::text IS NULL THEN decided_at ELSE $4 END"
        " WHERE id = $1 AND state = ANY($5)",
        bill.id, to, by, now, sorted(sources_of(VERSION_MOVES, to)),
    )  # fmt: skip
    if done != "UPDATE 1":
        raise Refused("bill_decided", field="bill", state=bill.state)


async def note_fees(tx: Tx, *, bill: str, entries: Sequence[str]) -> None:
    """By which entries a bill's fees were booked."""
    done = await tx.execute(
        "UPDATE settlement.bill SET fee_entries = $2 WHERE id = $1", bill, list(entries)
    )
    if done != "UPDATE 1":
        raise BrokenInvariant(f"{bill} is no bill")


async def fees_of(tx: Tx, *, bill: str) -> dict[str, int]:
    """By currency, what the lines of the working table were charged, less what a FEE_MISMATCH says
    was charged beyond the agreement: that waits on suspense instead."""
    rows = await tx.fetch(
        "SELECT currency, sum(fee)::bigint AS fee FROM ("
        " SELECT currency, fee FROM rc_line WHERE state = 'DONE' UNION ALL"
        " SELECT line_currency, fee_due - line_fee FROM settlement.item"
        " WHERE class = 'FEE_MISMATCH' AND leg = 'TRADE' AND $1 IN (bill, matched_bill)"
        ") AS charged GROUP BY currency ORDER BY currency",
        bill,
    )
    return {row["currency"]: row["fee"] for row in rows if row["fee"]}


async def currencies_of(tx: Tx) -> list[str]:
    """Those of both sides of the working tables."""
    rows = await tx.fetch(
        "SELECT currency FROM rc_line UNION SELECT currency FROM rc_ours ORDER BY currency"
    )
    return [row["currency"] for row in rows]


async def release_waiting(tx: Tx, *, bill: str, now: datetime) -> None:
    """What earlier days waited for and this bill brought waits for it again. Raises
    Refused(bill_in_use) where more than matching came of it."""
    used = await tx.fetchval(
        "SELECT count(*) FROM settlement.item WHERE matched_bill = $1 AND state <> 'MATCHED'", bill
    )
    if used:
        raise Refused("bill_in_use", field="bill", items=used)
    await tx.execute(
        "UPDATE settlement.item SET state = 'IN_DOUBT', class = 'SHORT', row = NULL,"
        " line_amount = NULL, line_currency = NULL, line_fee = NULL, line_state = NULL,"
        " line_at = NULL, fee_due = NULL, matched_bill = NULL, updated_at = $2"
        " WHERE matched_bill = $1 AND state = 'MATCHED' AND bill <> $1",
        bill, now,
    )  # fmt: skip


async def forget_sums(tx: Tx, *, bill: str) -> None:
    """What a bill came to is to be found anew."""
    await tx.execute("DELETE FROM settlement.bill_sum WHERE bill = $1", bill)
