"""What the database itself keeps true of proposals, drafts and steps, whoever asks it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.operations import publish
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import (
    MOVES,
    Paper,
    Proposal,
    State,
    Subject,
    check_decider,
    paper_digests,
)
from anfu.risk.proposals.queries import get_proposal, list_papers, list_proposals
from anfu.risk.rules import Grade, Rule, Thresholds, default_rule_set, make_rule_set
from anfu.risk.ruling import operations, queries
from anfu.risk.ruling.change import difference, read_change
from anfu.risk.ruling.life import Life
from anfu.storage.database import Database

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SHIPPED = default_rule_set()
RULE = Rule("mine", "amount = 7", Grade.LOW, 1, "MINE", "e", "中")


def proposal(id_: str = "prp_1", **other: object) -> Proposal:
    after = make_rule_set([*SHIPPED.rules, RULE], SHIPPED.thresholds)
    change = difference(SHIPPED, after, why="because", exact=True)
    said = {"subject": Subject.RULES, "target": "mine", "body": change.body, "author": "key_a"}
    return Proposal(id=id_, created_at=NOW, **{**said, **other})  # type: ignore[arg-type]


async def begun(database: Database, *given: Proposal) -> None:
    async with database.transaction() as tx:
        await publish(tx, catalogue=CATALOGUE, rule_set=SHIPPED)
        await operations.begin(tx, rule_set=SHIPPED, now=NOW)
        for one in given:
            await proposals.propose(tx, proposal=one)


@pytest.mark.parametrize(
    ("state", "by"),
    [("APPROVED", "key_a"), ("REJECTED", "key_a"), ("WITHDRAWN", "key_b"), ("OPEN", "key_b")],
)
async def test_the_database_refuses_the_author_too(
    database: Database, owner: asyncpg.Connection, state: str, by: str
) -> None:
    await begun(database, proposal())
    for line in (owner, None):
        with pytest.raises(asyncpg.CheckViolationError):
            await _decide(database, line, state, by)
    async with database.transaction(readonly=True) as tx:
        assert (await get_proposal(tx, "prp_1")).state is State.OPEN


async def _decide(database: Database, line: asyncpg.Connection | None, state: str, by: str) -> None:
    change = "UPDATE risk.proposal SET state = $1, decided_by = $2, decided_at = now()"
    if line is not None:
        await line.execute(change, state, by)
        return
    async with database.transaction() as tx:
        await tx.execute(change, state, by)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE risk.proposal SET body = 'x'",
        "UPDATE risk.proposal SET author = 'key_b'",
        "DELETE FROM risk.proposal",
        "UPDATE risk.proposal_paper SET body = 'x'",
        "DELETE FROM risk.proposal_paper",
        "UPDATE risk.rule_set_step SET rule_set = rule_set",
        "DELETE FROM risk.rule_set_step",
        "UPDATE risk.rule_move SET state = 'LIVE'",
        "DELETE FROM risk.rule_draft",
        "UPDATE risk.rule_draft SET body = 'x'",
    ],
)
async def test_what_was_proposed_written_or_in_force_never_changes(
    database: Database, statement: str
) -> None:
    await begun(database, proposal())
    async with database.transaction() as tx:
        await operations.put_draft(tx, rule=RULE, version=1, author="key_a", now=NOW)
        await proposals.attach(tx, proposal="prp_1", paper=Paper("CHECK", NOW, b"{}"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(statement)


@pytest.mark.parametrize("statement", ["UPDATE risk.rule_set_step SET at = now()",
                                       "DELETE FROM risk.rule_move",
                                       "UPDATE risk.rule_draft SET author = 'x'",
                                       "DELETE FROM risk.proposal_paper",
                                       "DELETE FROM risk.proposal",
                                       "UPDATE risk.proposal SET body = 'x'",
                                       "UPDATE risk.proposal SET author = 'key_b'"])  # fmt: skip
async def test_not_even_by_the_owner(
    database: Database, owner: asyncpg.Connection, statement: str
) -> None:
    await begun(database, proposal())
    async with database.transaction() as tx:
        await operations.put_draft(tx, rule=RULE, version=1, author="key_a", now=NOW)
        await proposals.attach(tx, proposal="prp_1", paper=Paper("CHECK", NOW, b"{}"))
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await owner.execute(statement)


async def test_what_was_decided_is_decided(database: Database, owner: asyncpg.Connection) -> None:
    await begun(database, proposal())
    async with database.transaction() as tx:
        await proposals.decide(tx, proposal="prp_1", state=State.REJECTED, by="key_b", now=NOW)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE risk.proposal SET state = 'APPROVED'")


async def test_no_step_without_an_approved_proposal_of_rules(database: Database) -> None:
    await begun(database, proposal(), proposal("prp_2", subject=Subject.LIST))
    async with database.transaction() as tx:
        await proposals.decide(tx, proposal="prp_2", state=State.APPROVED, by="key_b", now=NOW)
    insert = ("INSERT INTO risk.rule_set_step (step, rule_set, proposal, at)"
              " VALUES ($1, $2, $3, now())")  # fmt: skip
    for step, name in ((2, "prp_1"), (2, "prp_2"), (2, None), (2, "prp_none")):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.transaction() as tx:
                await tx.execute(insert, step, SHIPPED.version, name)
    async with database.transaction() as tx:
        await proposals.decide(tx, proposal="prp_1", state=State.APPROVED, by="key_b", now=NOW)
    for step in (1, 3, 0):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.transaction() as tx:
                await tx.execute(insert, step, SHIPPED.version, "prp_1")
    async with database.transaction(readonly=True) as tx:
        assert (await queries.get_step(tx)).step == 1


async def test_a_set_that_does_not_compile_never_comes_into_force(database: Database) -> None:
    bad = Rule("bad", "no_such_fact > 1", Grade.HIGH, 1, "BAD", "e", "中")
    after = make_rule_set([*SHIPPED.rules, bad], SHIPPED.thresholds)
    change = difference(SHIPPED, after, why="", exact=True)
    await begun(database, proposal(body=change.body))
    with pytest.raises(Refused, match="fact_unknown"):
        async with database.transaction() as tx:
            decided = await proposals.decide(
                tx, proposal="prp_1", state=State.APPROVED, by="key_b", now=NOW
            )
            await operations.put_in_force(tx, proposal=decided, catalogue=CATALOGUE, now=NOW)
    async with database.transaction(readonly=True) as tx:
        assert (await get_proposal(tx, "prp_1")).state is State.OPEN
        assert (await queries.get_step(tx)).rule_set == SHIPPED.version
        assert await tx.fetchval("SELECT count(*) FROM risk.rule_set") == 1


async def test_the_shipped_set_begins_once_however_many_processes_start(
    database: Database,
) -> None:
    await asyncio.gather(*(begun(database) for _ in range(5)))
    other = make_rule_set(SHIPPED.rules, Thresholds(1, 2, 3))
    async with database.transaction() as tx:
        await publish(tx, catalogue=CATALOGUE, rule_set=other)
        await operations.begin(tx, rule_set=other, now=NOW)  # a younger release
    async with database.transaction(readonly=True) as tx:
        step = await queries.get_step(tx)
        assert (step.step, step.rule_set, step.proposal, step.why) == (
            1, SHIPPED.version, None, None,
        )  # fmt: skip
        known = await queries.list_known(tx, most=1_000)
    assert [one.content for one in known] == sorted(SHIPPED.rules, key=lambda r: r.id)
    assert {one.state for one in known} == {Life.LIVE}


async def test_before_the_first_step_there_is_none(database: Database) -> None:
    async with database.transaction(readonly=True) as tx:
        assert await queries.find_step(tx) is None
        with pytest.raises(BrokenInvariant):
            await queries.get_step(tx)


async def test_versions_of_a_draft_follow_each_other(database: Database) -> None:
    async def put(version: int) -> None:
        async with database.transaction() as tx:
            await operations.put_draft(tx, rule=RULE, version=version, author="k", now=NOW)

    for version in (0, 2):
        with pytest.raises((Refused, asyncpg.CheckViolationError)):
            await put(version)
    done = await asyncio.gather(*(put(1) for _ in range(4)), return_exceptions=True)
    refused = [error for error in done if error is not None]
    assert len(refused) == 3
    assert {getattr(error, "code", None) for error in refused} == {"draft_moved_on"}
    async with database.transaction(readonly=True) as tx:
        assert [draft.version for draft in await queries.list_drafts(tx, "mine")] == [1]


async def test_papers_are_attached_while_it_is_open(database: Database) -> None:
    await begun(database, proposal())
    papers = [Paper("CHECK", NOW, b"{}"), Paper("BACKTEST", NOW, b'{"v":1}')]
    async with database.transaction() as tx:
        for paper in papers:
            await proposals.attach(tx, proposal="prp_1", paper=paper)
        with pytest.raises(Refused, match="proposal_not_found"):
            await proposals.attach(tx, proposal="prp_9", paper=papers[0])
    async with database.transaction() as tx:
        await proposals.decide(tx, proposal="prp_1", state=State.WITHDRAWN, by="key_a", now=NOW)
    with pytest.raises(Refused, match="proposal_closed"):
        async with database.transaction() as tx:
            await proposals.attach(tx, proposal="prp_1", paper=Paper("SHADOW", NOW, b"{}"))
    async with database.transaction(readonly=True) as tx:
        found = await list_papers(tx, "prp_1")
    assert sorted(p.kind for p in found) == ["BACKTEST", "CHECK"]


async def test_proposals_are_listed_by_page_and_state(database: Database) -> None:
    await begun(database, *(proposal(f"prp_{n}") for n in range(5)))
    async with database.transaction() as tx:
        await proposals.decide(tx, proposal="prp_3", state=State.REJECTED, by="key_b", now=NOW)
    async with database.transaction(readonly=True) as tx:
        found = await list_proposals(tx, state=State.OPEN, most=3)
        assert [one.id for one in found] == ["prp_4", "prp_2", "prp_1"]
        found = await list_proposals(tx, before="prp_2", most=9)
        assert [one.id for one in found] == ["prp_1", "prp_0"]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("wanted", list(State))
@pytest.mark.parametrize("by", ["key_a", "key_b"])
def test_who_may_decide(state: State, wanted: State, by: str) -> None:
    given = proposal(state=state)
    author = by == "key_a"
    allowed = wanted in MOVES[state] and (wanted is State.WITHDRAWN) == author
    if allowed:
        check_decider(given, by=by, state=wanted)
        return
    with pytest.raises(Refused) as caught:
        check_decider(given, by=by, state=wanted)
    closed = wanted not in MOVES[state]
    otherwise = "second_person_needed" if author else "proposal_not_yours"
    assert caught.value.code == ("proposal_closed" if closed else otherwise)


def test_papers_of_one_kind_are_all_in_the_digests() -> None:
    papers = [Paper("CHECK", NOW, b"1"), Paper("BACKTEST", NOW, b"2"), Paper("CHECK", NOW, b"3")]
    digests = paper_digests(papers)
    assert list(digests) == ["CHECK", "BACKTEST"]
    assert [len(part) for part in digests["CHECK"].split(",")] == [64, 64]


def test_a_change_of_another_form_is_not_read() -> None:
    body = canonical_bytes({"v": 2})
    with pytest.raises(BrokenInvariant):
        read_change(body)
