"""A look at a database from outside: what a doctor wants to know before anything relies on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.database import APPLICATION_ROLE
from anfu.storage.migrate import migrations

_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
_TIMEOUT_S = 5.0

# to_regclass gives NULL for a table that is not there, and no right is had on NULL.
_GUARDS = """
SELECT wanted.name, to_regclass(wanted.name) IS NOT NULL AS there,
    coalesce(bool_or(has_table_privilege($2, to_regclass(wanted.name), kind)
        OR has_any_column_privilege($2, to_regclass(wanted.name), 'UPDATE')), false) AS open,
    EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = to_regclass(wanted.name) AND t.tgenabled IN ('O', 'A')
          AND p.proname = 'refuse_change'
    ) AS guarded
FROM unnest($1::text[]) AS wanted (name), unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS kind
GROUP BY wanted.name ORDER BY wanted.name
"""

_STATE = """
SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
    current_setting('server_version_num')::int AS number, pg_is_in_recovery() AS standby,
    EXISTS (SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(oid, 'MEMBER')) AS role
"""


@dataclass(frozen=True, slots=True)
class Survey:
    """`version` as in "17.5", `number` as in 170005. `pending` migrations are not applied yet,
    `changed` ones are not what was applied. `open` tables may be changed by the application's role
    though nothing in them should be; `unguarded` ones have lost the trigger that refuses it."""

    version: str
    number: int
    settings: Mapping[str, str]
    now: datetime
    standby: bool
    role: bool
    pending: tuple[str, ...]
    changed: tuple[str, ...]
    open: tuple[str, ...]
    unguarded: tuple[str, ...]

    @property
    def fresh(self) -> bool:
        """Nothing was ever kept here."""
        return len(self.pending) == len(migrations())


async def survey(url: str, *, append_only: Sequence[str]) -> Survey:
    """Look at the database and change nothing. Raises OutsideFailure(NOT_DONE) with the reason
    when it cannot be reached or does not let us in."""
    try:
        connection = await asyncpg.connect(url, timeout=_TIMEOUT_S, command_timeout=_TIMEOUT_S)
    except ValueError as error:
        # Its text may quote a part of the URL, and with it of the password.
        raise OutsideFailure(Outcome.NOT_DONE, "the URL is none of PostgreSQL") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise OutsideFailure(Outcome.NOT_DONE, reason) from error
    try:
        return await _survey(connection, append_only)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise OutsideFailure(Outcome.NOT_DONE, str(error)) from error
    finally:
        await connection.close(timeout=_TIMEOUT_S)


async def _survey(connection: asyncpg.Connection, append_only: Sequence[str]) -> Survey:
    (row,) = await connection.fetch(_STATE, APPLICATION_ROLE)
    settings = await connection.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[])", list(_SETTINGS)
    )
    pending, changed = await _migrations(connection)
    guards = []
    if row["role"]:
        guards = await connection.fetch(_GUARDS, list(append_only), APPLICATION_ROLE)
    return Survey(
        version=row["version"].split(" ")[0],
        number=row["number"],
        settings={setting["name"]: setting["setting"] for setting in settings},
        now=row["now"],
        standby=row["standby"],
        role=row["role"],
        pending=pending,
        changed=changed,
        open=tuple(guard["name"] for guard in guards if guard["open"]),
        unguarded=tuple(g["name"] for g in guards if g["there"] and not g["guarded"]),
    )


async def _migrations(connection: asyncpg.Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    applied: dict[str, str] = {}
    if await connection.fetchval("SELECT to_regclass('storage.migration')") is not None:
        rows = await connection.fetch("SELECT name, sha256 FROM storage.migration")
        applied = {row["name"]: row["sha256"] for row in rows}
    known = migrations()
    pending = tuple(m.name for m in known if m.name not in applied)
    changed = tuple(m.name for m in known if applied.get(m.name, m.sha256) != m.sha256)
    return pending, changed
