"""What the commands and the worker do offline work with."""

from __future__ import annotations

from functools import partial

from anfu.entrypoints.cli.wiring import Wiring
from anfu.lab.backtests.backtest import Laboratory
from anfu.lab.engines.opening import open_engine
from anfu.risk.features import Catalogue
from anfu.storage.database import Database


def laboratory(wiring: Wiring, database: Database, catalogue: Catalogue) -> Laboratory:
    """The archive lives in the home folder; on a cluster that folder must be shared."""
    return Laboratory(
        database, wiring.home / "history", catalogue, partial(open_engine, wiring.offline)
    )
