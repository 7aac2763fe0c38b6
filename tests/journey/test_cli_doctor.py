"""`anfu doctor`: each thing that can be wrong, and its remedy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.journey.busy_day import Day
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

from anfu.entrypoints.cli.doctor_findings import NAMES
from anfu.storage import embedded
from anfu.storage.embedded import EmbeddedServer

# The server of the tests does without, see tests/conftest.py.
UNSAFE_HERE = {"durability": "bad"}


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    # What the house writes is as old as its clock says; nothing of it may be overdue.
    house.clock.set(max(house.clock.now(), datetime.now(UTC)))
    return CommandLine(database_url, tmp_path)


async def examined(cli: CommandLine, status: int = 1) -> dict[str, dict[str, Any]]:
    found = await cli.json("doctor", status=status)
    return {check["name"]: check for check in found["checks"]}


def unwell(checks: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The calendar apart, which follows today's date."""
    return {n: c["state"] for n, c in checks.items() if c["state"] != "good" and n != "calendar"}


async def test_a_sound_installation_is_well_and_every_check_says_so(
    house: House, cli: CommandLine
) -> None:
    await Day(house).round()
    await cli("evidence", "seal")
    checks = await examined(cli)
    assert unwell(checks) == UNSAFE_HERE
    assert set(checks) == set(NAMES)
    assert "fsync = off" in checks["durability"]["finding"]["en"]
    assert all(check["finding"]["zh"] for check in checks.values())
    said = await cli("doctor", "--language", "zh")
    assert "持久性" in said.stderr
    assert said.stdout == ""
    assert (await cli("doctor", "--language", "fr")).exit_code == 2


async def test_a_database_that_cannot_be_reached_is_said_and_the_rest_is_looked_at(
    cli: CommandLine,
) -> None:
    await cli("evidence", "key")
    secret = "do-not-tell"
    cli.environment["ANFU_DATABASE_URL"] = f"postgresql://u:{secret}@127.0.0.1:1/anfu"
    cli.environment["ANFU_SANDBOX_URL"] = "http://127.0.0.1:1"
    checks = await examined(cli)
    assert unwell(checks) == {"database": "bad", "sandbox": "bad"}
    assert "refused" in checks["database"]["finding"]["en"]
    assert secret not in str(checks)
    for url in ("nonsense", f"postgresql://u:{secret}/x@127.0.0.1:1/anfu"):
        cli.environment["ANFU_DATABASE_URL"] = url
        checks = await examined(cli)
        assert unwell(checks) == {"database": "bad", "sandbox": "bad"}
        assert secret not in str(checks)


async def test_a_valkey_that_does_not_answer_is_said_without_its_password(cli: CommandLine) -> None:
    await cli("evidence", "key")
    cli.environment["ANFU_PROFILES_URL"] = "valkey://anfu:do-not-tell@127.0.0.1:1"
    checks = await examined(cli)
    assert checks["profiles"]["state"] == "bad"
    assert "127.0.0.1:1 does not answer" in checks["profiles"]["finding"]["en"]
    assert "do-not-tell" not in str(checks)


async def test_lost_open_and_broken_keys_are_named_with_their_remedies(cli: CommandLine) -> None:
    await cli("evidence", "key")
    keys = cli.home / "keys"
    (keys / "ring").chmod(0o644)
    (keys / "challenge").unlink()
    (keys / "sandbox-member").write_text("not hex")
    check = (await examined(cli))["keys"]
    assert check["state"] == "bad"
    assert f"can be read by others: {keys / 'ring'}" in check["finding"]["en"]
    assert f"chmod 600 {keys / 'ring'}" in check["remedy"]["en"]
    assert f"restore from your backup: {keys / 'challenge'}" in check["remedy"]["en"]
    assert f"no key in: {keys / 'sandbox-member'}" in check["finding"]["en"]
    assert not (keys / "challenge").exists()


async def test_another_evidence_key_than_the_one_that_signed_is_seen(
    house: House, cli: CommandLine
) -> None:
    await house.office.customer()
    await cli("evidence", "seal")
    (cli.home / "keys/evidence").write_text("04" * 32)
    assert unwell(await examined(cli)) == {**UNSAFE_HERE, "checkpoint": "bad"}


async def test_a_test_installation_is_warned_of(cli: CommandLine) -> None:
    await cli("evidence", "key")
    cli.environment |= {"ANFU_DEVELOPMENT": "1", "ANFU_ACCEPT_HISTORY": "1"}
    check = (await examined(cli))["mode"]
    assert check["state"] == "warning"
    assert "ANFU_DEVELOPMENT, ANFU_ACCEPT_HISTORY" in check["finding"]["en"]


async def test_rights_the_application_must_not_have_are_seen(
    cli: CommandLine, owner: asyncpg.Connection
) -> None:
    await cli("evidence", "key")
    await owner.execute("GRANT UPDATE (body) ON evidence.leaf TO anfu_app")
    await owner.execute("GRANT DELETE ON ledger.entry TO anfu_app")
    await owner.execute("ALTER TABLE risk.decision DISABLE TRIGGER decision_is_append_only")
    check = (await examined(cli))["rights"]
    assert check["state"] == "bad"
    assert check["finding"]["en"].endswith(": evidence.leaf, ledger.entry, risk.decision")


async def test_pending_and_changed_migrations_are_named(
    cli: CommandLine, owner: asyncpg.Connection
) -> None:
    await cli("evidence", "key")
    await owner.execute("DELETE FROM storage.migration WHERE name = '0009_payments'")
    check = (await examined(cli))["migrations"]
    assert (check["state"], "0009_payments" in check["finding"]["en"]) == ("warning", True)
    await owner.execute("UPDATE storage.migration SET sha256 = 'x' WHERE name = '0001_storage'")
    check = (await examined(cli))["migrations"]
    assert (check["state"], "0001_storage" in check["finding"]["en"]) == ("bad", True)


async def test_what_nobody_does_any_more_is_seen(
    house: House, cli: CommandLine, owner: asyncpg.Connection
) -> None:
    await Day(house).round()
    await cli("evidence", "seal")
    old = datetime.now(UTC) - timedelta(hours=1)
    await owner.execute("UPDATE payments.open SET due_at = $1", old)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM evidence.checkpoint")
    await owner.execute("UPDATE evidence.leaf SET at = $1", old)
    await owner.execute("DELETE FROM risk.rule_set")
    await owner.execute("UPDATE ledger.account SET credits_posted = credits_posted + 1"
                        " WHERE key = 'anfu/bank/CNY'")  # fmt: skip
    await owner.execute(
        "INSERT INTO storage.delivery (id, event_id, object_id, endpoint_id, owner, state, next_at,"
        " finished_at) VALUES ('dlv_1', 'evt_1', 'pay_1', 'whe_1', 'mer_1', 'DEAD', $1, $1)",
        old,
    )
    assert unwell(await examined(cli)) == {
        **UNSAFE_HERE, "sealing": "bad", "open_payments": "bad", "outbox": "warning",
        "books": "bad", "rules": "warning",
    }  # fmt: skip


async def test_a_table_that_is_gone_does_not_stop_the_other_checks(
    cli: CommandLine, owner: asyncpg.Connection
) -> None:
    await cli("evidence", "key")
    await owner.execute("DROP TABLE ledger.entry CASCADE")
    checks = await examined(cli)
    assert unwell(checks) == {**UNSAFE_HERE, "books": "bad"}
    assert "ledger.entry" in checks["books"]["finding"]["en"]


def anfu(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with an embedded server."""
    environment = {n: v for n, v in os.environ.items() if not n.startswith("ANFU_")}
    return subprocess.run(
        [sys.executable, "-c", "from anfu.app.main import main; main()", *arguments],
        env={**environment, "ANFU_HOME": str(home), "COLUMNS": "200", **settings},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_installation_with_an_embedded_server_from_nothing_to_verified(home: Path) -> None:
    home.mkdir(mode=0o711)
    before = anfu(home, "doctor")
    assert before.returncode == 0
    assert "is not made yet" in before.stderr
    assert list(home.iterdir()) == []
    assert anfu(home, "keys", "create", "--label", "till").returncode == 0
    assert anfu(home, "evidence", "seal").returncode == 0
    after = anfu(home, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(after.stdout)["checks"]}
    assert unwell(checks) == {}
    assert "started for these checks" in checks["server"]["finding"]["en"]
    verified = anfu(home, "evidence", "verify", "--json")
    assert (verified.returncode, '"leaves": 1' in verified.stdout) == (0, True), verified.stderr


async def test_an_embedded_server_that_does_not_start_is_said_with_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_START_S", 1.0)
    _break_server(home)
    checks = await examined(CommandLine("", home))
    assert unwell(checks) == {"keys": "bad", "server": "bad"}
    assert "does not start: " in checks["server"]["finding"]["en"]
    assert "postgres.log" in checks["server"]["remedy"]["en"]


def _break_server(home: Path) -> None:
    """Data that no server can read."""
    home.mkdir(mode=0o711)
    data = EmbeddedServer(home / "postgres").place.data
    data.mkdir(mode=0o700)
    (data / "PG_VERSION").write_text("18")


def test_settings_that_cannot_be_are_named_and_help_still_comes(home: Path) -> None:
    wrong = anfu(home, "doctor", ANFU_CURENCIES="CNY")
    assert wrong.returncode == 1
    assert "ANFU_CURENCIES" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert anfu(home, "doctor", "--help", ANFU_CURENCIES="CNY").returncode == 0
    served = anfu(home, "evidence", "checkpoint", ANFU_CURENCIES="CNY")
    assert (served.returncode, "Traceback" in served.stderr) == (1, False)
