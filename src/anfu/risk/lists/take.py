"""Take: what a feed says becomes what its list holds. A delta larger than the declared share, the
first load among it, waits for a person; what a feed said before and nobody has decided on is
withdrawn for what it says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.ids import Entropy
from anfu.risk.lists import operations, queries
from anfu.risk.lists.amend import Amended, Amendment, put_forward
from anfu.risk.lists.change import Change, Item
from anfu.risk.lists.declaration import Declaration
from anfu.risk.lists.queries import FeedState
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import State, proposal_leaf
from anfu.risk.proposals.queries import get_proposal
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

SOURCE = "feed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An issue of the feed of `declaration`, read and proven."""

    declaration: Declaration
    batches: Sequence[Sequence[Item]]
    serial: int
    issued_at: datetime
    etag: str | None


async def due(database: Database, *, now: datetime) -> list[tuple[Declaration, FeedState | None]]:
    """The lists whose feed should be asked, with what is known of it. They are ours to ask: no
    other worker is given them before the next time."""

    async def work(tx: Tx) -> list[tuple[Declaration, FeedState | None]]:
        declared = (await queries.find_declarations(tx)).values()
        fed = {d.name: d for d in declared if d.feed is not None and not d.retired}
        known = await queries.find_feeds(tx, sorted(fed))
        ours = []
        for name, declaration in sorted(fed.items()):
            assert declaration.feed is not None
            before = now - timedelta(seconds=declaration.feed.every_s)
            if await operations.claim_feed(tx, name=name, before=before, now=now):
                ours.append((declaration, known.get(name)))
        return ours

    return await database.run(work)


async def take(
    database: Database, delivery: Delivery, *, entropy: Entropy, now: datetime
) -> Amended:
    """What came of it: in force, proposed, or nothing new."""
    declaration = delivery.declaration
    name, author = declaration.name, f"{SOURCE}:{declaration.name}"

    async def work(tx: Tx) -> Amended:
        await operations.lock_lists(tx)
        state = (await queries.find_feeds(tx, [name])).get(name)
        waiting = None if state is None else state.proposal
        if waiting is not None and state is not None and state.serial == delivery.serial:
            await operations.put_feed(tx, name=name, state=_taken(delivery, now, waiting))
            return Amended(None)
        if waiting is not None:
            await _withdraw(tx, waiting, author, now=now)
        entries = await queries.count_entries(tx, name)
        # What people put onto the list themselves is theirs.
        order = Amendment(
            name, lambda _: delivery.batches, f"issue {delivery.serial}", author,
            replaces=lambda entry: entry.by == author,
        )  # fmt: skip
        amended = await put_forward(
            tx, order, entropy=entropy, now=now,
            alone=lambda change: _small(declaration, change, entries),
        )  # fmt: skip
        proposal = None if amended.proposal is None else amended.proposal.id
        await operations.put_feed(tx, name=name, state=_taken(delivery, now, proposal))
        return amended

    return await database.run(work)


async def note_failure(database: Database, name: str, problem: str, *, now: datetime) -> None:
    """Remember why nothing was taken; what stands on the list stays."""

    async def work(tx: Tx) -> None:
        known = (await queries.find_feeds(tx, [name])).get(name)
        before = known or FeedState(now, None, None, None, None, None)
        # Without its ETag the feed is read again in whole once it is well.
        state = replace(before, asked_at=now, problem=problem, etag=None)
        await operations.put_feed(tx, name=name, state=state)

    await database.run(work)


async def note_nothing_new(database: Database, name: str, *, now: datetime) -> None:
    """Remember that the feed was asked and had nothing new."""

    async def work(tx: Tx) -> None:
        known = (await queries.find_feeds(tx, [name])).get(name)
        if known is not None:
            state = replace(known, asked_at=now, problem=None)
            await operations.put_feed(tx, name=name, state=state)

    await database.run(work)


def _small(declaration: Declaration, change: Change, entries: int) -> bool:
    """Whether a delta is within the declared share of what stands on the list."""
    assert declaration.feed is not None
    most = entries * declaration.feed.share // 100
    return max(change.weight.tightens, change.weight.loosens) <= most


def _taken(delivery: Delivery, now: datetime, proposal: str | None) -> FeedState:
    return FeedState(now, delivery.serial, delivery.issued_at, delivery.etag, None, proposal)


async def _withdraw(tx: Tx, waiting: str, author: str, *, now: datetime) -> None:
    if (await get_proposal(tx, waiting)).state is not State.OPEN:
        return
    proposal = await proposals.decide(
        tx, proposal=waiting, state=State.WITHDRAWN, by=author, now=now
    )
    await append(tx, leaves=[Leaf("proposal", proposal.id, now, proposal_leaf(proposal, {}))])
