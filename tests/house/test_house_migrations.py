"""One schema a room: a migration writes in the schema of its room and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.house_source import MIGRATIONS, ROOMS

NAME = re.compile(r"(\d{4})_([a-z]+)(?:_\w+)?\.sql")
CREATED = re.compile(
    r"\bCREATE\s+(?:OR REPLACE\s+)?(?:UNLOGGED\s+)?(?:TABLE|FUNCTION|VIEW|SEQUENCE|TYPE|PROCEDURE)"
    r"\s+(?:IF NOT EXISTS\s+)?([\w.]+)"
)
NAMED = re.compile(r"\b([a-z_]+)\.([a-z_]+)\b")


def test_migrations_are_numbered_without_a_gap_and_named_by_their_room() -> None:
    names = sorted(file.name for file in MIGRATIONS.iterdir() if file.suffix == ".sql")
    parsed = [NAME.fullmatch(name) for name in names]
    assert all(parsed), names
    assert {found[2] for found in parsed if found} <= ROOMS
    numbers = [int(found[1]) for found in parsed if found]
    assert len(set(numbers)) == len(numbers), names
    assert numbers == list(range(1, len(numbers) + 1)) or _rooms_are_missing(numbers), names


def test_a_migration_stays_in_the_schema_of_its_room() -> None:
    begun: set[str] = set()
    for file in sorted(MIGRATIONS.glob("*.sql")):
        found = NAME.fullmatch(file.name)
        assert found
        offences = list(strays(found[2], file.read_text("utf-8"), first=found[2] not in begun))
        assert offences == [], file.name
        begun.add(found[2])


def test_a_stray_migration_is_seen() -> None:
    sql = "CREATE SCHEMA ledger; CREATE TABLE entry (); CREATE INDEX i ON parties.customer (id);"
    assert list(strays("ledger", sql, first=True)) == ["entry has no schema", "names parties"]
    assert list(strays("ledger", "-- nothing", first=True)) == ["does not create its schema"]
    trigger = "CREATE TABLE ledger.e (); EXECUTE FUNCTION storage.refuse_change();"
    assert list(strays("ledger", trigger, first=False)) == []


def strays(room: str, sql: str, *, first: bool) -> Iterator[str]:
    sql = re.sub(r"--[^\n]*", "", sql)
    if first and not re.search(rf"\bCREATE SCHEMA (?:IF NOT EXISTS )?{room}\b", sql):
        yield "does not create its schema"
    for name in CREATED.findall(sql):
        if "." not in name:
            yield f"{name} has no schema"
    named = {f"{schema}.{name}" for schema, name in NAMED.findall(sql) if schema in ROOMS}
    foreign = {name for name in named if not name.startswith(f"{room}.")}
    for name in sorted(foreign - {"storage.refuse_change"}):
        yield f"names {name.split('.')[0]}"


def _rooms_are_missing(numbers: list[int]) -> bool:
    """While the first nine rooms are being built their numbers may come in any order."""
    return max(numbers) <= 9
