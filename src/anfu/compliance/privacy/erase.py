"""Erase: a person asks to be forgotten, or a firm leaves; what the law keeps is stored, the rest
goes.

1. Somebody requests it with the person's reason; nothing changes yet.
2. A second person approves or declines. Approved, the account is closed in the ledger, mandates
   and bindings of devices are taken back, what no law keeps is erased, and the rest is only stored:
   no operation reads it (个人信息保护法 art. 47, 国令790 art. 24).
3. When the last retention has ended the worker erases what was stored (`erase_due`). A refund that
   went to a card meanwhile is a movement of money like any other: the period begins anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import msgspec

from anfu.authentication.enrolled import operations as enrolled
from anfu.compliance.privacy.patterns import find
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.periods import civil_date
from anfu.ledger import operations as ledger
from anfu.ledger.queries import find_balances
from anfu.limits.agreed.operations import forget_agreed
from anfu.limits.stops.operations import forget_stops
from anfu.parties.caller import Caller
from anfu.parties.devices.operations import forget_devices, release_devices
from anfu.parties.firms.operations import erase_firm, store_firm
from anfu.parties.mandates.operations import forget_mandates
from anfu.parties.party import FIRM_PREFIX, clean_text
from anfu.parties.privacy import operations, queries
from anfu.parties.privacy.erasure import Erasure, Kept, State, keep
from anfu.parties.queries import get_acting
from anfu.payments.feedback.operations import forget_comments
from anfu.payments.fund import balance_key
from anfu.payments.queries import standing_of
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.payments.withdraw import revoke_all
from anfu.risk.proposals.proposal import check_two_people
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_Work = Callable[[Tx, Record], Awaitable[Erasure]]


async def request(
    tools: Tools, customer: str, reason: str, by: Caller, claim: Claim, *, now: datetime
) -> Erasure:
    """A wish, once for this claim. Raises Refused: customer_not_found, customer_stored,
    erasure_open, erasure_not_settled, reason_invalid."""
    if any(find(reason)):
        raise Refused("reason_invalid", field="reason", longest=200)

    async def work(tx: Tx, record: Record) -> Erasure:
        ring, merchant = tools.sealer.ring, by.merchant_id
        await get_acting(tx, customer, ring=ring, merchant=merchant)
        await _last_used(tx, tools, customer)
        return await operations.request_erasure(
            tx, customer=customer, reason=reason, by=by.person, entropy=tools.entropy, now=now
        )

    return await _once(tools, claim, work, now=now)


async def approve(
    tools: Tools, erasure: str, by: Caller, claim: Claim, *, now: datetime
) -> Erasure:
    """Close the account and store what must be kept. Raises Refused: erasure_not_found,
    erasure_decided, second_person_needed, erasure_not_settled."""

    async def work(tx: Tx, record: Record) -> Erasure:
        before = await _waiting(tx, erasure, by)
        customer = before.customer
        # Locked as payments do it: mandates before accounts.
        await revoke_all(tx, tools, customer, by.person, now=now)
        after = replace(
            before, state=State.STORED, decided_by=by.person, decided_at=now,
            last_used_at=await _close(tx, tools, customer, now),
        )  # fmt: skip
        after = replace(after, keep_until=_until(after))
        await operations.decide_erasure(tx, before=before, after=after)
        await release_devices(tx, payer=customer, by=by.person, now=now)
        await enrolled.forget(tx, customer=customer)
        await forget_comments(tx, payer=customer)
        if customer.startswith(FIRM_PREFIX):
            await store_firm(tx, firm=customer, now=now)
        else:
            await operations.store_person(tx, customer=customer, sealer=tools.sealer, now=now)
        return after

    return await _once(tools, claim, work, now=now)


async def decline(
    tools: Tools, erasure: str, answer: str, by: Caller, claim: Claim, *, now: datetime
) -> Erasure:
    """Leave everything as it is, and say why (个人信息保护法 art. 50). Raises Refused as
    `approve`, and reason_invalid."""
    if any(find(answer)):
        raise Refused("reason_invalid", field="reason", longest=200)
    said = clean_text(answer, field="reason", longest=200)

    async def work(tx: Tx, record: Record) -> Erasure:
        before = await _waiting(tx, erasure, by)
        after = replace(
            before, state=State.DECLINED, decided_by=by.person, decided_at=now, answer=said
        )
        await operations.decide_erasure(tx, before=before, after=after)
        return after

    return await _once(tools, claim, work, now=now)


async def erase_due(tools: Tools, *, now: datetime, most: int = 100) -> int:
    """Erase what no law keeps any more; how many were due."""
    async with tools.database.transaction(readonly=True) as tx:
        due = await queries.list_due(tx, today=civil_date(now), most=most)
    for id_ in due:

        async def work(tx: Tx, id_: str = id_) -> None:
            before = await queries.get_erasure(tx, id_, lock=True)
            if before.state is State.STORED:
                await _erase(tx, tools, before, now)

        await tools.database.run(work)
    return len(due)


def kept_of(erasure: Erasure) -> Sequence[Kept]:
    """What is kept after an approval, how long and by which law; nothing once all is erased."""
    return _kept(erasure) if erasure.state is State.STORED else ()


def _kept(erasure: Erasure) -> Sequence[Kept]:
    if erasure.decided_at is None:
        raise BrokenInvariant(f"{erasure.id} is kept and not decided")
    return keep(ended_at=erasure.decided_at, last_used_at=erasure.last_used_at)


def _until(erasure: Erasure) -> date:
    return max(kept.until for kept in _kept(erasure))


async def _erase(tx: Tx, tools: Tools, stored: Erasure, now: datetime) -> None:
    customer = stored.customer
    standing = await standing_of(tx, customer)
    known = replace(stored, last_used_at=standing.last_at)
    known = replace(known, keep_until=_until(known))
    if standing.open or _until(known) >= civil_date(now):
        await operations.keep_longer(tx, erasure=known)
        return
    after = replace(known, state=State.ERASED, erased_at=now)
    await operations.decide_erasure(tx, before=stored, after=after)
    if customer.startswith(FIRM_PREFIX):
        await erase_firm(tx, firm=customer, sealer=tools.sealer)
    else:
        await operations.erase_person(tx, customer=customer, sealer=tools.sealer)
    await forget_mandates(tx, customer=customer)
    await forget_devices(tx, payer=customer)
    await enrolled.forget(tx, customer=customer)
    await forget_agreed(tx, customer=customer)
    await forget_stops(tx, customer=customer)
    record = Record(now, tools.entropy)
    _note(record, after)
    await record.write(tx)


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


async def _waiting(tx: Tx, erasure: str, by: Caller) -> Erasure:
    found = await queries.get_erasure(tx, erasure, lock=True)
    if found.state is not State.REQUESTED:
        raise Refused("erasure_decided", field="erasure", state=found.state.value)
    check_two_people(found.requested_by, by.person, field="erasure")
    return found


async def _close(tx: Tx, tools: Tools, customer: str, now: datetime) -> datetime | None:
    """Close the accounts; when money last moved. Nobody moves any between the look and the close:
    who was first is waited for, who comes later finds them closed. Raises as `_last_used`."""
    await ledger.lock_accounts(tx, keys=_balances(tools, customer))
    last_used_at = await _last_used(tx, tools, customer)
    opened = await find_balances(tx, _balances(tools, customer))  # none of a firm that only applied
    await ledger.close_accounts(tx, keys=opened, now=now)
    return last_used_at


def _balances(tools: Tools, customer: str) -> list[str]:
    return [balance_key(customer, currency) for currency in sorted(tools.policy.currencies)]


async def _last_used(tx: Tx, tools: Tools, customer: str) -> datetime | None:
    """When money last moved. Raises Refused `erasure_not_settled` while some is left or open."""
    balances = await find_balances(tx, _balances(tools, customer))
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
