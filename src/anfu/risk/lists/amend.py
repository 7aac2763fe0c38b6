"""Amend: change a list. What the policy leaves to one person is in force at once; everything else
is a proposal that somebody else decides on. Both are in the evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import canonical_bytes, digest
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.risk.lists import operations, queries
from anfu.risk.lists.change import (
    PREFIX,
    Action,
    Change,
    Entry,
    Item,
    Weight,
    change_document,
    effective,
    item_line,
    policy,
    weigh,
)
from anfu.risk.lists.declaration import Declaration, check_successor
from anfu.risk.proposals.operations import attach, propose
from anfu.risk.proposals.proposal import PREFIX as PROPOSAL
from anfu.risk.proposals.proposal import Paper, Proposal, Subject
from anfu.storage import idempotency
from anfu.storage.database import Database
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_SHOWN = 20
Batches = Callable[[Declaration], Iterable[Sequence[Item]]]
"""The items of an amendment, read for the list as it is declared; raises Refused."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """`author` would have the items put onto, or taken off, the list called `name`. With
    `replaces` those entries it is true of go when they are not among the items."""

    name: str
    items: Batches
    reason: str
    author: str
    replaces: Callable[[Entry], bool] | None = None


@dataclass(frozen=True, slots=True)
class Redeclaration:
    """`author` would have a list declared so: a new one, or a known one otherwise."""

    declaration: Declaration
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class Amended:
    """What came of it: in force as `version`, or waiting as `proposal`, or, without a `change`,
    nothing to be done."""

    change: Change | None
    version: int | None = None
    proposal: Proposal | None = None


async def amend(
    database: Database,
    claim: Claim,
    order: Amendment | Redeclaration,
    *,
    describe: Callable[[Amended], bytes],
    entropy: Entropy,
    now: datetime,
) -> Answer:
    """The answer that describes what came of the order. Raises Refused: list_not_found,
    list_form_fixed, and as reading the items and idempotency do."""

    async def work(tx: Tx) -> Answer:
        # Of two orders of one person the second must see what the first did alone.
        await operations.lock_lists(tx)
        if isinstance(order, Redeclaration):
            amended = await redeclare(tx, order, entropy=entropy, now=now)
        else:
            amended = await put_forward(tx, order, entropy=entropy, now=now)
        return Answer(201, describe(amended))

    return await idempotency.once(database, claim, work, now=now)


async def put_forward(
    tx: Tx,
    order: Amendment,
    *,
    entropy: Entropy,
    now: datetime,
    alone: Callable[[Change], bool] | None = None,
) -> Amended:
    """Write the items and bring them into force, or propose them: `alone` says which, None leaves
    it to the policy. Raises Refused: list_not_found, and as reading the items does."""
    declaration = await queries.get_declaration(tx, order.name)
    change = await _stage(tx, declaration, order, entropy=entropy, now=now)
    if change is None:
        return Amended(None)
    if alone is not None:
        acts = alone(change)
    else:
        rules = policy()
        since = now - timedelta(seconds=rules.within_s)
        before = await queries.alone_lately(tx, order.name, order.author, since=since)
        acts = rules.allows(declaration.kind, change.weight + before)
    if acts:
        return await _release(tx, change, now=now)
    return await _propose(tx, change, {}, entropy=entropy, now=now)


async def redeclare(tx: Tx, order: Redeclaration, *, entropy: Entropy, now: datetime) -> Amended:
    """Propose the declaration: what a list does to those who stand on it is never one person's to
    say. Raises Refused("list_form_fixed")."""
    declaration = order.declaration
    before = (await queries.find_declarations(tx)).get(declaration.name)
    if before is not None:
        check_successor(before, declaration)
        if before == declaration:
            return Amended(None)
    body = declaration.body
    change = Change(
        id=new_id(PREFIX, now=now, entropy=entropy),
        list=declaration.name,
        action=Action.DECLARE,
        weight=Weight(),
        digest=sha256(body).hexdigest(),
        reason=order.reason,
        author=order.author,
        created_at=now,
        body=body,
    )
    await operations.put_change(tx, change=change)
    more = {"declaration": json.loads(body), "before": _mark(before)}
    return await _propose(tx, change, more, entropy=entropy, now=now)


async def apply(tx: Tx, proposal: Proposal, *, now: datetime) -> Mapping[str, Any]:
    """Bring a proposed change into force: the `Apply` of Subject.LIST.

    1. the list is still there, and of the same form
    2. for a declaration: nobody has declared the list otherwise since
    3. the items are those that were proposed
    Raises Refused: list_not_found (1), list_form_fixed (1), list_changed_since (2);
    BrokenInvariant (3).
    """
    proposed = json.loads(proposal.body)
    change = await queries.get_change(tx, proposed["change"])
    await operations.lock_lists(tx)
    if change.body is not None:
        declared = (await queries.find_declarations(tx)).get(change.list)
        if _mark(declared) != proposed["before"]:  # 1, 2
            raise Refused("list_changed_since", field="proposal", list=change.list)
        found = sha256(change.body).hexdigest()
    else:
        await queries.get_declaration(tx, change.list)  # 1
        found = await queries.digest_items(tx, change.id)
    if not found == change.digest == proposed["digest"]:  # 3
        raise BrokenInvariant(f"{change.id} is not what was proposed")
    by = str(proposal.decided_by)
    version = await operations.put_release(
        tx, change=change.id, by=by, proposal=proposal.id, now=now
    )
    return {**change_document(change), "version": version}


async def _stage(
    tx: Tx, declaration: Declaration, order: Amendment, *, entropy: Entropy, now: datetime
) -> Change | None:
    """The change with all its items written; None when there is nothing to change."""
    name, change = declaration.name, new_id(PREFIX, now=now, entropy=entropy)
    weight, count = Weight(), 0
    kept: set[str] = set()

    async def put(batch: Sequence[Item]) -> None:
        nonlocal weight, count
        before = await queries.find_expiries(tx, name, [item.value for item in batch])
        items = effective(batch, before, now=now)
        weight += weigh(declaration.kind, items, before, now=now)
        count += len(items)
        if items:
            await operations.put_items(tx, change=change, name=name, items=items)

    for batch in order.items(declaration):
        kept.update(item.value for item in batch if order.replaces)
        await put(batch)
    if order.replaces is not None:
        async for entries in queries.stream_entries(tx, name):
            gone = [e.item for e in entries if order.replaces(e) and e.item.value not in kept]
            await put([replace(i, reason=order.reason, expires=None, added=False) for i in gone])
    if not count:
        return None
    staged = Change(
        id=change,
        list=name,
        action=Action.ENTRIES,
        weight=weight,
        digest=await queries.digest_items(tx, change),
        reason=order.reason,
        author=order.author,
        created_at=now,
    )
    await operations.put_change(tx, change=staged)
    return staged


async def _release(tx: Tx, change: Change, *, now: datetime) -> Amended:
    version = await operations.put_release(
        tx, change=change.id, by=change.author, proposal=None, now=now
    )
    await _tell(tx, change, {"state": "RELEASED", "version": version}, now=now)
    return Amended(change, version=version)


async def _propose(
    tx: Tx, change: Change, more: Mapping[str, Any], *, entropy: Entropy, now: datetime
) -> Amended:
    proposal = Proposal(
        id=new_id(PROPOSAL, now=now, entropy=entropy),
        subject=Subject.LIST,
        target=change.list,
        body=canonical_bytes({**change_document(change), "reason": change.reason, **more}),
        author=change.author,
        created_at=now,
    )
    await propose(tx, proposal=proposal)
    if change.action is Action.ENTRIES:
        paper = Paper("DELTA", now, canonical_bytes(await _delta(tx, change)))
        await attach(tx, proposal=proposal.id, paper=paper)
    await _tell(tx, change, {"state": "PROPOSED", "proposal": proposal.id}, now=now)
    return Amended(change, proposal=proposal)


async def _delta(tx: Tx, change: Change) -> dict[str, Any]:
    """What whoever decides should see: how much, of how much, and the first items."""
    added = removed = 0
    shown: list[dict[str, Any]] = []
    async for items in queries.stream_items(tx, change.id):
        added += sum(item.added for item in items)
        removed += sum(not item.added for item in items)
        shown += [
            {"item": item_line(i), "reason": i.reason, "source": i.source}
            for i in items[: _SHOWN - len(shown)]
        ]
    stood = await queries.count_entries(tx, change.list)
    return {"entries": stood, "added": added, "removed": removed, "first": shown}


async def _tell(tx: Tx, change: Change, what: Mapping[str, Any], *, now: datetime) -> None:
    """Free text may be personal data: the log, which is never erased, keeps its digest."""
    body = {
        **change_document(change),
        "author": change.author,
        "reason": digest(change.reason).hex(),
        **what,
    }
    await append(tx, leaves=[Leaf("list_change", change.id, now, body)])


def _mark(declaration: Declaration | None) -> str | None:
    return None if declaration is None else sha256(declaration.body).hexdigest()
