"""Features offline are what their declarations say, and what the profiles said online."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from tests.property.lab.lab_declared import EVERY
from tests.property.lab.lab_streams import Oracle, Said, known, random_labels, random_stream

from anfu.lab.windows.statement import Asked, features_sql
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import Event, Kind
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue, make_catalogue
from anfu.risk.profiles import Profiles

SQL_TYPES = {Type.INTEGER: "BIGINT", Type.DOUBLE: "DOUBLE", Type.TEXT: "VARCHAR"}


def computed(
    catalogue: Catalogue, events: Sequence[Event], labels: Sequence[Said], *, late: bool
) -> dict[int, tuple[Any, ...]]:
    """The features of every payment, by its place in the order of arrival."""
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{i.name}" {SQL_TYPES[i.type]}' for i in catalogue.inputs)
        connection.execute(f"CREATE TABLE events (seq BIGINT, {columns})")
        marks = ", ".join("?" for _ in range(len(catalogue.inputs) + 1))
        rows = [(place, *known(event).values()) for place, event in enumerate(events)]
        connection.executemany(f"INSERT INTO events VALUES ({marks})", rows)
        connection.execute('CREATE TABLE labels (n BIGINT, event VARCHAR, "at" BIGINT, fraud BOOL)')
        said = [(n, x.event, x.at, x.fraud) for n, x in enumerate(labels)] or [(0, "", 0, False)]
        connection.executemany("INSERT INTO labels VALUES (?, ?, ?, ?)", said)
        asked = Asked(catalogue.features, ("seq",), late)
        sql = features_sql(catalogue, asked, events="events", labels="labels")
        return {row[0]: row[1:] for row in connection.execute(sql).fetchall()}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("mean_s", [30.0, 3_000.0, 40_000.0])
def test_every_feature_offline_is_what_its_declaration_says(mean_s: float, late: bool) -> None:
    catalogue = make_catalogue(EVERY)
    events = random_stream(int(mean_s), 300, mean_s=mean_s, late=late)
    labels = random_labels(7, events, mean_s=mean_s)
    found = computed(catalogue, events, labels, late=late)
    oracle = Oracle(events, labels)
    payments = [i for i, event in enumerate(events) if event.kind is Kind.PAYMENT]
    assert sorted(found) == payments
    for place in payments:
        for feature, value in zip(catalogue.features, found[place], strict=True):
            assert value == oracle.value(place, feature), (feature.name, place)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_shipped_features_offline_are_what_the_profiles_said_online(
    seed: int, late: bool
) -> None:
    events = [e for e in random_stream(seed, 600, mean_s=1_200.0, late=late)
              if e.kind is Kind.PAYMENT]  # fmt: skip
    profiles = Profiles(CATALOGUE)
    online = [profiles.learn_one(event)[len(CATALOGUE.inputs) :] for event in events]
    offline = computed(CATALOGUE, events, [], late=late)
    for place, values in enumerate(online):
        for feature, mine, theirs in zip(CATALOGUE.features, values, offline[place], strict=True):
            assert mine == theirs, (feature.name, place)
