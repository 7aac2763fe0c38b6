"""`anfu bench handbook` as an operator runs it, on a stream of our own of the same shape."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.handbook_stream import Size, made_stream, write_stream


def bench(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("ANFU_")}
    return subprocess.run(
        [sys.executable, "-c", "from anfu.app.main import main; main()", "bench", "handbook",
         *arguments],
        env={**environment, "ANFU_HOME": str(home / "home"), "COLUMNS": "200"},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def test_a_short_stream_gives_every_figure_and_no_fault(tmp_path: Path) -> None:
    stream = made_stream(11, Size(payers=80, days=70))
    write_stream(stream, tmp_path)
    done = bench(tmp_path, "--data", str(tmp_path), "--folds", "1", "--days", "21", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    names = [candidate["name"] for candidate in found["candidates"]]
    assert names == ["own_boosting", "book_exact_boosting", "book_logistic", "book_tree",
                     "book_forest"]  # fmt: skip
    assert [candidate["days"] for candidate in found["candidates"]] == [21, 7, 7, 7, 7]
    for candidate in found["candidates"]:
        assert candidate["folds"] == [candidate["mean"]]
        assert 0.5 < candidate["mean"]["auc_roc"] <= 1
        assert 0 < candidate["mean"]["card_precision"] <= found["ceiling"]
    # The stream's last day is 2018-06-09; the first of four folds starts 41 days before.
    assert found["folds"] == ["2018-04-29"]
    assert found["payments"] == int((stream.day < stream.day[-1] - 20).sum())
    assert set(found["offline"].values()) == {0}
    assert found["faults"] == found["features"] == found["selection"] == []
    decided = sum(graded["payments"] for graded in found["grades"])
    assert decided == found["latency"]["decisions"] > 0
    latency = found["latency"]
    assert 0 < latency["p50_us"] <= latency["p99_us"] <= latency["p999_us"]
    assert "random forest" in found["published"]


def test_without_the_data_it_says_how_to_get_it(tmp_path: Path) -> None:
    done = bench(tmp_path, "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the day files of Fraud-Detection-Handbook/simulated-data-raw" in done.stderr
    assert "transactions.parquet" in done.stderr


def test_a_stream_too_short_for_the_training_asked_for_is_refused(tmp_path: Path) -> None:
    write_stream(made_stream(12, Size(payers=20, days=50)), tmp_path)
    done = bench(tmp_path, "--data", str(tmp_path), "--days", "77")
    assert done.returncode == 1
    assert "The stream is too short" in done.stderr
    assert "77" in done.stderr
