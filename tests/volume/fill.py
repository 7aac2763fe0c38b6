"""Fills a database with millions of payments, set by set, into the tables the product reads.

Left thinner than the payments: decisions, events and deliveries, one to ten payments each; no
evidence is written, which no list reads.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from tests.journey.conftest import House

from anfu.kernel.ids import new_ids
from anfu.ledger.operations import open_accounts
from anfu.parties.customer import document_index, phone_index
from anfu.parties.person import DocumentType, parse_document, parse_person, person_bytes
from anfu.payments.fund import balance_account

FOLDER = Path(__file__).parent
_TOGETHER, _SHOPS, _CHUNK = 5_000, 200, 500_000
_OPENING = 1_000_000_000
_CUSTOMER = """
INSERT INTO parties.customer (id, account_class, status, created_at, sealed, phone_index,
                              document_index)
SELECT id, class, 'ACTIVE', $6, sealed, phone, document
FROM unnest($1::text[], $2::smallint[], $3::bytea[], $4::bytea[], $5::bytea[])
     AS c (id, class, sealed, phone, document)
"""
_OPENED = """
INSERT INTO ledger.entry (id, debit, credit, asset, amount, at)
SELECT 'dep_' || key, (SELECT number FROM ledger.account WHERE key = 'anfu/bank/CNY'), number,
       'CNY', $2, $1
FROM ledger.account WHERE key LIKE 'cus\\_%/balance/CNY' AND credits_posted = 0
"""


async def fill(house: House, url: str, *, payments: int, customers: int) -> None:
    """Write customers, merchants and payments up to now."""
    now = house.clock.now()
    started = now - timedelta(days=31)
    for number in range(_SHOPS):
        await house.office.merchant(f"Shop {number}")
    for start in range(0, customers, _TOGETHER):
        await _customers(house, range(start, min(start + _TOGETHER, customers)), started)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_OPENED, started, _OPENING)
        await connection.execute(_text("fill"))
        for first in range(0, payments, _CHUNK):
            last = min(first + _CHUNK, payments)
            await _payments(connection, (first, last, now, payments, customers, _SHOPS))
        await connection.execute(_text("after"))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _customers(house: House, numbers: range, at: datetime) -> None:
    sealer = house.tools.sealer
    ids = new_ids("cus", len(numbers), now=at, entropy=sealer.entropy)
    people = []
    for number in numbers:
        document = parse_document(DocumentType.PASSPORT, f"B{number:08d}")
        people.append(parse_person(f"Payer {number}", f"139{number:08d}", document))

    async def work(tx: Any) -> None:
        await tx.execute(
            _CUSTOMER, ids, [3 - (n % 50 == 0) for n in numbers],
            [sealer.seal(person_bytes(p), bound_to=i) for p, i in zip(people, ids, strict=True)],
            [phone_index(sealer.ring, p.phone) for p in people],
            [document_index(sealer.ring, p.document) for p in people], at,
        )  # fmt: skip
        accounts = [balance_account(customer, "CNY") for customer in ids]
        await open_accounts(tx, accounts=accounts, now=at)

    await house.database.run(work)


async def _payments(connection: asyncpg.Connection, given: tuple[Any, ...]) -> None:
    """One transaction: drawn by numbers, then written to every table."""
    async with connection.transaction():
        await connection.execute(_text("payments"), *given)
        for statement in _text("rows").split(";\n"):
            values = (given[2],) if "$1" in statement else ()
            await connection.execute(statement, *values)


def _text(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")
