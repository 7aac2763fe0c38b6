"""What must hold after every tick (`house.md`, 6), and what must hold once it is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from tests.chaos.checks import (
    Check,
    Snapshot,
    check_events,
    check_evidence,
    check_ledger,
    check_limits,
    check_open,
    take_snapshot,
)
from tests.simulation.network import Book

from anfu.payments.attempts.attempt import number_of

# Until a payment that was being sent is at least known to be unknown.
SENDING_BOUND = timedelta(seconds=180)


class Broken(AssertionError):  # noqa: N818 - not a failure of the simulation
    """An invariant does not hold."""


# Each line: what is wrong, and how many there are of it.
_TICK: Mapping[str, str] = {
    "money out of balance": """
        SELECT count(*) FROM (SELECT 1 FROM ledger.account GROUP BY asset
        HAVING sum(debits_posted) <> sum(credits_posted)
            OR sum(debits_pending) <> sum(credits_pending)) a""",
    "payments whose hold is not as their state": """
        SELECT count(*) FROM (
            SELECT state, amount, id || CASE attempt WHEN 1 THEN '' ELSE attempt::text END AS number
            FROM payments.payment
        ) p LEFT JOIN ledger.hold h ON h.id = number LEFT JOIN ledger.entry e ON e.id = number
        WHERE CASE
            WHEN p.state IN ('SENDING', 'AWAITING', 'UNKNOWN', 'IN_REVIEW')
                THEN h.state IS DISTINCT FROM 'HELD' OR e.id IS NOT NULL
            WHEN p.state = 'SUCCEEDED'
                THEN e.id IS NULL OR e.amount <> p.amount OR h.state <> 'POSTED'
            ELSE e.id IS NOT NULL OR h.state IN ('HELD', 'POSTED') END""",
    "attempts given up whose hold is not void": """
        SELECT count(*) FROM payments.attempt a LEFT JOIN ledger.hold h ON h.id = a.number
        WHERE h.state IS DISTINCT FROM 'VOIDED'""",
    "refunds that are not as their payment": """
        SELECT count(*) FROM payments.payment p
        LEFT JOIN (SELECT payment, sum(amount) AS given FROM payments.refund
                   WHERE state <> 'FAILED' GROUP BY payment) r ON r.payment = p.id
        WHERE p.refunded <> coalesce(r.given, 0) OR p.refunded > p.amount""",
    "counters of limits that are not what counts": """
        SELECT count(*) FROM (
            SELECT payer, CASE method WHEN 'balance' THEN 'balance' ELSE 'bank' END
                || '_payment/CNY' AS metric, sum(amount) AS amount
            FROM payments.payment
            WHERE state IN ('SENDING', 'AWAITING', 'UNKNOWN', 'IN_REVIEW', 'SUCCEEDED')
            GROUP BY 1, 2
        ) used FULL JOIN (
            SELECT subject, metric, amount FROM limits.counter
            WHERE span = 'natural_day' AND metric LIKE '%\\_payment/CNY' AND amount <> 0
              AND metric NOT LIKE '%code%'
        ) counted ON subject = payer AND counted.metric = used.metric
        WHERE used.amount IS DISTINCT FROM counted.amount""",
    "limits passed": """
        SELECT count(*) FROM (
            SELECT p.payer, c.account_class, sum(p.amount) AS used
            FROM payments.payment p JOIN parties.customer c ON c.id = p.payer
            WHERE p.method = 'balance'
              AND p.state IN ('IN_REVIEW', 'SUCCEEDED') GROUP BY 1, 2
        ) u WHERE used > CASE account_class WHEN 1 THEN 100000 ELSE 500000 END""",
    "sending or unknown without a time to come back": """
        SELECT count(*) FROM payments.payment p LEFT JOIN payments.open o ON o.payment = p.id
        WHERE p.state IN ('SENDING', 'AWAITING', 'UNKNOWN') AND o.payment IS NULL""",
    "sending for too long": """
        SELECT count(*) FROM payments.payment WHERE state = 'SENDING' AND updated_at < $1""",
}
_LINES = ", ".join(f"({query})" for query in _TICK.values())
_QUERY = f"""
SELECT ARRAY[{_LINES}] AS wrong,
    least((SELECT min(due_at) FROM payments.open),
          (SELECT min(due_at) FROM payments.refund),
          (SELECT min(due_at) FROM payments.stray)) AS recover,
    (SELECT min(next_at) FROM storage.delivery d WHERE state = 'WAITING' AND NOT EXISTS (
        SELECT FROM storage.delivery e WHERE e.endpoint_id = d.endpoint_id
        AND e.object_id = d.object_id AND e.state = 'WAITING' AND e.seq < d.seq)) AS deliver
"""
Due = dict[str, datetime]
"""When a round of the worker has something to do next, by its name."""


async def check_tick(owner: asyncpg.Connection, *, now: datetime) -> Due:
    """What is due next. Raises Broken."""
    row = await owner.fetchrow(_QUERY, now - SENDING_BOUND)
    wrong = [f"{n} {what}" for what, n in zip(_TICK, row["wrong"], strict=True) if n]
    if wrong:
        raise Broken("; ".join(wrong))
    return {name: row[name] for name in ("recover", "deliver") if row[name] is not None}


@dataclass(frozen=True, slots=True)
class Outside:
    """What the world outside knows: the networks' books by name, what the shop heard, in its order,
    as (event, object, kind), the nonces of notices that we said we had taken, and the numbers that
    were paid after a network had closed them."""

    books: Mapping[str, Book]
    heard: list[tuple[str, str, str]]
    taken: set[str]
    untrue: set[str]


async def check_quiet(owner: asyncpg.Connection, outside: Outside, key: Any) -> Counter[str]:
    """What the life was made of, counted. Raises Broken."""
    async with owner.transaction():
        books = await take_snapshot(owner)
        again = await owner.fetchval("SELECT count(*) FROM payments.attempt")
        strays = await owner.fetchval("SELECT count(*) FROM payments.stray")
        checks = [
            await check_open(owner),
            await check_ledger(owner, books),
            await check_limits(owner, books),
            await check_evidence(owner, key, books, {number[:30] for number in outside.untrue}),
            await check_events(owner, books),
            await _networks(owner, outside, books),
            await _shop(owner, outside),
            await _notices(owner, outside),
        ]
    wrong = [f"{check.name}: {check.told}" for check in checks if not check.good]
    if wrong:
        raise Broken("; ".join(wrong))
    ends = Counter(f"payment {p.state}" for p in books.payments.values())
    ends += Counter(f"refund {r.state}" for r in books.refunds.values())
    return ends + Counter({"sent again on another route": again, "given back as stray": strays})


async def _networks(owner: asyncpg.Connection, outside: Outside, ours: Snapshot) -> Check:
    """Of each payment, the present attempt is paid if and only if it succeeded; what came for any
    other attempt, or for one that failed, has gone back to the payer, and came against the word of
    the network: we never gave up what could still be paid."""
    books = outside.books
    past = await owner.fetch("SELECT number, payment, channel FROM payments.attempt")
    strays = await owner.fetch("SELECT id, number, channel, state FROM payments.stray")
    back = {
        s["number"] for s in strays
        if s["state"] == "RETURNED"
        and books[s["channel"]].refund_of("ret_" + s["id"].removeprefix("str_")).state == "REFUNDED"
    }  # fmt: skip
    kept = {number_of(p): p for p in ours.payments.values() if p.channel is not None}
    numbers = {a["number"]: a["channel"] for a in past} | {n: p.channel for n, p in kept.items()}
    wrong = [f"{s['number']} was given up and could still be paid" for s in strays
             if s["number"] not in outside.untrue]  # fmt: skip
    for number, channel in numbers.items():
        said, payment = books[channel].payment(number), ours.payments[number[:30]]
        paid = said.state == "PAID" and said.amount == payment.amount
        if (paid and number not in back) is not (
            number in kept and kept[number].state == "SUCCEEDED"
        ):
            wrong.append(f"{number} is {payment.state}, {channel} says {said.state}")
    for refund in ours.refunds.values():
        channel = ours.payments[refund.payment].channel
        done = channel is None or books[channel].refund_of(refund.id).state == "REFUNDED"
        if (refund.state == "SUCCEEDED") is not done:
            wrong.append(f"{refund.id} is {refund.state}, {channel} says otherwise")
    return Check("booked if and only if paid at the network", len(numbers), wrong)


async def _shop(owner: asyncpg.Connection, outside: Outside) -> Check:
    """Heard of every event, first in the order in which they happened to their object."""
    rows = await owner.fetch(
        "SELECT e.id, e.object_id, e.kind FROM storage.event e JOIN storage.delivery d"
        " ON d.event_id = e.id ORDER BY d.seq"
    )
    told: dict[str, list[str]] = {}
    heard: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row["object_id"], []).append(row["id"])
    for event, about, _ in outside.heard:
        firsts = heard.setdefault(about, [])
        if event not in firsts:
            firsts.append(event)
    wrong = [f"{about}: heard {len(heard.get(about, []))} of {len(events)}, or in another order"
             for about, events in told.items() if heard.get(about) != events]  # fmt: skip
    return Check("the shop heard of everything in order", len(rows), wrong)


async def _notices(owner: asyncpg.Connection, outside: Outside) -> Check:
    rows = await owner.fetch("SELECT nonce FROM channels.notice")
    forgotten = outside.taken - {row["nonce"] for row in rows}
    wrong = [f"{len(forgotten)} notices were acted on and not remembered"] if forgotten else []
    return Check("a notice is acted on once", len(rows), wrong)
