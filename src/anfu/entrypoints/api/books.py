"""The books: the chart of accounts, entries of an account or of a payment, the trial balance."""

from __future__ import annotations

from typing import Any

from anfu.entrypoints.api.book_documents import (
    AccountDocument,
    AccountList,
    AccountQuery,
    EntryList,
    EntryQuery,
    MomentQuery,
    PaymentEntries,
    TrialBalanceDocument,
)
from anfu.entrypoints.api.documents import page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.ledger.books import queries
from anfu.ledger.books.accounts import Chart, KindSum, Line, account_id, key_of
from anfu.ledger.entry import Entry
from anfu.ledger.hold import Hold
from anfu.ledger.queries import find_holds, list_entries
from anfu.payments.document import encode, rfc3339
from anfu.payments.queries import get_payment
from anfu.payments.sought.queries import numbers_of
from anfu.storage.idempotency import Answer


async def list_accounts(call: Call) -> Answer:
    """A page of the chart."""
    query: AccountQuery = call.query
    after = None if query.after is None else key_of(query.after)
    chart = Chart(query.limit + 1, after, query.owner, query.kind, query.currency)
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        lines = await queries.list_accounts(tx, chart)
    return Answer(200, page([_account(line) for line in lines], query.limit))


async def get_account(call: Call) -> Answer:
    """One account."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        line = await queries.get_account(tx, key_of(call.path["account"]))
    return Answer(200, encode(_account(line)))


async def list_account_entries(call: Call) -> Answer:
    """A page of an account's entries."""
    query: EntryQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        line = await queries.get_account(tx, key_of(call.path["account"]))
        key = line.balance.account.key
        found = await list_entries(tx, key, cursor=query.after, most=query.limit)
    data = [_entry(entry) for entry in found.entries]
    more = found.next is not None
    return Answer(200, encode({"object": "list", "data": data, "more": more, "next": found.next}))


async def list_payment_entries(call: Call) -> Answer:
    """What a payment left in the books."""
    async with call.desk.tools.database.transaction(readonly=True, snapshot=True) as tx:
        payment = await get_payment(tx, call.path["payment"], merchant=None)
        numbers = await numbers_of(tx, payment)
        entries = await queries.list_entries_of(tx, numbers)
        holds = await find_holds(tx, numbers)
    document = {
        "object": "payment_entries",
        "payment": payment.id,
        "holds": [_hold(hold) for hold in sorted(holds.values(), key=lambda h: (h.at, h.id))],
        "entries": [_entry(entry) for entry in entries],
    }
    return Answer(200, encode(document))


async def get_trial_balance(call: Call) -> Answer:
    """The sums of each kind and currency."""
    at = call.query.at
    if at is not None and at > call.now:
        raise Refused("query_invalid", field="at", reason="in the future")
    async with call.desk.tools.database.transaction(readonly=True, snapshot=True) as tx:
        sums = await queries.sums_by_kind(tx, at)
    document = {
        "object": "trial_balance",
        "at": rfc3339(at or call.now),
        "kinds": [_kind(one) for one in sums],
        "currencies": [_currency(name, sums) for name in sorted({one.currency for one in sums})],
    }
    return Answer(200, encode(document))


def _account(line: Line) -> dict[str, Any]:
    owner, kind, currency = line.parts
    balance = line.balance
    return {
        "id": account_id(balance.account.key),
        "object": "account",
        "owner": owner,
        "kind": kind,
        "currency": currency,
        "normal": balance.account.normal,
        "posted": balance.posted,
        "available": balance.available,
        "debits_posted": balance.debits_posted,
        "credits_posted": balance.credits_posted,
        "debits_pending": balance.debits_pending,
        "credits_pending": balance.credits_pending,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "object": "entry",
        "debit": account_id(entry.debit),
        "credit": account_id(entry.credit),
        "amount": entry.amount,
        "currency": entry.asset,
        "at": rfc3339(entry.at),
        "held": entry.held,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "object": "hold",
        "debit": account_id(hold.debit),
        "credit": account_id(hold.credit),
        "amount": hold.amount,
        "currency": hold.asset,
        "state": hold.state,
        "at": rfc3339(hold.at),
        "resolved_at": None if hold.resolved_at is None else rfc3339(hold.resolved_at),
        "posted": hold.posted,
    }


def _kind(one: KindSum) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "currency": one.currency,
        "accounts": one.accounts,
        "debits": one.debits,
        "credits": one.credits,
        "balance": one.credits - one.debits,
    }


def _currency(name: str, sums: list[KindSum]) -> dict[str, Any]:
    debits = sum(one.debits for one in sums if one.currency == name)
    credited = sum(one.credits for one in sums if one.currency == name)
    return {"currency": name, "debits": debits, "credits": credited,
            "difference": credited - debits}  # fmt: skip


_READ = "balances:read"
OPERATIONS = (
    Operation("list_accounts", "GET", "/v1/accounts", "List the accounts of the ledger.",
              list_accounts, scope=_READ, query=AccountQuery, answer=AccountList,
              institution=True),
    Operation("get_account", "GET", "/v1/accounts/{account}", "Read an account.", get_account,
              scope=_READ, answer=AccountDocument, institution=True,
              refusals=("account_not_found",)),
    Operation("list_account_entries", "GET", "/v1/accounts/{account}/entries", "List the entries"
              " of an account.", list_account_entries, scope=_READ, query=EntryQuery,
              answer=EntryList, institution=True,
              refusals=("account_not_found", "cursor_invalid")),
    Operation("list_payment_entries", "GET", "/v1/payments/{payment}/entries", "List what a"
              " payment left in the books.", list_payment_entries, scope=_READ,
              answer=PaymentEntries, institution=True, refusals=("payment_not_found",)),
    Operation("get_trial_balance", "GET", "/v1/trial-balance", "Read the trial balance.",
              get_trial_balance, scope=_READ, query=MomentQuery, answer=TrialBalanceDocument,
              institution=True),
)  # fmt: skip
