"""Transactions, their rights and their losses, on a real server."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import asyncpg
import pytest

from anfu.kernel.errors import BrokenInvariant, Outcome, OutsideFailure
from anfu.storage.database import Database, open_database
from anfu.storage.embedded import EmbeddedServer, running_pid
from anfu.storage.migrate import migrate
from anfu.storage.transaction import Raced, Tx, forbid_open_transaction


async def test_the_application_cannot_change_the_schema(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT current_user") == "anfu_app"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("CREATE TABLE storage.intruder (a int)")


async def test_a_network_call_inside_a_transaction_is_an_invariant_broken(
    database: Database,
) -> None:
    forbid_open_transaction()
    async with database.transaction():
        with pytest.raises(BrokenInvariant):
            forbid_open_transaction()
    forbid_open_transaction()


async def test_work_is_run_again_when_it_was_raced(database: Database) -> None:
    attempts: list[int] = []

    async def work(tx: Tx) -> int:
        attempts.append(1)
        if len(attempts) < 3:
            raise Raced
        return int(await tx.fetchval("SELECT 5"))

    assert await database.run(work) == 5
    assert len(attempts) == 3


async def test_migrations_apply_once_and_a_changed_one_is_refused(
    database_url: str, owner: asyncpg.Connection
) -> None:
    assert await migrate(database_url) == []
    await owner.execute("UPDATE storage.migration SET sha256 = 'x' WHERE name = '0001_storage'")
    with pytest.raises(BrokenInvariant, match="0001_storage"):
        await migrate(database_url)


async def test_a_killed_server_comes_back_with_its_data(home: Path) -> None:
    with EmbeddedServer(home) as server:
        assert server.ensure() is False
        await migrate(server.url)
        database = await open_database(server.url)
        pid = running_pid(server.place)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(OutsideFailure) as lost:
            while True:  # its backends outlive the server until they next wait
                async with database.transaction() as tx:
                    await tx.fetchval("SELECT pg_sleep(0.01)")
        assert lost.value.outcome is Outcome.UNKNOWN
        assert server.ensure() is True
        async with database.transaction() as tx:
            assert await tx.fetchval("SELECT count(*) > 0 FROM storage.migration")
        await database.close()
        with EmbeddedServer(home) as second:
            assert running_pid(second.place) == running_pid(server.place)
        assert running_pid(server.place) is not None
    assert running_pid(server.place) is None


async def test_work_that_is_raced_every_time_is_given_up_without_a_trace(
    database: Database,
) -> None:
    async def work(_tx: Tx) -> None:
        raise Raced

    with pytest.raises(OutsideFailure) as given_up:
        await database.run(work)
    assert given_up.value.outcome is Outcome.NOT_DONE


async def test_a_line_cut_under_the_driver_is_a_lost_line(database: Database) -> None:
    with pytest.raises(OutsideFailure) as lost:
        async with database.transaction():
            raise RuntimeError("unable to perform operation on <T>; the handler is closed")
    assert lost.value.outcome is Outcome.UNKNOWN
    with pytest.raises(RuntimeError, match="other"):
        async with database.transaction():
            raise RuntimeError("some other mistake")
