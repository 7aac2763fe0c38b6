"""Sealed values as the database sees them: bytes whose first says which key sealed the rest.

What they mean and which columns hold them the callers know; here they are counted and rewritten.
Every table with such a column has a text key `id`, which its values are bound to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of sealed values, of which `most` are rewritten in one transaction: they are in
    memory together."""

    table: str
    column: str
    most: int = 500

    @property
    def title(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`count` values rewritten; `last` is the id to go on after, None at the end."""

    count: int
    last: str | None


async def count_by_version(tx: Tx, column: SealedColumn) -> dict[int, int]:
    """How many values each version of the key sealed. Reads every row."""
    rows = await tx.fetch(
        f"SELECT get_byte({column.column}, 0) AS version, count(*) FROM {column.table}"
        f" WHERE {column.column} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    return {row["version"]: row["count"] for row in rows}


async def rewrite(
    tx: Tx,
    column: SealedColumn,
    change: Callable[[str, bytes], bytes],
    *,
    version: int,
    after: str = "",
    most: int = 500,
) -> Rewritten:
    """`change(id, value)` instead of each of up to `most` values not sealed by `version`, in the
    order of ids. What is done is seen by its version: a process killed half way leaves nothing to
    remember."""
    rows = await tx.fetch(
        f"SELECT id, {column.column} FROM {column.table}"
        f" WHERE id > $1 AND get_byte({column.column}, 0) <> $2"
        " ORDER BY id LIMIT $3 FOR NO KEY UPDATE",
        after, version, most,
    )  # fmt: skip
    ids = [id_ for id_, _ in rows]
    await tx.execute(
        f"UPDATE {column.table} AS t SET {column.column} = n.value"
        " FROM unnest($1::text[], $2::bytea[]) AS n (id, value) WHERE t.id = n.id",
        ids, [change(id_, value) for id_, value in rows],
    )  # fmt: skip
    return Rewritten(len(ids), ids[-1] if len(ids) == most else None)
