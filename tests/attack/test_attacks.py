"""`make attack` as a test: of every kind of attack nothing passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attack.run import KINDS, run

from anfu.simulation.processes import stop_database


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_passes(home: Path, kind: str) -> None:
    try:
        tallies = await run(home, [kind])
    finally:
        stop_database(home)
    assert {tally.kind: tally.passed for tally in tallies if tally.passed} == {}
    assert all(tally.attempts > 0 for tally in tallies)
