"""Deposit (充值): money that reached the reserve account is credited to a balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.ledger import operations as ledger
from anfu.ledger.entry import EntryOrder
from anfu.parties.queries import find_parties
from anfu.payments import operations
from anfu.payments.document import encode, rfc3339
from anfu.payments.fund import balance_key, bank_key
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class DepositOrder:
    """Credit `amount` minor units of `currency` to `party`."""

    claim: Claim
    party: str
    amount: int
    currency: str


async def deposit(tools: Tools, order: DepositOrder, *, now: datetime) -> Answer:
    """Raises Refused: party_not_found, as `Party.check_active`, currency_not_supported,
    account_closed, and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        await _check(tx, tools, order)
        made = new_id("dep", now=now, entropy=tools.entropy)
        entry = EntryOrder(
            made,
            bank_key(order.currency),
            balance_key(order.party, order.currency),
            order.currency,
            order.amount,
        )
        if denied := await ledger.post(tx, orders=[entry], now=now):
            raise Refused(denied[made].code, field="party")
        await operations.insert_deposit(
            tx, deposit=made, party=order.party, amount=order.amount, currency=order.currency,
            now=now,
        )  # fmt: skip
        moved = {"party": order.party, "amount": order.amount, "currency": order.currency}
        record = Record(now, tools.entropy)
        record.leaf("deposit", made, moved)
        await record.write(tx)
        document = {"id": made, "object": "deposit", **moved, "created_at": rfc3339(now)}
        return Answer(201, encode(document))

    return await idempotency.once(tools.database, order.claim, work, now=now)


async def _check(tx: Tx, tools: Tools, order: DepositOrder) -> None:
    party = (await find_parties(tx, [order.party])).get(order.party)
    if party is None:
        raise Refused("party_not_found", field="party")
    party.check_active(field="party")
    if order.currency not in tools.policy.currencies:
        supported = sorted(tools.policy.currencies)
        raise Refused("currency_not_supported", field="currency", supported=supported)
