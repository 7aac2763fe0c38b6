"""The parties of the benchmark: customers with money, and merchants; many to a transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from anfu.entrypoints.cli.wiring import Running
from anfu.kernel.ids import new_id
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.parties import operations as parties
from anfu.parties.customer import NewCustomer
from anfu.parties.person import DocumentType, parse_document, parse_person
from anfu.payments import operations as payments
from anfu.payments.fund import balance_account, balance_key, bank_key
from anfu.payments.record import Record
from anfu.storage.transaction import Tx

_CURRENCY = "CNY"
_DEPOSIT = 100_000
_TOGETHER = 200
_LANES = 3


@dataclass(frozen=True, slots=True)
class Parties:
    """Ids."""

    customers: list[str]
    merchants: list[str]


async def enrol(running: Running, customers: int, merchants: int) -> Parties:
    """Open them all, with 1,000 CNY for each customer."""
    now = running.clock.now()
    run = running.tools.database.run
    shops = await run(lambda tx: _open_merchants(tx, running, merchants, now))
    chunks = [range(n, min(n + _TOGETHER, customers)) for n in range(0, customers, _TOGETHER)]
    lanes = asyncio.Semaphore(_LANES)

    async def chunk(numbers: range) -> list[str]:
        async with lanes:
            return await run(lambda tx: _open_customers(tx, running, numbers, now))

    opened = await asyncio.gather(*(chunk(numbers) for numbers in chunks))
    return Parties([customer for ids in opened for customer in ids], shops)


async def _open_merchants(tx: Tx, running: Running, count: int, now: datetime) -> list[str]:
    entropy = running.tools.entropy
    made = [
        await parties.create_merchant(tx, name=f"Shop {n}", mcc=None, entropy=entropy, now=now)
        for n in range(count)
    ]
    accounts = [balance_account(merchant.id, _CURRENCY) for merchant in made]
    await ledger.open_accounts(tx, accounts=accounts, now=now)
    return [merchant.id for merchant in made]


async def _open_customers(tx: Tx, running: Running, numbers: range, now: datetime) -> list[str]:
    tools = running.tools
    ids = []
    for number in numbers:
        document = parse_document(DocumentType.PASSPORT, f"B{number:08d}")
        person = parse_person(f"Payer {number}", f"139{number:08d}", document)
        customer = await parties.open_customer(
            tx, order=NewCustomer(person, 3, None), sealer=tools.sealer, now=now
        )
        ids.append(customer.id)
    accounts = [balance_account(customer, _CURRENCY) for customer in ids]
    await ledger.open_accounts(tx, accounts=accounts, now=now)
    await _deposit(tx, running, ids, now)
    return ids


async def _deposit(tx: Tx, running: Running, customers: list[str], now: datetime) -> None:
    record = Record(now, running.tools.entropy)
    bank = bank_key(_CURRENCY)
    orders = []
    for customer in customers:
        made = new_id("dep", now=now, entropy=running.tools.entropy)
        balance = balance_key(customer, _CURRENCY)
        orders.append(EntryOrder(made, bank, balance, _CURRENCY, _DEPOSIT))
        await payments.insert_deposit(
            tx, deposit=made, party=customer, amount=_DEPOSIT, currency=_CURRENCY, now=now
        )
        told = {"party": customer, "amount": _DEPOSIT, "currency": _CURRENCY}
        record.leaf("deposit", made, told)
    await ledger.post(tx, orders=orders, now=now)
    await record.write(tx)
