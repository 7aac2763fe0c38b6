"""Numbered SQL migrations, applied once each, in order, by the owner of the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

import asyncpg

from anfu.kernel.errors import BrokenInvariant

# Any constant: it keeps two processes from migrating at once.
_LOCK = 0x616E6675


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `storage/migrations`, e.g. `0003_parties`."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """All migrations, in order."""
    folder = resources.files("anfu.storage") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [Migration(f.name.removesuffix(".sql"), f.read_text("utf-8")) for f in files]


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return its names.

    Raises BrokenInvariant when an applied migration has been changed since.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        applied = await _applied(connection)
        return [m.name for m in migrations() if await _apply(connection, m, applied)]
    finally:
        await connection.close()


async def pending(url: str) -> list[str]:
    """The names of migrations not applied yet."""
    connection = await asyncpg.connect(url)
    try:
        applied = await _applied(connection)
        return [m.name for m in migrations() if m.name not in applied]
    finally:
        await connection.close()


async def _applied(connection: asyncpg.Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('storage.migration')") is None:
        return {}
    rows = await connection.fetch("SELECT name, sha256 FROM storage.migration")
    return {row["name"]: row["sha256"] for row in rows}


async def _apply(
    connection: asyncpg.Connection, migration: Migration, applied: dict[str, str]
) -> bool:
    known = applied.get(migration.name)
    if known == migration.sha256:
        return False
    if known is not None:
        raise BrokenInvariant(f"migration {migration.name} was changed after it was applied")
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO storage.migration (name, sha256) VALUES ($1, $2)",
            migration.name,
            migration.sha256,
        )
    return True
