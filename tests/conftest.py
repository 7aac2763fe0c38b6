"""Fixtures for every test: one embedded PostgreSQL a run, one fresh database a test."""

from __future__ import annotations

import asyncio
import itertools
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.storage.database import Database, open_database
from anfu.storage.embedded import EmbeddedServer
from anfu.storage.migrate import migrate

# A run started in the background ignores Ctrl-C, and so would every process that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

TEMPLATE = "template_anfu"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """A running server whose template database has every migration."""
    with _home() as home, EmbeddedServer(home) as running:
        asyncio.run(_prepare(running))
        yield running


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder for a server of the test's own."""
    with _home() as folder:
        yield folder


@contextmanager
def _home() -> Iterator[Path]:
    """Outside pytest's folders, which are closed to the account a server started by root has."""
    with tempfile.TemporaryDirectory(prefix="anfu-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "postgres"


async def _prepare(server: EmbeddedServer) -> None:
    # No test pulls the plug of the machine; a killed server keeps its data without fsync.
    for setting in ("fsync", "full_page_writes"):
        await _administer(server, f"ALTER SYSTEM SET {setting} = off")
    await _administer(server, "SELECT pg_reload_conf()")
    await _administer(server, f"CREATE DATABASE {TEMPLATE}")
    await migrate(server.place.url(TEMPLATE))


async def _administer(server: EmbeddedServer, command: str) -> None:
    connection = await asyncpg.connect(server.place.url("postgres"))
    try:
        await connection.execute(command)
    finally:
        await connection.close()


@pytest.fixture
async def database_url(server: EmbeddedServer) -> AsyncIterator[str]:
    """The owner's URL of a fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    # Without fsync a copy of files takes a fifth of the time a copy through the log takes.
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield server.place.url(name)
    await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool on a fresh, migrated database, with the application's rights."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the owner's rights: what an attacker inside the database could do."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))


@pytest.fixture
def entropy() -> SeededEntropy:
    return SeededEntropy(7)
