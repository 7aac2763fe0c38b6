"""Apache Spark answers as DuckDB and as the decision itself: conditions, features, back-tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.property.lab.lab_declared import EVERY
from tests.property.lab.lab_histories import random_history, written
from tests.property.lab.lab_streams import known, random_labels, random_stream
from tests.property.lab.test_lab_backtest import LIVE, PROBE, wish
from tests.property.lab.test_lab_windows import SQL_TYPES
from tests.property.risk.test_risk_condition_duckdb import FACTS, Writer, random_rows
from tests.slow.conftest import WORKERS, spark_settings

from anfu.lab.backtests.trial import trial
from anfu.lab.engines.cluster import Cluster
from anfu.lab.engines.port import Offline
from anfu.lab.engines.single import SingleMachine
from anfu.lab.history.opened import open_archive
from anfu.lab.windows.statement import Asked, features_sql
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.compiled import compile_conditions
from anfu.risk.condition import read_condition
from anfu.risk.facts import Type
from anfu.risk.features import Feature, make_catalogue
from anfu.risk.offline import duckdb_sql
from anfu.risk.rules import make_rule_set

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    # what pyspark itself leaves behind
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def cluster(spark_master: str) -> Iterator[Cluster]:
    opened = Cluster(spark_master, spark_settings())
    yield opened
    opened.close()


def parquet(folder: Path, name: str, columns: dict[str, str], rows: Sequence[Any]) -> Path:
    file = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"CREATE TABLE made ({declared})")
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f"INSERT INTO made VALUES ({marks})", rows)
        connection.execute(f"COPY made TO '{file}' (FORMAT parquet)")
    return file


def test_the_work_is_done_by_both_workers(cluster: Cluster) -> None:
    rows = cluster.rows("SELECT COUNT(*) FROM (SELECT UNNEST(RANGE(1000)))")
    assert rows == [(1000,)]
    assert cluster.workers() == WORKERS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_conditions_are_answered_as_the_decision_answers_them(
    seed: int, cluster: Cluster, tmp_path: Path
) -> None:
    writer = Writer(seed)
    conditions = [read_condition(writer.boolean(3), FACTS) for _ in range(60)]
    rows = random_rows(seed)
    fired = [compile_conditions(conditions, FACTS)(row) for row in rows]
    types = {**SQL_TYPES, Type.BOOLEAN: "BOOLEAN"}
    columns = {"place": "BIGINT", **{fact.name: types[fact.type] for fact in FACTS}}
    file = parquet(tmp_path, "facts", columns, [(i, *row) for i, row in enumerate(rows)])
    cluster.table("facts", [file])
    for number, condition in enumerate(conditions):
        sql = f"SELECT place FROM facts WHERE {duckdb_sql(condition)} ORDER BY place"
        ours = [place for place in range(len(rows)) if fired[place] >> number & 1]
        assert [place for (place,) in cluster.rows(sql)] == ours, condition.text


@pytest.mark.parametrize("late", [False, True])
def test_every_feature_is_computed_as_duckdb_computes_it(
    late: bool, cluster: Cluster, tmp_path: Path
) -> None:
    catalogue = make_catalogue(_one_of_each())
    events = random_stream(5, 300, mean_s=3_000.0, late=late)
    labels = random_labels(7, events, mean_s=3_000.0)
    inputs = {i.name: SQL_TYPES[i.type] for i in catalogue.inputs}
    rows = [(place, *known(event).values()) for place, event in enumerate(events)]
    told = {"event": "VARCHAR", "at": "BIGINT", "fraud": "BOOLEAN"}
    made = (
        parquet(tmp_path, "events", {"seq": "BIGINT", **inputs}, rows),
        parquet(tmp_path, "labels", told, [(x.event, x.at, x.fraud) for x in labels]),
    )
    asked = Asked(catalogue.features, ("seq",), late)
    staged = features_sql(catalogue, asked, events="events", labels="labels")

    def found(engine: Offline) -> list[tuple[Any, ...]]:
        engine.table("events", [made[0]])
        engine.table("labels", [made[1]])
        engine.keep("found", staged)
        return sorted(engine.rows("SELECT * FROM found"))

    assert found(cluster) == alone(found)


@pytest.mark.parametrize("whole", [False, True])
def test_a_backtest_gives_the_same_figures(whole: bool, cluster: Cluster, tmp_path: Path) -> None:
    archive = written(random_history(CATALOGUE, 6, 2_000), CATALOGUE, tmp_path / "history")
    tested = make_rule_set([*LIVE.rules, PROBE], LIVE.thresholds, LIVE.outcomes)
    asked = wish(tested=tested, whole=True) if whole else wish()

    def figures(engine: Offline) -> Any:
        assert open_archive(engine, archive)
        return trial(engine, CATALOGUE, asked)

    assert figures(cluster) == alone(figures)


def alone(work: Callable[[Offline], Any]) -> Any:
    """What DuckDB says."""
    engine = SingleMachine()
    try:
        return work(engine)
    finally:
        engine.close()


def _one_of_each() -> list[Feature]:
    """One feature of each aggregate, and those that look up another's events."""
    found: dict[object, Feature] = {}
    for feature in EVERY:
        found.setdefault((feature.aggregate, feature.by is None, feature.also is None), feature)
    return list(found.values())
