"""Reads of bills, items and treatments. A page is in falling order of id: newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from anfu.kernel.errors import Refused
from anfu.settlement.reconciliation.bill import KeptBill, Sum, Version
from anfu.settlement.reconciliation.item import Item, Leg, State
from anfu.settlement.reconciliation.treatment import Act, Treatment
from anfu.settlement.reconciliation.treatment import State as TreatmentState
from anfu.storage.transaction import Tx

_ITEM = [f.name for f in fields(Item)]
COLUMNS = ", ".join(f"i.{'class AS cls' if name == 'cls' else name}" for name in _ITEM)
BILL_COLUMNS = ("id, channel, kind, day, state, name, digest, size, at, by, decided_by, decided_at,"
                " fee_entries")  # fmt: skip
TREATMENT_COLUMNS = (
    "id, item, act, target, reason, proposed_by, proposed_at, state, decided_by, decided_at"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: at most `limit` with an id before `before`; None means all.
    `tasked`: those a person must look at."""

    limit: int
    before: str | None = None
    channel: str | None = None
    day: date | None = None
    state: State | None = None
    tasked: bool | None = None


async def get_bill(tx: Tx, bill: str) -> KeptBill:
    """Raises Refused(bill_not_found)."""
    row = await tx.fetchrow(f"SELECT {BILL_COLUMNS} FROM settlement.bill WHERE id = $1", bill)
    if row is None:
        raise Refused("bill_not_found", field="bill")
    return bill_of(row)


async def find_bill(tx: Tx, channel: str, kind: str, day: date) -> KeptBill | None:
    """The bill in force of a channel's day."""
    row = await tx.fetchrow(
        f"SELECT {BILL_COLUMNS} FROM settlement.bill"
        " WHERE (channel, kind, day) = ($1, $2, $3) AND state = 'IN_FORCE'",
        channel, kind, day,
    )  # fmt: skip
    return None if row is None else bill_of(row)


async def list_bills(
    tx: Tx, *, limit: int, before: str | None, channel: str | None, day: date | None
) -> list[KeptBill]:
    """A page of bills of all kinds and versions."""
    rows = await tx.fetch(
        f"SELECT {BILL_COLUMNS} FROM settlement.bill WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR channel = $2) AND ($3::date IS NULL OR day = $3)"
        " ORDER BY id DESC LIMIT $4",
        before, channel, day, limit,
    )  # fmt: skip
    return [bill_of(row) for row in rows]


async def matched_days(tx: Tx, channel: str, kind: str) -> list[date]:
    """The days of a channel whose bill of a kind is in force, in order."""
    rows = await tx.fetch(
        "SELECT day FROM settlement.bill WHERE channel = $1 AND kind = $2 AND state = 'IN_FORCE'"
        " ORDER BY day",
        channel, kind,
    )  # fmt: skip
    return [row["day"] for row in rows]


async def last_bills(tx: Tx) -> dict[str, date]:
    """The last day of each channel whose bill of payments is in force."""
    rows = await tx.fetch(
        "SELECT channel, max(day) AS day FROM settlement.bill"
        " WHERE kind = 'TRADE' AND state = 'IN_FORCE' GROUP BY channel"
    )
    return {row["channel"]: row["day"] for row in rows}


async def sums_of(tx: Tx, bill: str) -> list[Sum]:
    """What a bill came to, by class and currency."""
    return (await find_sums(tx, [bill])).get(bill, [])


async def find_sums(tx: Tx, bills: Sequence[str]) -> dict[str, list[Sum]]:
    """As `sums_of`, of those bills that came to anything, by id."""
    rows = await tx.fetch(
        "SELECT bill, class, currency, lines, line_sum, fee_sum, ours, our_sum"
        " FROM settlement.bill_sum WHERE bill = ANY($1) ORDER BY bill, class, currency",
        bills,
    )
    found: dict[str, list[Sum]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Sum(row[1], row[2], *map(int, row[3:])))
    return found


async def parts_of(tx: Tx, bill: str) -> list[tuple[str, bytes]]:
    """The id and the sealed content of each part, in order."""
    rows = await tx.fetch(
        "SELECT id, content FROM settlement.bill_part WHERE bill = $1 ORDER BY part", bill
    )
    return [(row["id"], row["content"]) for row in rows]


async def get_item(tx: Tx, item: str) -> Item:
    """Raises Refused(item_not_found)."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM settlement.item i WHERE id = $1", item)
    if row is None:
        raise Refused("item_not_found", field="item")
    return item_of(row)


async def list_items(tx: Tx, wanted: Wanted) -> list[Item]:
    """A page."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE ($1::text IS NULL OR id < $1)"
        " AND ($2::text IS NULL OR channel = $2) AND ($3::date IS NULL OR day = $3)"
        " AND ($4::text IS NULL OR state = $4) AND ($5::boolean IS NULL OR tasked = $5)"
        " ORDER BY id DESC LIMIT $6",
        wanted.before, wanted.channel, wanted.day, wanted.state, wanted.tasked, wanted.limit,
    )  # fmt: skip
    return [item_of(row) for row in rows]


async def items_of(tx: Tx, bill: str) -> list[Item]:
    """All that a bill brought, in order of id."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE bill = $1 ORDER BY id", bill
    )
    return [item_of(row) for row in rows]


async def list_treatments(tx: Tx, item: str) -> list[Treatment]:
    """What was proposed about an item, oldest first."""
    rows = await tx.fetch(
        f"SELECT {TREATMENT_COLUMNS} FROM settlement.treatment WHERE item = $1 ORDER BY id", item
    )
    return [treatment_of(row) for row in rows]


async def posted_items(tx: Tx, channel: str | None = None) -> list[Item]:
    """What stands on suspense accounts now."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM settlement.item i WHERE state = 'POSTED'"
        " AND ($1::text IS NULL OR channel = $1) ORDER BY id",
        channel,
    )
    return [item_of(row) for row in rows]


async def list_proposed_bills(tx: Tx, *, person: str, most: int) -> list[KeptBill]:
    """Other files for a day nobody has decided on that `person` did not bring, oldest first."""
    rows = await tx.fetch(
        f"SELECT {BILL_COLUMNS} FROM settlement.bill WHERE state = 'PROPOSED' AND by <> $1"
        " ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [bill_of(row) for row in rows]


async def list_proposed_treatments(tx: Tx, *, person: str, most: int) -> list[Treatment]:
    """Treatments nobody has decided on that `person` did not propose, oldest first."""
    rows = await tx.fetch(
        f"SELECT {TREATMENT_COLUMNS} FROM settlement.treatment WHERE state = 'PROPOSED'"
        " AND proposed_by <> $1 ORDER BY id LIMIT $2",
        person, most,
    )  # fmt: skip
    return [treatment_of(row) for row in rows]


def bill_of(row: Any) -> KeptBill:
    """The bill a row with `BILL_COLUMNS` stands for."""
    values = {**row, "state": Version(row["state"]), "fee_entries": tuple(row["fee_entries"])}
    return KeptBill(**values)


def item_of(row: Any) -> Item:
    """The item a row with `COLUMNS` stands for."""
    values = {**row, "leg": Leg(row["leg"]), "cls": State(row["cls"]), "state": State(row["state"])}
    return Item(**{**values, "entries": tuple(row["entries"])})


def treatment_of(row: Any) -> Treatment:
    """The treatment a row with `TREATMENT_COLUMNS` stands for."""
    return Treatment(**{**row, "act": Act(row["act"]), "state": TreatmentState(row["state"])})
