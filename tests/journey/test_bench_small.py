"""`anfu bench payments` as an operator runs it, but short: the figures are there, all agrees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest


def bench(*more: str) -> dict[str, Any]:
    """The figures of a short run, in which all books agreed with all answers."""
    with tempfile.TemporaryDirectory(prefix="anfu-test-") as name:
        Path(name).chmod(0o711)
        environment = {n: v for n, v in os.environ.items() if not n.startswith("ANFU_")}
        arguments = (
            "bench payments --seconds 1 --warm-up 0.5 --connections 16 --customers 400"
            " --pgbench 1 --json"
        )
        program = "from anfu.app.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments.split(), *more],
            env={**environment, "ANFU_HOME": name},
            capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    agreement = found["agreement"]
    assert agreement["faults"] == []
    assert agreement["answers"] == agreement["payments"] == agreement["events"]
    assert agreement["answers"] == agreement["leaves"] == sum(found["states"].values())
    assert agreement["entries"] == found["states"]["SUCCEEDED"] > 0
    assert agreement["ledger_imbalance"] == 0
    assert agreement["evidence_verified"] is True
    return dict(found)


def test_a_short_run_agrees_with_all_books() -> None:
    found = bench()
    assert found["payments_per_s"] > 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    # The yardstick is rounded when it is printed, and the ratio is of what it was before.
    quotient = found["payments_per_s"] / found["pgbench_tps"]
    assert found["ratio"] == pytest.approx(quotient, abs=0.001)
    assert set(found["cpu_per_payment"]) == {"api_us", "worker_us", "postgres_us", "load_us"}
    assert found["conditions"]["postgres"]["fsync"] == "on"
    assert found["secured"] is None


def test_payments_from_device_sessions_and_under_mandates_take_turns_with_the_others() -> None:
    found = bench("--secured")
    secured = found["secured"]
    assert found["states"].keys() == {"SUCCEEDED"}
    assert secured["visits"]["visits"] == 400
    assert secured["visits"]["visits_per_s"] > 0
    assert secured["payments_per_s"] > 0
    assert secured["ratio"] == round(secured["payments_per_s"] / found["payments_per_s"], 3)
    assert found["window_s"] == pytest.approx(0.5, abs=0.2)
    assert secured["window_s"] == pytest.approx(0.5, abs=0.2)
    assert set(secured["cpu_per_payment"]) == {"api_us", "worker_us", "postgres_us", "load_us"}
