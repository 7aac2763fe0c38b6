"""The arithmetic of the benchmark."""

from __future__ import annotations

import os

import pytest

from anfu.entrypoints.cli.bench_figures import (
    ProcessTime,
    family_seconds,
    percentile,
    processes,
    read_stat,
    read_tps,
)

TICKS = os.sysconf("SC_CLK_TCK")
PGBENCH = """pgbench (18.6)
number of transactions actually processed: 71234
number of failed transactions: {failed} (0.000%)
latency average = 1.347 ms
initial connection time = 17.035 ms
tps = 5936.412345 (without initial connection time)
"""


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)]
)
def test_a_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.5], 0.5) == percentile([7.5], 0.99) == 7.5


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


def test_the_figure_of_pgbench_is_read() -> None:
    assert read_tps(PGBENCH.format(failed=0)) == 5936.412345


@pytest.mark.parametrize("text", ["", PGBENCH.format(failed=3), "tps = "])
def test_a_run_of_pgbench_that_failed_is_no_figure(text: str) -> None:
    with pytest.raises(ValueError, match="no figure"):
        read_tps(text)


def test_a_line_of_proc_is_read_whatever_the_name_holds() -> None:
    line = f"42 (a ) b) S 7 1 1 0 -1 0 0 0 0 0 {3 * TICKS} {TICKS} {2 * TICKS} 0 20 0 1 0 99"
    assert read_stat(line) == ProcessTime(42, 7, 4.0, 2.0)


def test_a_family_is_the_process_its_living_and_its_ended_children() -> None:
    family = [
        ProcessTime(1, 0, 1.0, 16.0),
        ProcessTime(2, 1, 2.0, 100.0),
        ProcessTime(3, 1, 4.0, 0.0),
        ProcessTime(4, 2, 1000.0, 0.0),
    ]
    assert family_seconds(family, 1) == 23.0
    assert family_seconds(family, 9) == 0.0


def test_this_very_process_is_among_the_processes() -> None:
    mine = [process for process in processes() if process.pid == os.getpid()]
    assert [process.parent for process in mine] == [os.getppid()]
    assert mine[0].own_s > 0
