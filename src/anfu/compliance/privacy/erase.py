"""Erase: a person asks to be forgotten; what the law keeps is stored, the rest goes.

1. Somebody requests it with the person's reason; nothing changes yet.
2. A second person approves or declines. Approved, the account is closed, what no law keeps is
   erased, and the rest is only stored: no operation reads it (个人信息保护法 art. 47, 国令790
   art. 24).
3. When the last retention has ended the worker erases what was stored (`erase_due`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from anfu.compliance.privacy.patterns import find
from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.ledger.queries import find_balances
from anfu.parties.apikey import ApiKey
from anfu.parties.party import clean_text
from anfu.parties.privacy import operations, queries
from anfu.parties.privacy.erasure import Erasure, Kept, State, keep
from anfu.parties.queries import get_customer
from anfu.payments.fund import balance_key
from anfu.payments.queries import standing_of
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_Work = Callable[[Tx, Record], Awaitable[Erasure]]


async def request(
    tools: Tools, customer: str, reason: str, by: ApiKey, claim: Claim, *, now: datetime
) -> Erasure:
    """A wish, once for this claim. Raises Refused: customer_not_found, customer_stored,
    erasure_open, erasure_not_settled, reason_invalid."""
    if any(find(reason)):
        raise Refused("reason_invalid", field="reason", longest=200)

    async def work(tx: Tx, record: Record) -> Erasure:
        ring, merchant = tools.sealer.ring, by.merchant_id
        await get_customer(tx, customer, ring=ring, merchant=merchant)
        await _last_used(tx, tools, customer)
        return await operations.request_erasure(
            tx, customer=customer, reason=reason, by=by.id, entropy=tools.entropy, now=now
        )

    return await _once(tools, claim, work, now=now)


async def approve(
    tools: Tools, erasure: str, by: ApiKey, claim: Claim, *, now: datetime
) -> Erasure:
    """Close the account and store what must be kept. Raises Refused: erasure_not_found,
    erasure_decided, second_person_needed, erasure_not_settled."""

    async def work(tx: Tx, record: Record) -> Erasure:
        before = await _waiting(tx, erasure, by)
        last_used_at = await _last_used(tx, tools, before.customer)
        until = max(kept.until for kept in keep(ended_at=now, last_used_at=last_used_at))
        after = replace(
            before, state=State.STORED, decided_by=by.id, decided_at=now,
            last_used_at=last_used_at, keep_until=until,
        )  # fmt: skip
        await operations.decide_erasure(tx, before=before, after=after)
        await operations.store_person(tx, customer=before.customer, sealer=tools.sealer, now=now)
        return after

    return await _once(tools, claim, work, now=now)


async def decline(
    tools: Tools, erasure: str, answer: str, by: ApiKey, claim: Claim, *, now: datetime
) -> Erasure:
    """Leave everything as it is, and say why (个人信息保护法 art. 50). Raises Refused as
    `approve`, and reason_invalid."""
    if any(find(answer)):
        raise Refused("reason_invalid", field="reason", longest=200)
    said = clean_text(answer, field="reason", longest=200)

    async def work(tx: Tx, record: Record) -> Erasure:
        before = await _waiting(tx, erasure, by)
        after = replace(before, state=State.DECLINED, decided_by=by.id, decided_at=now, answer=said)
        await operations.decide_erasure(tx, before=before, after=after)
        return after

    return await _once(tools, claim, work, now=now)


async def erase_due(tools: Tools, *, now: datetime, most: int = 100) -> int:
    """Erase what no law keeps any more; how many persons."""
    async with tools.database.transaction(readonly=True) as tx:
        due = await queries.list_due(tx, today=civil_date(now), most=most)
    for id_ in due:

        async def work(tx: Tx, id_: str = id_) -> None:
            before = await queries.get_erasure(tx, id_, lock=True)
            if before.state is State.STORED:
                after = replace(before, state=State.ERASED, erased_at=now)
                await operations.decide_erasure(tx, before=before, after=after)
                await operations.erase_person(tx, customer=before.customer, sealer=tools.sealer)
                record = Record(now, tools.entropy)
                _note(record, after)
                await record.write(tx)

        await tools.database.run(work)
    return len(due)


def kept_of(erasure: Erasure) -> Sequence[Kept]:
    """What is kept after an approval, how long and by which law; nothing once all is erased."""
    if erasure.state is not State.STORED or erasure.decided_at is None:
        return ()
    return keep(ended_at=erasure.decided_at, last_used_at=erasure.last_used_at)


async def _once(tools: Tools, claim: Claim, work: _Work, *, now: datetime) -> Erasure:
    async def whole(tx: Tx) -> Answer:
        record = Record(now, tools.entropy)
        done = await work(tx, record)
        _note(record, done)
        await record.write(tx)
        return Answer(201, msgspec.json.encode(done.id))

    answer = await idempotency.once(tools.database, claim, whole, now=now)
    async with tools.database.transaction(readonly=True) as tx:
        return await queries.get_erasure(tx, msgspec.json.decode(answer.body))


async def _waiting(tx: Tx, erasure: str, by: ApiKey) -> Erasure:
    found = await queries.get_erasure(tx, erasure, lock=True)
    if found.state is not State.REQUESTED:
        raise Refused("erasure_decided", field="erasure", state=found.state.value)
    if found.requested_by == by.id:
        raise Refused("second_person_needed")
    return found


async def _last_used(tx: Tx, tools: Tools, customer: str) -> datetime | None:
    """When money last moved. Raises Refused `erasure_not_settled` while some is left or open."""
    keys = [balance_key(customer, currency) for currency in sorted(tools.policy.currencies)]
    balances = await find_balances(tx, keys)
    left = {b.account.asset: b.posted for b in balances.values() if b.posted}
    standing = await standing_of(tx, customer)
    if left or standing.open:
        raise Refused("erasure_not_settled", field="customer", left=left, open=standing.open)
    return standing.last_at


def _note(record: Record, erasure: Erasure) -> None:
    until = erasure.keep_until
    record.leaf(
        "erasure", erasure.customer,
        {"erasure": erasure.id, "state": erasure.state, "requested_by": erasure.requested_by,
         "decided_by": erasure.decided_by,
         "keep_until": None if until is None else until.isoformat()},
    )  # fmt: skip
