"""The import contracts of pyproject.toml hold, and each of them fails when it is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# contract: the file that breaks it, and what the file says
BREAKS = {
    "floors": ("kernel/money.py", "import anfu.storage.transaction"),
    "doors": ("entrypoints/api/intruder.py", "import anfu.entrypoints.worker"),
    "acyclic": ("kernel/currencies.py", "import anfu.kernel.money"),
    "network": ("storage/migrate.py", "import httpx"),
    "client": ("client/call.py", "import anfu.kernel.money"),
    "memory": ("risk/profiles.py", "import valkey"),
    "driver": ("kernel/money.py", "import asyncpg"),
    "kernel": ("kernel/clock.py", "import msgspec"),
}


def lint(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*program, "--no-logo", "--no-cache", "--config", str(root / "pyproject.toml"), *options],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def copied_house(folder: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for door in ("", "api", "worker"):
        plate = folder / "src/anfu/entrypoints" / door / "__init__.py"
        plate.parent.mkdir(parents=True, exist_ok=True)
        plate.touch()
    return folder


def test_every_import_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(BREAKS)} kept, 0 broken." in done.stdout


@pytest.mark.parametrize("contract", BREAKS)
def test_an_import_contract_that_is_broken_fails(contract: str, tmp_path: Path) -> None:
    house = copied_house(tmp_path)
    assert lint(house, "--contract", contract).returncode == 0
    name, line = BREAKS[contract]
    file = house / "src/anfu" / name
    before = file.read_text("utf-8") if file.exists() else ""
    file.write_text(f"{before}\n{line}\n", "utf-8")
    done = lint(house, "--contract", contract)
    assert done.returncode == 1
    assert "Contracts: 0 kept, 1 broken." in done.stdout


def test_a_room_nobody_drew_is_refused(tmp_path: Path) -> None:
    house = copied_house(tmp_path)
    (house / "src/anfu/cellar").mkdir()
    (house / "src/anfu/cellar/__init__.py").touch()
    done = lint(house, "--contract", "floors")
    assert done.returncode == 1
    assert "anfu.cellar" in done.stdout


def test_two_rooms_of_one_floor_do_not_know_each_other(tmp_path: Path) -> None:
    house = copied_house(tmp_path)
    for room, line in (("ledger", ""), ("limits", "import anfu.ledger\n")):
        plate = house / "src/anfu" / room / "__init__.py"
        plate.parent.mkdir(exist_ok=True)
        plate.write_text(line, "utf-8")
    done = lint(house, "--contract", "floors")
    assert done.returncode == 1
    assert "anfu.limits is not allowed to import anfu.ledger" in done.stdout
