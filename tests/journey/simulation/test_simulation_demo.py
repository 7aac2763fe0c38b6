"""The demo as an operator runs it: a process that starts others, and leaves none behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anfu.simulation.plan import INVENTED, FraudKind
from anfu.storage.embedded import EmbeddedServer, running_pid

ANFU = [sys.executable, "-c", "from anfu.app.main import main; main()"]
WITHIN_S = 90


@pytest.fixture(scope="module")
def outcome() -> Iterator[tuple[int, Any, str, Path]]:
    """One run, looked at by many tests: status, figures, what was shown, home."""
    home = Path(tempfile.mkdtemp(prefix="anfu-demo-"))
    home.chmod(0o711)  # not pytest's folder, which is closed to the database's account
    done = subprocess.run(
        [*ANFU, "demo", "--seconds", "4", "--seed", "3", "--json"],
        env=environment(home),
        check=False,
        capture_output=True,
        text=True,
        timeout=2 * WITHIN_S,
    )
    yield done.returncode, json.loads(done.stdout or "{}"), done.stderr, home
    shutil.rmtree(home)


def test_every_invariant_holds(outcome: tuple[int, Any, str, Path]) -> None:
    status, figures, shown, _ = outcome
    assert status == 0, shown
    assert figures["ledger_imbalance"] == figures["ledger_discrepancies"] == 0
    assert figures["evidence_verified"] is True
    assert figures["proof_verified"] is True
    assert figures["duplicates"] == 0
    assert figures["open"] == 0


def test_the_figures_add_up(outcome: tuple[int, Any, str, Path]) -> None:
    _, figures, _, _ = outcome
    assert figures["payments"] == sum(figures["states"].values()) > 50
    assert figures["succeeded"] == figures["states"]["SUCCEEDED"]
    assert set(figures["states"]).isdisjoint({"CHALLENGED", "IN_REVIEW", "SENDING", "UNKNOWN"})
    frauds = figures["frauds"]
    assert set(frauds) == {kind.value for kind in FraudKind} - INVENTED
    tried = sum(row["attempted"] for row in frauds.values())
    assert figures["honest"]["attempted"] + tried == figures["payments"]
    assert figures["turned_away"] == {}
    assert figures["success_rate"] > 0.97
    assert 0 <= figures["fraud_value_rate"] < 1
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert figures["payments_per_s"] > 0


def test_what_is_shown_defines_its_figures(outcome: tuple[int, Any, str, Path]) -> None:
    _, figures, shown, _ = outcome
    words = " ".join(shown.replace("│", " ").split())
    assert "value of frauds that succeeded / value of all" in words
    assert "Verified afterwards" in words
    assert "BROKEN" not in words
    assert figures["base_url"] in words
    console = figures["base_url"].replace("127.0.0.1", "localhost") + "/console"
    assert f"console 控制台: {console} checkout 收银台: " in words
    assert "console, checkout, payer's code and documentation answer" in words
    assert "anfu demo --keep stays" in words


def test_nothing_is_left_behind(outcome: tuple[int, Any, str, Path]) -> None:
    *_, home = outcome
    assert processes_of(home) == []
    assert running_pid(EmbeddedServer(home / "demo" / "postgres").place) is None


@pytest.mark.parametrize(
    ("moment", "later_s", "number", "options", "status"),
    [
        ("starting the network", 0.5, signal.SIGINT, ["--seconds", "60"], 130),
        ("enrolling", 5.0, signal.SIGINT, ["--seconds", "60"], 130),  # while it pays
        ("days go by", 3.0, signal.SIGTERM, ["--seconds", "1"], 130),
    ],
)
def test_a_stopped_demo_leaves_no_process_behind(
    home: Path, moment: str, later_s: float, number: int, options: list[str], status: int
) -> None:
    home.mkdir(mode=0o711, exist_ok=True)
    shown = home / "shown"
    with shown.open("w") as output:
        demo = subprocess.Popen(
            [*ANFU, "demo", *options], env=environment(home), stdout=output, stderr=output
        )
    try:
        until(lambda: moment in shown.read_text() and bool(processes_of(home)), demo)
        time.sleep(later_s)
        demo.send_signal(number)
        assert demo.wait(WITHIN_S) == status, shown.read_text()
    finally:
        demo.kill()
        demo.wait()
    assert processes_of(home) == []
    assert running_pid(EmbeddedServer(home / "demo" / "postgres").place) is None
    assert "Traceback" not in shown.read_text()


def test_a_second_demo_in_the_same_home_is_told_so(home: Path) -> None:
    (home / "demo").mkdir(mode=0o711, parents=True)
    with EmbeddedServer(home / "demo" / "postgres"):
        done = subprocess.run(
            [*ANFU, "demo", "--seconds", "1"],
            env=environment(home),
            check=False,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
        )
    assert done.returncode == 1
    assert "is in use by another run" in done.stderr
    assert "Traceback" not in done.stderr


def environment(home: Path) -> dict[str, str]:
    """Ours, without a setting of the operator; a screen wide enough to read."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ANFU_")}
    return {**kept, "ANFU_HOME": str(home), "COLUMNS": "160"}


def processes_of(home: Path) -> list[int]:
    """The processes whose installation lies in the demo's home, besides the demo itself."""
    wanted = f"ANFU_HOME={home}/demo".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def until(
    holds: Callable[[], bool], demo: subprocess.Popen[bytes], *, within_s: float = WITHIN_S
) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert demo.poll() is None, "the demo ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)
