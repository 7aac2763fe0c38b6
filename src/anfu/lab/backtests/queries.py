"""Reads of back-tests."""

from __future__ import annotations

from typing import Any

from anfu.kernel.errors import Refused
from anfu.lab.backtests.job import Backtest, State
from anfu.storage.transaction import Tx

COLUMNS = "id, created_at, author, wish, proposal, state, attempts, finished_at, figures, problem"


async def get_backtest(tx: Tx, backtest: str) -> Backtest:
    """Raises Refused("backtest_not_found")."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM lab.backtest WHERE id = $1", backtest)
    if row is None:
        raise Refused("backtest_not_found", field="backtest")
    return backtest_of(row)


async def list_backtests(tx: Tx, *, before: str | None = None, most: int = 50) -> list[Backtest]:
    """A page, the newest first, of back-tests with an id smaller than `before`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM lab.backtest WHERE $1::text IS NULL OR id < $1"
        " ORDER BY id DESC LIMIT $2",
        before,
        most,
    )
    return [backtest_of(row) for row in rows]


def backtest_of(row: Any) -> Backtest:
    """The back-test a row of COLUMNS holds."""
    return Backtest(**{**row, "state": State(row["state"])})
