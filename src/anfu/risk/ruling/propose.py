"""Propose: what would act on traffic, with the papers whoever decides should have read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy, new_id
from anfu.risk import queries as risk
from anfu.risk.decision import make_judge
from anfu.risk.features import Catalogue
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import (
    PREFIX,
    Paper,
    Proposal,
    Subject,
    paper_digests,
    proposal_leaf,
)
from anfu.risk.rules import Grade, Outcome, RuleSet, RuleState, Thresholds
from anfu.risk.ruling import life, queries
from anfu.risk.ruling.change import CHECK, SHADOW, Change, applied
from anfu.risk.ruling.check import inspect, refuse_errors, remark_form
from anfu.risk.ruling.draft import Lists
from anfu.risk.ruling.life import Life
from anfu.risk.ruling.shadow import ShadowDifference
from anfu.storage import idempotency
from anfu.storage.database import Database
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

# The paper looks back this far, and at no more than so many decisions.
SHADOW_DAYS = timedelta(days=30)
_WATCHED_MOST, _PAGE = 5_000, 250


@dataclass(frozen=True, slots=True)
class Move:
    """`rule` shall go to SHADOW, LIVE (on `rollout` percent of payers, `replaced` retiring with
    it) or RETIRED."""

    rule: str
    to: Life
    rollout: int = 100
    replaced: str | None = None


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """Other thresholds, other outcomes; None stays."""

    thresholds: Thresholds | None
    outcomes: Mapping[Grade, Outcome] | None


@dataclass(frozen=True, slots=True)
class Restore:
    """A set that was in force shall be again."""

    rule_set: str


Wish = Move | NewPolicy | Restore


@dataclass(frozen=True, slots=True)
class Order:
    """`author` (id of an API key) proposes `wish`, and says why."""

    claim: Claim
    author: str
    why: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What rules are read against. `act` adds the rules that lists make to a set."""

    catalogue: Catalogue
    lists: Lists
    act: Callable[[RuleSet], RuleSet]


async def propose(
    database: Database,
    order: Order,
    *,
    book: Rulebook,
    entropy: Entropy,
    describe: Callable[[Proposal], bytes],
    now: datetime,
) -> Answer:
    """The answer that describes the proposal.

    Raises Refused: rule_not_found, rule_not_watched, rule_not_live, rule_move_empty, change_empty,
    rule_set_not_found, rule_set_never_in_force, and whatever makes the resulting set one that may
    not come into force.
    """

    async def work(tx: Tx) -> Answer:
        in_force = await risk.get_rule_set(tx, (await queries.get_step(tx)).rule_set)
        change = await _change(tx, order, in_force)
        after = applied(change, in_force)
        await asyncio.to_thread(make_judge, book.catalogue, book.act(after))
        papers = [await asyncio.to_thread(_checked, change, after, book, now)]
        if isinstance(order.wish, Move) and order.wish.to is Life.LIVE:
            papers.append(await _watched(tx, order.wish, in_force, book, now))
        proposal = Proposal(
            id=new_id(PREFIX, now=now, entropy=entropy),
            subject=Subject.RULES,
            target=_target(order.wish),
            body=change.body,
            author=order.author,
            created_at=now,
        )
        await proposals.propose(tx, proposal=proposal)
        for paper in papers:
            await proposals.attach(tx, proposal=proposal.id, paper=paper)
        leaf = proposal_leaf(proposal, paper_digests(papers))
        await append(tx, leaves=[Leaf("proposal", proposal.id, now, leaf)])
        return Answer(201, describe(proposal))

    return await idempotency.once(database, order.claim, work, now=now)


async def _change(tx: Tx, order: Order, in_force: RuleSet) -> Change:
    wish, why = order.wish, order.why
    if isinstance(wish, Restore):
        older = await risk.get_rule_set(tx, wish.rule_set)
        if not await queries.is_or_was_in_force(tx, wish.rule_set):
            raise Refused("rule_set_never_in_force", field="rule_set", version=wish.rule_set)
        return life.to_restored(in_force, older, why=why)
    if isinstance(wish, NewPolicy):
        thresholds, outcomes = wish.thresholds, wish.outcomes
        return life.to_policy(
            in_force, thresholds or in_force.thresholds, outcomes or in_force.outcomes, why=why
        )
    known = await queries.get_known(tx, wish.rule)
    if wish.to is Life.LIVE:
        return life.to_live(in_force, known, wish.rollout, wish.replaced, why=why)
    if wish.to is Life.SHADOW:
        return life.to_shadow(in_force, known, why=why)
    return life.to_retired(in_force, known, why=why)


def _target(wish: Wish) -> str:
    if isinstance(wish, Move):
        return wish.rule
    return "policy" if isinstance(wish, NewPolicy) else wish.rule_set


def _checked(change: Change, after: RuleSet, book: Rulebook, now: datetime) -> Paper:
    """What the static checks say of the rules that change, in the set they would be in. What was
    in force once is not refused for what a younger check calls an error."""
    rules = [turn.after for turn in change.rules.values() if turn.after is not None]
    remarks = inspect(rules, after, book.catalogue, lists=book.lists)
    if not change.exact:
        refuse_errors(remarks)
    body = canonical_bytes({"v": 1, "remarks": [remark_form(remark) for remark in remarks]})
    return Paper(CHECK, now, body)


async def _watched(tx: Tx, wish: Move, in_force: RuleSet, book: Rulebook, now: datetime) -> Paper:
    """What the rule fired on since it says what it says, at most SHADOW_DAYS ago."""
    moves = await queries.list_moves(tx, wish.rule)
    since = max(moves[0].step.at, now - SHADOW_DAYS)
    judges = [
        await asyncio.to_thread(make_judge, book.catalogue, book.act(rules))
        for rules in (in_force, _in_full(in_force, wish.rule))
    ]
    found = ShadowDifference(book.catalogue, wish.rule, judges[0], judges[1])
    before = None
    while found.fired + found.other_catalogue < _WATCHED_MOST:
        page = await queries.list_watched(tx, wish.rule, since=since, before=before, most=_PAGE)
        await asyncio.to_thread(found.add, page)
        if len(page) < _PAGE:
            break
        before = page[-1].id
    decided = await queries.count_decided(tx, since)
    body = found.document(since=since, until=now, decided=decided, rollout=wish.rollout)
    return Paper(SHADOW, now, canonical_bytes(body))


def _in_full(in_force: RuleSet, rule: str) -> RuleSet:
    return life.with_rule(in_force, rule, state=RuleState.LIVE, rollout=100)
