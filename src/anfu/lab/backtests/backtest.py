"""Back-test: bring the history up to date, put the wish to it, keep and attach the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.lab.backtests import operations
from anfu.lab.backtests.figures import Figures
from anfu.lab.backtests.gate import check_tested
from anfu.lab.backtests.job import Backtest
from anfu.lab.backtests.trial import trial
from anfu.lab.backtests.wish import Wish, read_wish
from anfu.lab.engines.port import Offline
from anfu.lab.history.archive import Archive
from anfu.lab.history.export import export
from anfu.lab.history.opened import open_archive
from anfu.risk.features import Catalogue
from anfu.risk.proposals.operations import attach, lock_proposal
from anfu.risk.proposals.proposal import Paper
from anfu.risk.ruling.change import BACKTEST
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

_ATTEMPTS = 3
_RENEWED_S, _LEASE = 60.0, timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What a back-test is made with: the database, the folder of the archive, the catalogue its
    facts are of, and how an engine is opened."""

    database: Database
    folder: Path
    catalogue: Catalogue
    open_engine: Callable[[], Offline]


async def backtest(laboratory: Laboratory, clock: Clock) -> int:
    """One turn of the worker: the next back-test that waits, done; 0 when none does."""

    async def take(tx: Tx) -> Backtest | None:
        now = clock.now()
        return await operations.take(tx, until=now + _LEASE, now=now)

    taken = await laboratory.database.run(take)
    if taken is None:
        return 0
    try:
        figures = await _renewed(laboratory, clock, taken)
    except Refused as refusal:
        return await _refused(laboratory, clock, taken, refusal.code)
    except OutsideFailure:
        if taken.attempts < _ATTEMPTS:
            raise  # the lease runs out, and it is tried again
        return await _finish(laboratory, clock, taken, None, "backtest_engine_failed")
    body = canonical_bytes(msgspec.to_builtins(figures))
    return await _finish(laboratory, clock, taken, body, None)


async def run_wish(laboratory: Laboratory, wish: Wish, clock: Clock) -> Figures:
    """The figures of a wish on the firm's own history, brought up to date first.

    Raises Refused: history_in_use, history_empty, and as `trial` does.
    """
    archive = await asyncio.to_thread(Archive, laboratory.folder, laboratory.catalogue)
    with archive.held():
        await export(laboratory.database, archive, laboratory.catalogue, now=clock.now())
        return await asyncio.to_thread(_tried, laboratory, archive, wish)


def _tried(laboratory: Laboratory, archive: Archive, wish: Wish) -> Figures:
    engine = laboratory.open_engine()
    try:
        if not open_archive(engine, archive):
            raise Refused("history_empty")
        return trial(engine, laboratory.catalogue, wish)
    finally:
        engine.close()


async def _renewed(laboratory: Laboratory, clock: Clock, taken: Backtest) -> Figures:
    """The figures; while they are made, the lease is renewed."""
    work = asyncio.ensure_future(run_wish(laboratory, read_wish(taken.wish), clock))

    async def renew(tx: Tx) -> None:
        # Lost to another worker, the figures will be too: `_finish` looks again.
        await operations.renew(tx, backtest=taken, until=clock.now() + _LEASE)

    while not work.done():
        await asyncio.wait({work}, timeout=_RENEWED_S)
        if not work.done():
            await laboratory.database.run(renew)
    return work.result()


async def _refused(laboratory: Laboratory, clock: Clock, taken: Backtest, code: str) -> int:
    if code != "history_in_use":
        return await _finish(laboratory, clock, taken, None, code)

    async def put_back(tx: Tx) -> None:
        await operations.put_back(tx, backtest=taken)

    await laboratory.database.run(put_back)
    return 0


async def _finish(
    laboratory: Laboratory,
    clock: Clock,
    taken: Backtest,
    figures: bytes | None,
    problem: str | None,
) -> int:
    """Keep what came of it, and attach it to its proposal unless that was decided on meanwhile
    or changes something else."""

    async def work(tx: Tx) -> None:
        now, said = clock.now(), problem
        if not await operations.renew(tx, backtest=taken, until=now + _LEASE):
            return
        if figures is not None and taken.proposal is not None:
            try:
                check_tested(
                    await lock_proposal(tx, proposal=taken.proposal), read_wish(taken.wish)
                )
                await attach(tx, proposal=taken.proposal, paper=Paper(BACKTEST, now, figures))
            except Refused as refusal:
                said = refusal.code
        await operations.finish(tx, backtest=taken, figures=figures, problem=said, now=now)

    await laboratory.database.run(work)
    return 1
