"""The chaos test, short: every process is killed at least once while payments are made."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chaos.run import Options, run

from anfu.simulation.processes import stop_database


@pytest.mark.timeout(300)
async def test_nothing_is_lost_when_every_process_is_killed(home: Path) -> None:
    options = Options(api=2, worker=1, postgres=1, seconds=20, actors=48)
    try:
        outcome = await run(home, options)
    finally:
        stop_database(home)
    assert {check.name: check.told for check in outcome.checks if not check.good} == {}
    assert outcome.kills == {"api": 2, "worker": 1, "postgres": 1}
    assert outcome.acknowledged["payment"] > 100
    assert outcome.server_errors == 0
