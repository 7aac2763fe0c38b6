"""What must hold once it is quiet, read from the database, the evidence and the network's journal.

A later state is no other answer: a payment is what it was answered to be when everything fixed at
its birth is the same and its state is the answered one or can be reached from it by the moves of
`payments.payment.MOVES` (UNKNOWN to SUCCEEDED, CHALLENGED to CANCELLED). From a final state
nothing can be reached. A refund takes away from `refunded` and touches `updated_at`; nothing else
changes in what has ended.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from tests.chaos.journal import Journal, Written

from anfu.evidence.audit import audit
from anfu.evidence.signer import VerifierKey
from anfu.kernel.periods import civil_date
from anfu.kernel.states import Moves
from anfu.ledger.queries import find_discrepancies, trial_balance
from anfu.payments.document import encode, payment_document, refund_document
from anfu.payments.payment import FINAL, MOVES, REFUND_MOVES, Payment, Refund, RefundState, State
from anfu.payments.queries import PAYMENT_COLUMNS, REFUND_COLUMNS, payment_of, refund_of

# Longer than any chain of waits: 30 s until a payment in SENDING is asked after, 20 s lease of a
# worker that was killed with it in hand, and outages in between.
SENDING_BOUND = timedelta(seconds=120)
_PAYMENT_FIXED = ("id", "object", "payer", "payee", "amount", "currency", "method", "order",
                  "description", "decision", "outcome", "reasons", "created_at",
                  "occurred_at")  # fmt: skip
_PAYMENT_LATER = ("refunded", "updated_at")
_REFUND_FIXED = ("id", "object", "payment", "payer", "payee", "amount", "currency", "method",
                 "reason", "created_at")  # fmt: skip
_DONE_TO_PAYMENTS = ("payment", "prove", "cancel", "release", "reject")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: how much was looked at, and what is wrong."""

    name: str
    looked_at: int
    wrong: list[str]

    @property
    def good(self) -> bool:
        return not self.wrong

    @property
    def told(self) -> str:
        more = len(self.wrong) - _SHOWN
        shown = self.wrong[:_SHOWN] + ([f"and {more} more"] if more > 0 else [])
        return "; ".join(shown) or "ok"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of the payments' own tables."""

    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    deposits: Mapping[str, tuple[str, int]]
    classes: Mapping[str, int]


async def take_snapshot(tx: asyncpg.Connection) -> Snapshot:
    """Read it."""
    payments = await tx.fetch(f"SELECT {PAYMENT_COLUMNS} FROM payments.payment")
    refunds = await tx.fetch(f"SELECT {REFUND_COLUMNS} FROM payments.refund")
    deposits = await tx.fetch("SELECT id, party, amount FROM payments.deposit")
    customers = await tx.fetch("SELECT id, account_class FROM parties.customer")
    return Snapshot(
        {row["id"]: payment_of(row) for row in payments},
        {row["id"]: refund_of(row) for row in refunds},
        {row["id"]: (row["party"], row["amount"]) for row in deposits},
        {row["id"]: row["account_class"] for row in customers},
    )


def check_payments(journal: Journal, books: Snapshot) -> Check:
    """Every acknowledged payment is there once, as it was answered, and no other is."""
    wrong = _same_ids(journal.good("payment"), books.payments, "payment")
    orders = Counter(payment.order for payment in books.payments.values())
    wrong += [f"{order} was paid {n} times" for order, n in orders.items() if n > 1]
    told = [written for kind in _DONE_TO_PAYMENTS for written in journal.good(kind)]
    for written in told:
        payment = books.payments.get(written.answer["id"])
        if payment is not None and not same_payment(written.answer, payment):
            wrong.append(f"{payment.id} is not as {written.key} was answered")
    return Check("payments are as they were answered", len(told), wrong)


def check_refunds(journal: Journal, books: Snapshot) -> Check:
    """The same of refunds and deposits; and what was refunded adds up."""
    told = journal.good("refund")
    wrong = _same_ids(told, books.refunds, "refund")
    for written in told:
        refund = books.refunds.get(written.answer["id"])
        if refund is not None and not same_refund(written.answer, refund):
            wrong.append(f"{refund.id} is not as {written.key} was answered")
    sums: Counter[str] = Counter()
    for refund in books.refunds.values():
        sums[refund.payment] += refund.amount if refund.state is RefundState.SUCCEEDED else 0
    wrong += [f"{p.id} was refunded otherwise" for p in books.payments.values()
              if p.refunded != sums[p.id]]  # fmt: skip
    deposits = journal.good("deposit")
    wrong += _same_ids(deposits, books.deposits, "deposit")
    for written in deposits:
        said = (written.answer["party"], written.answer["amount"])
        if books.deposits.get(written.answer["id"]) != said:
            wrong.append(f"{written.answer['id']} is another deposit")
    return Check("refunds and deposits are as they were answered", len(told) + len(deposits), wrong)


def same_payment(answer: Mapping[str, Any], payment: Payment) -> bool:
    """Whether the payment can have become of what was answered."""
    now = msgspec.json.decode(encode(payment_document(payment)))
    if any(answer[name] != now[name] for name in _PAYMENT_FIXED):
        return False
    before = State(answer["state"])
    if before in FINAL:
        return all(answer[name] == now[name] for name in answer if name not in _PAYMENT_LATER)
    return reachable(MOVES, before, payment.state)


def same_refund(answer: Mapping[str, Any], refund: Refund) -> bool:
    """Whether the refund can have become of what was answered."""
    now = msgspec.json.decode(encode(refund_document(refund)))
    if any(answer[name] != now[name] for name in _REFUND_FIXED):
        return False
    return reachable(REFUND_MOVES, RefundState(answer["state"]), refund.state)


def reachable(moves: Moves[Any], before: Any, after: Any) -> bool:
    """Whether one can come from `before` to `after`, staying included."""
    seen, ahead = {before}, [before]
    while ahead:
        for state in moves[ahead.pop()] - seen:
            seen.add(state)
            ahead.append(state)
    return after in seen


async def check_open(tx: asyncpg.Connection) -> Check:
    """Nothing is left open: no hold, no reservation, no key without an answer."""
    left = {
        "payments not final": "SELECT count(*) FROM payments.payment WHERE state IN"
        " ('CHALLENGED', 'IN_REVIEW', 'SENDING', 'AWAITING', 'UNKNOWN')",
        "payments to come back to": "SELECT count(*) FROM payments.open",
        "refunds not final": "SELECT count(*) FROM payments.refund WHERE due_at IS NOT NULL",
        "holds held": "SELECT count(*) FROM ledger.hold WHERE state = 'HELD'",
        "holds expired": "SELECT count(*) FROM ledger.hold WHERE state = 'EXPIRED'",
        "amounts pending": "SELECT count(*) FROM ledger.account"
        " WHERE debits_pending <> 0 OR credits_pending <> 0",
        "reservations": "SELECT count(*) FROM limits.reservation",
        "keys without an answer": "SELECT count(*) FROM storage.idempotency WHERE status IS NULL",
    }
    counts = {what: await tx.fetchval(query) for what, query in left.items()}
    holds = await tx.fetchval("SELECT count(*) FROM ledger.hold")
    return Check("nothing is open", holds, [f"{n} {what}" for what, n in counts.items() if n])


async def check_bound(tx: asyncpg.Connection, books: Snapshot) -> tuple[Check, float]:
    """No payment or refund was with the network for longer than its bound; and the longest, in
    seconds. Payments that waited for a reviewer held their money meanwhile and are left out."""
    rows = await tx.fetch("SELECT id, at, resolved_at FROM ledger.hold WHERE resolved_at > at")
    ages = {}
    for id_, at, resolved_at in rows:
        payment = books.payments.get(id_)
        if payment is None or payment.outcome != "REVIEW":
            ages[id_] = resolved_at - at
    wrong = [f"{i} for {age.total_seconds():.0f} s" for i, age in ages.items()
             if age > SENDING_BOUND]  # fmt: skip
    longest = max((age.total_seconds() for age in ages.values()), default=0.0)
    return Check("nothing was with the network for too long", len(ages), wrong), longest


async def check_ledger(tx: asyncpg.Connection, books: Snapshot) -> Check:
    """Debits equal credits, counters equal entries, and every balance is what deposits, payments
    and refunds make it."""
    wrong = [f"{s.asset}: {s.imbalance} out of balance, {s.unexplained} unexplained"
             for s in await trial_balance(tx) if s.imbalance or s.unexplained]  # fmt: skip
    wrong += [f"{d.counted.account.key} differs from its entries"
              for d in await find_discrepancies(tx)]  # fmt: skip
    expected = expected_balances(books)
    rows = await tx.fetch(
        "SELECT split_part(key, '/', 1), credits_posted - debits_posted FROM ledger.account"
        " WHERE key LIKE '%/balance/CNY'"
    )
    wrong += [f"{owner} has {posted}, not {expected[owner]}" for owner, posted in rows
              if posted != expected[owner]]  # fmt: skip
    return Check("the ledger balances", len(rows), wrong)


def expected_balances(books: Snapshot) -> Counter[str]:
    """What each party must have, from deposits, payments and refunds alone."""
    balances: Counter[str] = Counter()
    for party, amount in books.deposits.values():
        balances[party] += amount
    for payment in books.payments.values():
        if payment.state is State.SUCCEEDED:
            kept = payment.amount - payment.refunded
            balances[payment.payee] += kept
            balances[payment.payer] -= kept if payment.method == "balance" else 0
    return balances


async def check_limits(tx: asyncpg.Connection, books: Snapshot) -> Check:
    """Every counter is the sum of what counts."""
    rows = await tx.fetch(
        "SELECT subject, metric, span, starts_on, amount FROM limits.counter WHERE amount <> 0"
    )
    counted = {tuple(row)[:4]: row["amount"] for row in rows}
    expected = expected_counters(books)
    wrong = [f"{key}: {counted.get(key, 0)}, not {expected.get(key, 0)}"
             for key in counted.keys() | expected.keys()
             if counted.get(key, 0) != expected.get(key, 0)]  # fmt: skip
    return Check("limits counters are exact", len(counted), wrong)


def expected_counters(books: Snapshot) -> Counter[tuple[str, str, str, date]]:
    """What is counted of payments that succeeded, refunded or not."""
    sums: Counter[tuple[str, str, str, date]] = Counter()
    for payment in books.payments.values():
        if payment.state is not State.SUCCEEDED:
            continue
        day, amount = civil_date(payment.occurred_at), payment.amount
        source = "balance" if payment.method == "balance" else "bank"
        sums[payment.payer, f"{source}_payment/CNY", "natural_day", day] += amount
        sums[payment.payer, f"{source}_payment/CNY", "natural_month", day.replace(day=1)] += amount
        sums[payment.payer, f"{source}_count/CNY", "natural_day", day] += 1
        if source == "bank":
            if payment.code is not None:
                pocket = f"{payment.payer}/{payment.card or ''}"
                sums[pocket, "code_payment/CNY/bank_account", "natural_day", day] += amount
            continue
        year = day.replace(month=1, day=1)
        sums[payment.payer, "balance_payment/CNY", "calendar_year", year] += amount
        if books.classes[payment.payer] == 1:
            beginning = datetime(1970, 1, 1, tzinfo=UTC).date()
            sums[payment.payer, "balance_out/CNY", "lifetime", beginning] += amount
    return sums


async def check_evidence(
    tx: asyncpg.Connection, key: VerifierKey, books: Snapshot, untrue: Collection[str] = ()
) -> Check:
    """The log verifies, and its last word on each payment is the state it is in. `untrue`: of whom
    the network has said two things."""
    report = await audit(tx, keys=[key])
    wrong = [fault.reason_en for fault in report.faults]
    last: dict[str, str] = {}
    async with tx.transaction():
        async for row in tx.cursor("SELECT body FROM evidence.leaf ORDER BY index"):
            leaf = json.loads(row["body"])
            if leaf["kind"] == "payment":
                last[leaf["subject"]] = leaf["body"]["state"]
            elif leaf["kind"] == "contradiction" and leaf["subject"] not in untrue:
                wrong.append(f"the network contradicted itself on {leaf['subject']}")
    wrong += [f"the log says {last.get(p.id)} of {p.id}, which is {p.state}"
              for p in books.payments.values() if last.get(p.id) != p.state]  # fmt: skip
    return Check("the evidence verifies", report.leaves, wrong)


async def check_events(tx: asyncpg.Connection, books: Snapshot) -> Check:
    """One event for each final state, and none of another final state."""
    rows = await tx.fetch("SELECT object_id, kind FROM storage.event WHERE kind LIKE 'payment.%'")
    final = {f"payment.{state.lower()}" for state in FINAL}
    told: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] in final:
            told.setdefault(row["object_id"], []).append(row["kind"])
    wrong = [f"{p.id}, {p.state}: {told.get(p.id)}" for p in books.payments.values()
             if told.get(p.id) != [f"payment.{p.state.lower()}"]]  # fmt: skip
    return Check("one event for each final state", len(rows), wrong)


def check_network(journal: Path, books: Snapshot) -> Check:
    """Booked here if and only if paid, or given back, at the network, with the same amount."""
    there: dict[str, tuple[str, int | None]] = {}
    for line in journal.read_bytes().splitlines():
        said = json.loads(line)
        there[said["refund"] or said["payment"]] = (said["state"], said["amount"])
    everything: list[Payment | Refund] = [*books.payments.values(), *books.refunds.values()]
    ours = [one for one in everything if one.method != "balance"]
    wrong = []
    for one in ours:
        done = (("REFUNDED" if isinstance(one, Refund) else "PAID"), one.amount)
        if (one.state == "SUCCEEDED") is not (there.get(one.id) == done):
            wrong.append(f"{one.id} is {one.state}, the network says {there.get(one.id)}")
    return Check("booked if and only if paid at the network", len(ours), wrong)


def _same_ids(told: list[Written], there: Mapping[str, object], what: str) -> list[str]:
    ids = Counter(written.answer["id"] for written in told)
    wrong = [f"{what} {id_} was answered to {n} keys" for id_, n in ids.items() if n > 1]
    wrong += [f"{what} {id_} was acknowledged and is not there" for id_ in ids.keys() - there]
    return wrong + [f"{what} {id_} is there unasked" for id_ in there.keys() - ids]
