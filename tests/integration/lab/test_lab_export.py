"""The archive: everything decided and said, in order, once, whatever happened to the export."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.lab.engines.single import SingleMachine
from anfu.lab.history import export as exporting
from anfu.lab.history.archive import DECISIONS, LABELS, Archive
from anfu.lab.history.export import export
from anfu.lab.history.opened import open_archive
from anfu.risk import operations
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.features import make_catalogue
from anfu.risk.label import Label, Truth
from anfu.risk.profiles import Profiles
from anfu.risk.rules import default_rule_set
from anfu.storage.database import Database

START = datetime(2026, 11, 1, tzinfo=UTC)
NOW = START + timedelta(days=1)


def events(first: int, last: int) -> list[Event]:
    return [
        Event(f"pay_{i}", f"cus_{i % 3}", f"mer_{i % 2}", 100 + i, "CNY", "CARD",
              f"tok_{i % 6}" if i % 4 else None, START + timedelta(minutes=i),
              Environment("dvc_é", "ip", 31.2 + i / 7, 121.5) if i % 5 else Environment())
        for i in range(first, last)
    ]  # fmt: skip


class Decided:
    """Decisions recorded as the application does."""

    def __init__(self, database: Database, entropy: SeededEntropy) -> None:
        self.database, self.entropy = database, entropy
        self.engine = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE))
        self.facts: list[Any] = []
        self.ids: list[str] = []

    async def decide(self, first: int, last: int) -> None:
        given = events(first, last)
        ids = [new_id("dec", now=e.at, entropy=self.entropy) for e in given]
        decisions = await self.engine.decide(given, ids)
        self.facts += [d.facts for d in decisions]
        self.ids += ids
        async with self.database.transaction() as tx:
            await operations.publish(
                tx, catalogue=self.engine.catalogue, rule_set=self.engine.rule_set
            )
            await operations.record(tx, decisions=decisions)

    async def label(self, *labels: Label) -> None:
        async with self.database.transaction() as tx:
            await operations.put_labels(tx, labels=labels)


@pytest.fixture
def decided(database: Database, entropy: SeededEntropy) -> Decided:
    return Decided(database, entropy)


async def exported(database: Database, folder: Path, *, now: datetime = NOW) -> Archive:
    archive = Archive(folder, CATALOGUE)
    with archive.held():
        await export(database, archive, CATALOGUE, now=now)
    return archive


def read(archive: Archive, sql: str) -> list[tuple[Any, ...]]:
    engine = SingleMachine()
    try:
        assert open_archive(engine, archive)
        return engine.rows(sql)
    finally:
        engine.close()


NAMES = ", ".join(f'"{fact.name}"' for fact in CATALOGUE.facts)
FACTS = f"SELECT {NAMES} FROM history ORDER BY seq"


async def test_every_fact_comes_back_in_the_order_of_the_decisions(
    decided: Decided, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 7)
    monkeypatch.setattr(exporting, "PART", 20)
    await decided.decide(0, 50)
    archive = await exported(decided.database, tmp_path / "h")
    assert len(archive.files(DECISIONS)) == 3
    assert read(archive, FACTS) == decided.facts
    seqs = read(archive, "SELECT seq FROM history ORDER BY seq")
    assert seqs == [(i,) for i in range(50)]


async def test_the_next_export_adds_what_is_new_and_nothing_twice(
    decided: Decided, tmp_path: Path
) -> None:
    await decided.decide(0, 20)
    await exported(decided.database, tmp_path / "h")
    before = (tmp_path / "h/decisions-000000.parquet").read_bytes()
    await decided.decide(20, 33)
    archive = await exported(decided.database, tmp_path / "h")
    assert (tmp_path / "h/decisions-000000.parquet").read_bytes() == before
    assert read(archive, FACTS) == decided.facts
    assert archive.reach.rows == 33
    again = await exported(decided.database, tmp_path / "h")
    assert again.files(DECISIONS) == archive.files(DECISIONS)


async def test_what_was_decided_within_the_last_minute_is_left_for_the_next_time(
    decided: Decided, tmp_path: Path
) -> None:
    await decided.decide(0, 10)
    now = events(5, 6)[0].at + timedelta(seconds=60)
    archive = await exported(decided.database, tmp_path / "h", now=now)
    assert archive.reach.rows == 5
    assert (await exported(decided.database, tmp_path / "h")).reach.rows == 10


async def test_an_export_that_is_killed_between_file_and_note_is_done_again(
    decided: Decided, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await decided.decide(0, 12)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Archive, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            await exported(decided.database, tmp_path / "h")
    assert (tmp_path / "h/decisions-000000.parquet").exists()
    archive = await exported(decided.database, tmp_path / "h")
    assert read(archive, FACTS) == decided.facts


async def test_labels_are_all_there_with_what_was_said_later(
    decided: Decided, tmp_path: Path
) -> None:
    await decided.decide(0, 3)
    said = START + timedelta(hours=1)
    first = Label("pay_1", Truth.FRAUD, said, "dispute", decided.ids[1], said)
    await decided.label(first)
    await exported(decided.database, tmp_path / "h")
    await decided.label(
        replace(first, truth=Truth.HONEST, at=START + timedelta(hours=2)),
        Label("pay_0", Truth.HONEST, START, "case", decided.ids[0], START),
    )
    archive = await exported(decided.database, tmp_path / "h")
    found = read(archive, 'SELECT event, fraud, source FROM labels ORDER BY event, "at"')
    assert found == [("pay_0", False, "case"), ("pay_1", True, "dispute"),
                     ("pay_1", False, "dispute")]  # fmt: skip
    assert [file.name for file in sorted((tmp_path / "h").glob("labels*"))] == [
        archive.files(LABELS)[0].name
    ]


async def test_an_archive_of_another_catalogue_is_begun_anew_with_the_facts_both_have(
    decided: Decided, tmp_path: Path
) -> None:
    await decided.decide(0, 9)
    await exported(decided.database, tmp_path / "h")
    smaller = make_catalogue(CATALOGUE.features[:3])
    archive = Archive(tmp_path / "h", smaller)
    with archive.held():
        await export(decided.database, archive, smaller, now=NOW)
    name = CATALOGUE.features[2].name
    place = [fact.name for fact in CATALOGUE.facts].index(name)
    found = read(archive, f"SELECT {name}, model_score FROM history ORDER BY seq")
    assert found == [(facts[place], None) for facts in decided.facts]
    assert "payer_count" not in archive.columns


async def test_two_do_not_write_at_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "h", CATALOGUE)
    with archive.held():
        other = Archive(tmp_path / "h", CATALOGUE)
        with pytest.raises(Refused) as refused, other.held():
            pass
    assert refused.value.code == "history_in_use"
    assert list((tmp_path / "h").glob("*.parquet")) == []


async def test_nothing_decided_is_no_history(
    database: Database, tmp_path: Path, clock: ManualClock
) -> None:
    archive = await exported(database, tmp_path / "h", now=clock.now())
    engine = SingleMachine()
    assert not open_archive(engine, archive)
    engine.close()
