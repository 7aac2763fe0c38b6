"""`anfu replay` as an operator runs it: a small history, twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MAP = """
source = "corner"
[columns]
id = "id"
at = "at"
payer = "payer"
payee = "payee"
amount = "amount"
[customers]
deposit = 100000
"""
ROWS = """id,at,payer,payee,amount
1,2018-08-08 00:00:01,alice,tea,12.50
2,2018-08-08 00:00:02,bob,tea,999.99
3,2018-08-08 00:00:03,alice,bread,0.00
4,2018-08-08 00:00:04,bob,bread,0.02
5,2018-08-08 00:00:05,carol,tea,1000.01
6,2018-08-09 00:00:05,alice,tea,3.00
1,2018-08-08 00:00:06,alice,tea,99.00
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="anfu-test-") as name:
        path = Path(name)
        path.chmod(0o711)
        (path / "map.toml").write_text(MAP)
        (path / "rows.csv").write_text(ROWS)
        yield path


def anfu(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {n: v for n, v in os.environ.items() if not n.startswith("ANFU_")}
    return subprocess.run(
        [sys.executable, "-c", "from anfu.app.main import main; main()", *arguments],
        env={**environment, "ANFU_HOME": str(folder / "home")},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def report(folder: Path) -> dict[str, Any]:
    done = anfu(
        folder,
        "replay",
        f"{folder}/rows.csv",
        "--map",
        f"{folder}/map.toml",
        "--to",
        "2018-08-09",
        "--json",
    )
    assert done.returncode == 2, done.stderr  # there are bad rows
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_history_is_paid_once_however_often_it_is_sent(folder: Path) -> None:
    first, again = report(folder), report(folder)
    for found in (first, again):
        assert found["rows"] == 6
        assert found["states"] == {"SUCCEEDED": 2, "REFUSED": 2}
        assert found["refusals"] == {"insufficient_funds": 2}
        assert found["bad"] == [
            {"row": 3, "reason": "amount 0.00 is not above 0"},
            {"row": 7, "reason": "idempotency_key_reused Idempotency-Key"},
        ]
        assert found["payments_in_books"] == 4
        assert found["ledger_imbalance"] == 0
        assert found["evidence_verified"] is True
        assert found["faults"] == []
    counts = {"payments": 4, "customers": 3, "merchants": 2, "deposits": 3}
    for what, count in counts.items():
        assert first[what] == {"created": count, "already_there": 0}
        assert again[what] == {"created": 0, "already_there": count}


def test_a_map_that_does_not_fit_starts_nothing(folder: Path) -> None:
    (folder / "map.toml").write_text(MAP.replace('"payer"', '"buyer"'))
    done = anfu(folder, "replay", f"{folder}/rows.csv", "--map", f"{folder}/map.toml")
    assert done.returncode == 1
    assert "columns.payer: 'buyer' is no column of the file; did you mean payer?" in " ".join(
        done.stderr.split()
    )
    assert not (folder / "home").exists()
