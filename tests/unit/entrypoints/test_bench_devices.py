"""The table of devices: its counts add up, and a lookalike is not the victim."""

from __future__ import annotations

from anfu.entrypoints.cli.bench_devices import measure


def test_a_small_population_gives_the_same_table_twice_and_adds_up() -> None:
    figures = measure(200, 3)
    assert figures == measure(200, 3)
    rows = {row.kind: row for row in figures.rows}
    for row in figures.rows:
        assert row.visits == 200 == row.known + row.missed + row.wrong
    assert rows["nothing"].known == rows["network"].known == rows["update"].known == 200
    assert rows["cleared"].known >= 198
    assert rows["lookalike"].wrong <= 1
