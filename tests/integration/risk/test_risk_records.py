"""Decisions, replay, rebuild and labels in PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.risk import operations, queries
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Decision
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.label import Label, Truth
from anfu.risk.profiles import Profiles
from anfu.risk.rules import Outcome, Thresholds, default_rule_set, make_rule_set
from anfu.storage.database import Database

START = datetime(2026, 11, 1, tzinfo=UTC)


def events(count: int) -> list[Event]:
    return [
        Event(f"pay_{i}", f"cus_{i % 3}", f"mer_{i % 2}", 100 + i, "CNY", "CARD",
              f"tok_{i % 6}" if i % 4 else None, START + timedelta(minutes=i, microseconds=i),
              Environment("dvc_é", "ip", 31.2 + i / 7, 121.5) if i % 5 else Environment())
        for i in range(count)
    ]  # fmt: skip


def ids(given: list[Event], entropy: SeededEntropy) -> list[str]:
    return [new_id("dec", now=e.at, entropy=entropy) for e in given]


async def recorded(
    database: Database, engine: Engine, given: list[Event], entropy: SeededEntropy
) -> list[Decision]:
    decisions = await engine.decide(given, ids(given, entropy))
    async with database.transaction() as tx:
        await operations.publish(tx, catalogue=engine.catalogue, rule_set=engine.rule_set)
        await operations.record(tx, decisions=decisions)
    return decisions


def make_engine() -> Engine:
    return Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE))


async def test_a_decision_is_kept_whole(database: Database, entropy: SeededEntropy) -> None:
    decisions = await recorded(database, make_engine(), events(30), entropy)
    async with database.transaction(readonly=True) as tx:
        found = await queries.find_decisions(tx, [d.id for d in decisions] + ["dec_no"])
        assert len(found) == 30
        for decision in decisions:
            stored = found[decision.id]
            assert stored.verdict == decision.verdict
            assert (stored.at, stored.body) == (decision.event.at, decision.body)
            assert (stored.catalogue, stored.rule_set) == (decision.catalogue, decision.rule_set)
        page = await queries.list_decisions(tx, most=20)
        rest = await queries.list_decisions(tx, before=page[-1].id, most=20)
        assert [s.id for s in page + rest] == sorted((d.id for d in decisions), reverse=True)
        with pytest.raises(Refused, match="decision_not_found"):
            await queries.get_decision(tx, "dec_no")


async def test_replay_gives_the_same_verdict_after_the_rules_changed(
    database: Database, entropy: SeededEntropy
) -> None:
    engine = make_engine()
    before = await recorded(database, engine, events(20), entropy)
    engine.use(make_rule_set(default_rule_set().rules[:3], Thresholds(1, 2, 3)))
    after = await recorded(database, engine, events(25)[20:], entropy)
    assert before[0].rule_set != after[0].rule_set
    async with database.transaction(readonly=True) as tx:
        for decision in before + after:
            replay = await queries.replay(tx, decision.id)
            assert replay.same
            assert replay.again.body == decision.verdict.body
            assert replay.facts == decision.facts


async def test_a_row_changed_behind_our_back_shows_in_its_replay(
    database: Database, owner: asyncpg.Connection, entropy: SeededEntropy
) -> None:
    decisions = await recorded(database, make_engine(), events(3), entropy)
    await owner.execute("ALTER TABLE risk.decision DISABLE TRIGGER ALL")
    change = "UPDATE risk.decision SET {} WHERE id = $1"
    await owner.execute(change.format("outcome = 'BLOCK', score = 7"), decisions[0].id)
    await owner.execute(change.format("at = at + interval '1 second'"), decisions[1].id)
    await owner.execute(
        change.format(
            "facts = convert_to(replace(convert_from(facts, 'UTF8'), ',', ', '), 'UTF8')"
        ),
        decisions[2].id,
    )
    async with database.transaction(readonly=True) as tx:
        differences = [(await queries.replay(tx, d.id)).differences for d in decisions]
    assert differences == [("outcome", "score"), ("event",), ("facts",)]


async def test_a_decision_by_rules_never_kept_cannot_be_replayed(
    database: Database, entropy: SeededEntropy
) -> None:
    given = events(1)
    decisions = await make_engine().decide(given, ids(given, entropy))
    async with database.transaction() as tx:
        await operations.record(tx, decisions=decisions)
        with pytest.raises(BrokenInvariant):
            await queries.replay(tx, decisions[0].id)


async def test_a_version_is_the_hash_of_its_body(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO risk.rule_set VALUES ('0123456789abcdef', 'forged')")


@pytest.mark.parametrize(
    ("table", "column"),
    [("decision", "outcome"), ("label", "label"), ("rule_set", "body"), ("catalogue", "body")],
)
async def test_what_is_recorded_cannot_be_changed(
    database: Database, owner: asyncpg.Connection, entropy: SeededEntropy, table: str, column: str
) -> None:
    await recorded(database, make_engine(), events(1), entropy)
    async with database.transaction() as tx:
        await operations.put_labels(tx, labels=[Label("pay_0", Truth.FRAUD, START, "case")])
    for statement in (f"DELETE FROM risk.{table}", f"UPDATE risk.{table} SET {column} = {column}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(statement)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute(f"DELETE FROM risk.{table}")
    assert await owner.fetchval(f"SELECT count(*) FROM risk.{table}") == 1


async def test_profiles_rebuilt_after_a_kill_give_the_same_facts(
    database: Database, entropy: SeededEntropy
) -> None:
    stream = events(120)
    undisturbed = make_engine()
    wanted = [d.facts for d in await undisturbed.decide(stream, ids(stream, SeededEntropy(1)))]
    await recorded(database, make_engine(), stream[:70], entropy)
    profiles = Profiles(CATALOGUE)
    async with database.transaction(readonly=True) as tx:
        kept = [event async for event in queries.stream_events(tx)]
    assert kept == stream[:70]
    assert profiles.rebuild(kept) == 70
    rebuilt = Engine(CATALOGUE, default_rule_set(), profiles)
    again = await rebuilt.decide(stream[70:], ids(stream[70:], SeededEntropy(2)))
    assert [d.facts for d in again] == wanted[70:]


async def test_the_stream_begins_where_asked_and_turns_pages(
    database: Database, entropy: SeededEntropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PAGE", 7)
    stream = events(30)
    await recorded(database, make_engine(), stream, entropy)
    async with database.transaction(readonly=True) as tx:
        assert [e async for e in queries.stream_events(tx)] == stream
        since = START + timedelta(minutes=10)
        assert [e async for e in queries.stream_events(tx, since)] == stream[10:]
        assert [e async for e in queries.stream_events(tx, START + timedelta(days=1))] == []


async def test_a_decision_is_recorded_once(database: Database, entropy: SeededEntropy) -> None:
    decisions = await recorded(database, make_engine(), events(2), entropy)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as tx:
            await operations.record(tx, decisions=decisions[1:])
    assert decisions[0].outcome is Outcome.ALLOW


async def test_the_last_label_speaks_and_the_others_stay(database: Database) -> None:
    fraud = Label("pay_1", Truth.FRAUD, START, "dispute")
    honest = Label("pay_1", Truth.HONEST, START + timedelta(days=1), "case")
    other = Label("pay_2", Truth.FRAUD, START, "case")
    async with database.transaction() as tx:
        await operations.put_labels(tx, labels=[fraud, other, honest])
        await operations.put_labels(tx, labels=[honest])
    async with database.transaction(readonly=True) as tx:
        found = await queries.find_labels(tx, ["pay_1", "pay_2", "pay_3"])
        assert found == {"pay_1": honest, "pay_2": other}
        assert await queries.list_labels(tx, "pay_1") == [fraud, honest]


async def test_labels_of_parallel_transactions_are_all_kept(database: Database) -> None:
    async def put(number: int) -> None:
        label = Label("pay_1", Truth.FRAUD, START + timedelta(seconds=number), f"source {number}")
        async with database.transaction() as tx:
            await operations.put_labels(tx, labels=[label, Label("pay_2", Truth.FRAUD, START, "s")])

    await asyncio.gather(*(put(i) for i in range(8)))
    async with database.transaction(readonly=True) as tx:
        assert len(await queries.list_labels(tx, "pay_1")) == 8
        assert (await queries.find_labels(tx, ["pay_2"]))["pay_2"].truth is Truth.FRAUD
