"""Balances: what a party has."""

from __future__ import annotations

from anfu.entrypoints.api.documents import BalanceDocument
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.ledger.queries import get_balance
from anfu.parties import queries as parties
from anfu.payments.document import encode
from anfu.payments.fund import balance_key
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


async def get(call: Call) -> Answer:
    """A party's balance in one currency."""
    party, currency = call.path["party"], call.path["currency"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await _check(tx, call, party)
        balance = await get_balance(tx, balance_key(party, currency))
    document = {
        "object": "balance",
        "party": party,
        "currency": currency,
        "posted": balance.posted,
        "available": balance.available,
    }
    return Answer(200, encode(document))


async def _check(tx: Tx, call: Call, party: str) -> None:
    """A merchant sees its own balance and those of the customers it opened."""
    if call.merchant in (None, party):
        return
    try:
        ring = call.desk.tools.sealer.ring
        await parties.get_acting(tx, party, ring=ring, merchant=call.merchant)
    except Refused:
        raise Refused("account_not_found", field="party") from None


OPERATIONS = (
    Operation("get_balance", "GET", "/v1/balances/{party}/{currency}", "Read a balance.", get,
              scope="balances:read", answer=BalanceDocument, refusals=("account_not_found",)),
)  # fmt: skip
