"""Decisions, replay, rebuild and labels in PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.risk import operations, queries
from anfu.risk.behaviour import Behaviour
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Decision
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.label import Label, Told, Truth
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


def log_in(minute: int) -> Event:
    at = START + timedelta(minutes=minute, seconds=1)
    seen = Environment("dvc_é", None, 31.2, 121.5)
    return Event(f"login_{minute}", "cus_0", "", 0, "", "", None, at, seen, Kind.LOGIN)


def said(decision: Decision, truth: Truth, source: str, at: datetime = START) -> Label:
    return Label(decision.event.id, truth, at, source, decision.id, at)


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
    [
        ("decision", "outcome"),
        ("label", "label"),
        ("rule_set", "body"),
        ("catalogue", "body"),
        ("behaviour", "payer"),
    ],
)
async def test_what_is_recorded_cannot_be_changed(
    database: Database, owner: asyncpg.Connection, entropy: SeededEntropy, table: str, column: str
) -> None:
    decided = await recorded(database, make_engine(), events(1), entropy)
    async with database.transaction() as tx:
        await operations.put_labels(tx, labels=[said(decided[0], Truth.FRAUD, "case")])
        await operations.put_behaviour(tx, rows=[Behaviour("beh_1", log_in(0))])
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


async def test_what_was_learned_comes_back_in_the_order_it_was_learned(
    database: Database, entropy: SeededEntropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_PAGE", 4)
    paid = events(30)
    decided = await recorded(database, make_engine(), paid, entropy)
    seen = [log_in(minute) for minute in range(0, 30, 3)]
    rows = [Behaviour(new_id("beh", now=e.at, entropy=entropy), e) for e in seen]
    late, later, moved = (
        said(decided[n], truth, "s", START + timedelta(minutes=minute, seconds=30))
        for n, truth, minute in ((0, Truth.FRAUD, 9), (4, Truth.FRAUD, 20), (0, Truth.HONEST, 12))
    )
    async with database.transaction() as tx:
        await operations.put_behaviour(tx, rows=rows)
        # The clock of whoever told the third was behind; it was told last, and so it is learned.
        await operations.put_labels(tx, labels=[late, later, moved])
    wanted: list[Event | Label] = []
    for minute, event in enumerate(paid):
        wanted += [event] + [
            e for e in seen if e.at == START + timedelta(minutes=minute, seconds=1)
        ]
        wanted += {9: [late], 20: [later, moved]}.get(minute, [])
    async with database.transaction(readonly=True) as tx:
        steps = [step async for step in queries.stream_learned(tx)]
        found = [step.label if isinstance(step, Told) else step for step in steps]
        assert found == wanted
        assert [s.event for s in steps if isinstance(s, Told)] == [paid[0], paid[4], paid[0]]
        since = START + timedelta(minutes=15)
        some = [step async for step in queries.stream_learned(tx, since)]
        assert some == [s for s in steps[steps.index(paid[15]) :] if s != Told(paid[0], moved)]


async def test_a_label_is_about_a_decision_that_was_made(
    database: Database, entropy: SeededEntropy
) -> None:
    (decided,) = await recorded(database, make_engine(), events(1), entropy)
    stray = replace(said(decided, Truth.FRAUD, "s"), decision="dec_nothing")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with database.transaction() as tx:
            await operations.put_labels(tx, labels=[stray])


async def test_a_decision_is_recorded_once(database: Database, entropy: SeededEntropy) -> None:
    decisions = await recorded(database, make_engine(), events(2), entropy)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as tx:
            await operations.record(tx, decisions=decisions[1:])
    assert decisions[0].outcome is Outcome.ALLOW


async def test_the_last_label_speaks_and_the_others_stay(
    database: Database, entropy: SeededEntropy
) -> None:
    _, one, two = await recorded(database, make_engine(), events(3), entropy)
    fraud = said(one, Truth.FRAUD, "dispute")
    honest = said(one, Truth.HONEST, "case", START + timedelta(days=1))
    other = said(two, Truth.FRAUD, "case")
    async with database.transaction() as tx:
        await operations.put_labels(tx, labels=[fraud, other, honest])
        await operations.put_labels(tx, labels=[honest])
    async with database.transaction(readonly=True) as tx:
        found = await queries.find_labels(tx, ["pay_1", "pay_2", "pay_3"])
        assert found == {"pay_1": honest, "pay_2": other}
        assert await queries.list_labels(tx, "pay_1") == [fraud, honest]


async def test_labels_of_parallel_transactions_are_all_kept(
    database: Database, entropy: SeededEntropy
) -> None:
    _, one, two = await recorded(database, make_engine(), events(3), entropy)

    async def put(number: int) -> None:
        label = said(one, Truth.FRAUD, f"source {number}", START + timedelta(seconds=number))
        async with database.transaction() as tx:
            await operations.put_labels(tx, labels=[label, said(two, Truth.FRAUD, "s")])

    await asyncio.gather(*(put(i) for i in range(8)))
    async with database.transaction(readonly=True) as tx:
        assert len(await queries.list_labels(tx, "pay_1")) == 8
        assert (await queries.find_labels(tx, ["pay_2"]))["pay_2"].truth is Truth.FRAUD
