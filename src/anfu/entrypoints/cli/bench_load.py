"""The load of a bench run as a process of its own, and what everybody spent meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import msgspec

from anfu.entrypoints.cli.bench_figures import family_seconds, processes
from anfu.entrypoints.cli.load import MEASURED, MEASURING, Result
from anfu.entrypoints.cli.load_orders import Plan
from anfu.kernel.errors import Outcome, OutsideFailure


def run_load(
    plan: Plan, environment: Mapping[str, str], spent: Callable[[int], dict[str, float]]
) -> tuple[Result, list[dict[str, float]]]:
    """The result, and how much `spent`, which is given the id of the load's process, grew within
    each window. Raises OutsideFailure when the load ends before its time."""
    child = subprocess.Popen(
        [sys.executable, "-m", "anfu.entrypoints.cli.load"],
        env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(msgspec.json.encode(plan))
        child.stdin.close()
        grown = []
        for _ in plan.kinds:
            _expect(child.stdout, MEASURING)
            before = spent(child.pid)
            _expect(child.stdout, MEASURED)
            grown.append({who: s - before[who] for who, s in spent(child.pid).items()})
        if child.wait() != 0:
            raise OutsideFailure(Outcome.UNKNOWN, "the load ended before its time")
    finally:
        child.kill()
        child.wait()
    result = msgspec.msgpack.decode(Path(plan.result).read_bytes(), type=Result)
    return result, grown


def family_times(pids: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time of each process with its children."""
    everything = processes()
    return {who: family_seconds(everything, pid) for who, pid in pids.items()}


def _expect(lines: IO[bytes], word: str) -> None:
    line = lines.readline().decode().strip()
    if line != word:
        raise OutsideFailure(Outcome.UNKNOWN, f"the load says {line!r}, not {word!r}")
