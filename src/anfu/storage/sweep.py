"""A sweep: every table read from end to end, whoever owns it, and nothing changed.

Each part of a table is a read-only transaction of its own over a range of its pages, so that a
long sweep holds back no vacuum. A row that is updated meanwhile may be met twice or not at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from anfu.kernel.errors import Outcome, OutsideFailure

_PAGES = 512
_PREFETCH = 50
_LAST_PAGE = 4_294_967_295

# Text of any kind, JSON, XML, bytes; arrays and domains of these.
_TABLES = """
WITH content AS (
    SELECT a.attrelid, a.attnum, a.attname, b.typname = 'bytea' AS raw
    FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
    WHERE a.attnum > 0 AND NOT a.attisdropped
      AND (coalesce(e.typcategory, b.typcategory) IN ('S', 'C')
        OR coalesce(e.typname, b.typname) IN ('json', 'jsonb', 'xml', 'bytea', 'hstore'))
)
SELECT n.nspname AS schema, c.relname AS name,
    ceil(pg_relation_size(c.oid)::numeric / current_setting('block_size')::int)::bigint AS pages,
    has_table_privilege(c.oid, 'SELECT') AS readable,
    ARRAY(SELECT attname::text FROM content WHERE attrelid = c.oid ORDER BY attnum) AS columns,
    ARRAY(SELECT raw FROM content WHERE attrelid = c.oid ORDER BY attnum) AS raw,
    ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a
            ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
          WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attnum) AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` hold text, JSON or bytes, `raw` says which of them bytes; `key` is the primary
    key, empty if there is none; `pages` as it was when the sweep began."""

    schema: str
    name: str
    columns: tuple[str, ...]
    raw: tuple[bool, ...]
    key: tuple[str, ...]
    pages: int
    readable: bool

    @property
    def title(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Row:
    """`key` names the row; `values` are those of the table's `columns`."""

    key: str
    values: tuple[str | bytes | None, ...]


class Sweep:
    """The tables of one database. Made by `open_sweep`."""

    def __init__(self, connection: asyncpg.Connection, tables: tuple[Table, ...]) -> None:
        self._connection = connection
        self.tables = tables

    async def rows(self, table: Table, told: Callable[[int], None]) -> AsyncIterator[Row]:
        """Every row of a table; `told` hears of the pages as they are done."""
        query = _query(table)
        for first in range(0, max(table.pages, 1), _PAGES):
            last = first + _PAGES >= table.pages
            until = _LAST_PAGE if last else first + _PAGES
            async with self._connection.transaction(readonly=True):
                cursor = self._connection.cursor(query, (first, 0), (until, 0), prefetch=_PREFETCH)
                async for key, *values in cursor:
                    yield Row(key, tuple(values))
            told(min(_PAGES, table.pages - first))


@asynccontextmanager
async def open_sweep(url: str) -> AsyncIterator[Sweep]:
    """A sweep with the rights of `url`'s own user, in a session that cannot write.

    Raises OutsideFailure(NOT_DONE) when the database cannot be reached or stops answering.
    """
    try:
        connection = await asyncpg.connect(
            url,
            server_settings={
                "application_name": "anfu privacy scan",
                "default_transaction_read_only": "on",
                "bytea_output": "hex",
                "timezone": "UTC",
            },
        )
        try:
            tables = [
                Table(
                    schema=row["schema"],
                    name=row["name"],
                    columns=tuple(row["columns"]),
                    raw=tuple(row["raw"]),
                    key=tuple(row["key"]),
                    pages=row["pages"],
                    readable=row["readable"],
                )
                for row in await connection.fetch(_TABLES)
            ]
            yield Sweep(connection, tuple(tables))
        finally:
            await connection.close(timeout=5)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise OutsideFailure(Outcome.NOT_DONE, f"database: {error}") from error


def _query(table: Table) -> str:
    key = " || ', ' || ".join(f"{_quoted(name)}::text" for name in table.key) or "ctid::text"
    content = [
        _quoted(name) if raw else f"{_quoted(name)}::text"
        for name, raw in zip(table.columns, table.raw, strict=True)
    ]
    source = f"{_quoted(table.schema)}.{_quoted(table.name)}"
    return (
        f"SELECT {', '.join([key, *content])} FROM {source}"
        " WHERE ctid >= $1::tid AND ctid < $2::tid"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
