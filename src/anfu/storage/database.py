"""The pool of connections and the only place that begins and commits transactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import asyncpg

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.transaction import Raced, Tx, _open

T = TypeVar("T")

# The role whose rights the application works with: it cannot change what must not change.
APPLICATION_ROLE = "anfu_app"
_Isolation = Literal["repeatable_read"] | None
_ATTEMPTS = 8
_AGAIN = (Raced, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError,
         asyncpg.TooManyConnectionsError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError,
         # what the driver says of a connection that broke in the middle of an operation
         asyncpg.InternalClientError, OSError, TimeoutError)  # fmt: skip
# What uvloop says to the driver that writes to a line which has just been cut.
_GONE = "the handler is closed"


class Database:
    """A PostgreSQL database. Open with `open_database`, close with `close`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def transaction(
        self, *, readonly: bool = False, snapshot: bool = False
    ) -> AsyncIterator[Tx]:
        """One transaction: committed when the block ends, rolled back when it raises. With
        `snapshot` all its statements see the same moment.

        Raises OutsideFailure(UNKNOWN) when the connection is lost: the commit may have happened.
        """
        try:
            async with self._pool.acquire() as connection:
                token = _open.set(True)
                try:
                    isolation: _Isolation = "repeatable_read" if snapshot else None
                    async with connection.transaction(isolation=isolation, readonly=readonly):
                        yield connection
                finally:
                    _open.reset(token)
        except _LOST as error:
            raise OutsideFailure(Outcome.UNKNOWN, f"database: {type(error).__name__}") from error
        except RuntimeError as error:
            if _GONE not in str(error):
                raise
            raise OutsideFailure(Outcome.UNKNOWN, "database: the line is gone") from error

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """The result of `work` in a transaction, begun again when another one got in its way.

        Raises OutsideFailure(NOT_DONE) when others got in its way every time.
        """
        for attempt in range(_ATTEMPTS):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except _AGAIN:
                await asyncio.sleep(0.002 * 2**attempt)
        raise OutsideFailure(Outcome.NOT_DONE, "database: others were first every time")

    async def close(self) -> None:
        """Waits for the open transactions, then closes."""
        await self._pool.close()


async def open_database(url: str, *, connections: int = 8) -> Database:
    """A pool on `url`, working with the rights of `APPLICATION_ROLE`.

    Raises OutsideFailure(NOT_DONE) when the server cannot be reached.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            command_timeout=60,
            statement_cache_size=1000,
            max_cached_statement_lifetime=0,
            reset=_keep,
            server_settings={
                "role": APPLICATION_ROLE,
                "application_name": "anfu",
                "jit": "off",
                "timezone": "UTC",
            },
        )
    except _LOST as error:
        raise OutsideFailure(Outcome.NOT_DONE, f"database: {error}") from error
    return Database(pool)


async def _keep(_connection: Any) -> None:
    """A transaction leaves no session state behind, so there is nothing to reset."""
