"""A database transaction as rooms see it: it can read and write, it cannot commit."""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

import asyncpg

from anfu.kernel.errors import BrokenInvariant

# A row that a constraint of the database refuses; the transaction is lost with it.
ConstraintViolated = asyncpg.IntegrityConstraintViolationError
# A lock that others kept for longer than the transaction would wait; it is lost with it.
Busy = asyncpg.LockNotAvailableError

# Set while the running task holds a transaction; child tasks inherit it.
_open: ContextVar[bool] = ContextVar("anfu_transaction_open", default=False)


class Raced(Exception):  # noqa: N818 - not a failure: `Database.run` does the work again
    """Another transaction was first. Nothing is written; the whole transaction is run again."""


class Tx(Protocol):
    """One open transaction. `$1`-style parameters; rows as `asyncpg.Record`."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> str: ...

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: AsyncIterable[Sequence[Any]],
        columns: Sequence[str],
        timeout: float,  # noqa: ASYNC109 - the driver's own word
    ) -> str: ...


def forbid_open_transaction() -> None:
    """Called by every line out before it touches the network.

    Raises BrokenInvariant while a transaction is open: a slow network would hold its locks.
    """
    if _open.get():
        raise BrokenInvariant("a network call while a database transaction is open")
