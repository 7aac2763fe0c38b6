"""Enrol: a customer or a merchant comes in, with the account its money will stand in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from anfu.ledger import operations as ledger
from anfu.parties import operations as parties
from anfu.parties.customer import Customer, NewCustomer
from anfu.parties.merchant import Merchant
from anfu.payments.fund import balance_account
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

P = TypeVar("P", Customer, Merchant)


async def enrol_customer(
    tools: Tools,
    order: NewCustomer,
    claim: Claim,
    describe: Callable[[Customer], bytes],
    *,
    now: datetime,
) -> Answer:
    """The answer `describe` gives of the new customer. Raises Refused as parties does."""

    async def open_customer(tx: Tx) -> tuple[Customer, dict[str, object]]:
        opened = await parties.open_customer(tx, order=order, sealer=tools.sealer, now=now)
        return opened, {"account_class": opened.account_class, "opened_by": opened.opened_by}

    return await _enrol(tools, claim, open_customer, describe, "customer", now)


async def enrol_merchant(
    tools: Tools,
    wanted: tuple[str, str | None],
    claim: Claim,
    describe: Callable[[Merchant], bytes],
    *,
    now: datetime,
) -> Answer:
    """The answer `describe` gives of the new merchant; `wanted` is its name and category."""

    async def create_merchant(tx: Tx) -> tuple[Merchant, dict[str, object]]:
        name, mcc = wanted
        created = await parties.create_merchant(
            tx, name=name, mcc=mcc, entropy=tools.entropy, now=now
        )
        return created, {"mcc": created.mcc}

    return await _enrol(tools, claim, create_merchant, describe, "merchant", now)


async def _enrol(
    tools: Tools,
    claim: Claim,
    create: Callable[[Tx], Awaitable[tuple[P, dict[str, object]]]],
    describe: Callable[[P], bytes],
    kind: str,
    now: datetime,
) -> Answer:
    async def work(tx: Tx) -> Answer:
        party, known = await create(tx)
        accounts = [balance_account(party.id, c) for c in sorted(tools.policy.currencies)]
        await ledger.open_accounts(tx, accounts=accounts, now=now)
        record = Record(now, tools.entropy)
        record.leaf(kind, party.id, known)
        await record.write(tx)
        return Answer(201, describe(party))

    return await idempotency.once(tools.database, claim, work, now=now)
