"""Writes of back-tests."""

from __future__ import annotations

from datetime import datetime

from anfu.kernel.errors import BrokenInvariant
from anfu.lab.backtests.job import Backtest
from anfu.lab.backtests.queries import COLUMNS, backtest_of
from anfu.storage.transaction import Tx


async def ask(tx: Tx, *, backtest: Backtest) -> None:
    """Keep a new one, for a worker to take."""
    await tx.execute(
        "INSERT INTO lab.backtest (id, created_at, author, wish, proposal)"
        " VALUES ($1, $2, $3, $4, $5)",
        backtest.id,
        backtest.created_at,
        backtest.author,
        backtest.wish,
        backtest.proposal,
    )


async def take(tx: Tx, *, until: datetime, now: datetime) -> Backtest | None:
    """The oldest that waits, or whose worker has not been heard of in time; it is this worker's
    `until` then."""
    row = await tx.fetchrow(
        "UPDATE lab.backtest SET state = 'RUNNING', attempts = attempts + 1, taken_until = $1"
        " WHERE id = (SELECT id FROM lab.backtest WHERE state = 'WAITING'"
        " OR (state = 'RUNNING' AND taken_until < $2) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        f" RETURNING {COLUMNS}",
        until,
        now,
    )
    return None if row is None else backtest_of(row)


async def renew(tx: Tx, *, backtest: Backtest, until: datetime) -> bool:
    """The worker is still at it. False when another one has taken it since."""
    renewed = await tx.fetchval(
        "UPDATE lab.backtest SET taken_until = $3"
        " WHERE id = $1 AND state = 'RUNNING' AND attempts = $2 RETURNING id",
        backtest.id,
        backtest.attempts,
        until,
    )
    return renewed is not None


async def put_back(tx: Tx, *, backtest: Backtest) -> None:
    """It waits again; this attempt does not count."""
    await tx.execute(
        "UPDATE lab.backtest SET state = 'WAITING', taken_until = NULL, attempts = attempts - 1"
        " WHERE id = $1 AND state = 'RUNNING' AND attempts = $2",
        backtest.id,
        backtest.attempts,
    )


async def finish(
    tx: Tx, *, backtest: Backtest, figures: bytes | None, problem: str | None, now: datetime
) -> None:
    """It is done, or without figures failed; to be called for one that `renew` says is ours."""
    if figures is None and problem is None:
        raise BrokenInvariant("a back-test that failed says why")
    await tx.execute(
        "UPDATE lab.backtest SET state = $3, taken_until = NULL, finished_at = $4, figures = $5,"
        " problem = $6 WHERE id = $1 AND state = 'RUNNING' AND attempts = $2",
        backtest.id,
        backtest.attempts,
        "FAILED" if figures is None else "DONE",
        now,
        figures,
        problem,
    )
