"""`anfu evidence`: the log and its proofs, sound and tampered with."""

from __future__ import annotations

import json
from pathlib import Path

import asyncpg
import pytest
from tests.journey.busy_day import Day
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


@pytest.fixture
async def attacker(owner: asyncpg.Connection) -> asyncpg.Connection:
    await owner.execute("SET session_replication_role = replica")
    return owner


async def test_a_sound_log_verifies_and_says_what_was_read(house: House, cli: CommandLine) -> None:
    await Day(house).round()
    sealed = await cli.json("evidence", "seal")
    assert sealed["size"] == await house.count("evidence.leaf")
    found = await cli.json("evidence", "verify")
    assert found["valid"] is True
    assert found["leaves"] == sealed["size"]
    assert found["payments"] == await house.count("payments.payment")
    assert (found["unsealed"], found["faults"], found["disagreements"]) == (0, [], 0)
    said = await cli("evidence", "verify")
    assert "Everything agrees." in " ".join(said.stderr.split())
    assert said.stdout == ""
    assert "全部一致" in (await cli("evidence", "verify", "--language", "zh")).stderr


async def test_what_was_changed_removed_and_inserted_is_named(
    house: House, cli: CommandLine, attacker: asyncpg.Connection
) -> None:
    day = Day(house)
    await day.round()
    await cli("evidence", "seal")
    first, second, third = (p["id"] for p in day.payments["SUCCEEDED"][:3])
    new = "pay_" + "7" * 26
    await attacker.execute("UPDATE payments.payment SET amount = 1 WHERE id = $1", first)
    await attacker.execute("DELETE FROM payments.payment WHERE id = $1", second)
    await attacker.execute(
        "INSERT INTO payments.payment SELECT $2, created_at, occurred_at, updated_at, amount,"
        " refunded, state, payer, payee, currency, method, decision, detail"
        " FROM payments.payment WHERE id = $1",
        third,
        new,
    )
    found = await cli.json("evidence", "verify", status=1)
    assert found["faults"] == []
    assert {(d["code"], d["id"]) for d in found["disagreeing"]} == {
        ("row_changed", first), ("row_removed", second), ("row_inserted", new),
    }  # fmt: skip
    changed = next(d for d in found["disagreeing"] if d["code"] == "row_changed")
    assert changed["fields"] == {"amount": {"evidence": 1_200, "found": 1}}
    said = await cli("evidence", "verify")
    assert said.exit_code == 1
    assert f"{first} was changed" in said.stderr
    assert "3 things are wrong" in said.stderr


async def test_a_changed_leaf_is_named_with_its_object(
    house: House, cli: CommandLine, attacker: asyncpg.Connection
) -> None:
    day = Day(house)
    await day.round()
    await cli("evidence", "seal")
    payment = day.payments["SUCCEEDED"][0]["id"]
    await attacker.execute(
        "UPDATE evidence.leaf SET body = convert_to(replace(convert_from(body, 'UTF8'),"
        " '\"amount\":1200', '\"amount\":9999'), 'UTF8') WHERE subject = $1",
        payment,
    )
    found = await cli.json("evidence", "verify", status=1)
    (fault,) = found["faults"]
    assert (fault["code"], fault["subject"]) == ("leaf_changed", payment)


async def test_a_log_under_another_key_does_not_verify(house: House, cli: CommandLine) -> None:
    await Day(house).round()
    await cli("evidence", "seal")
    own = (await cli("evidence", "key")).stdout.strip()
    assert own == str(house.signer.key)
    assert (await cli("evidence", "verify", "--key", own)).exit_code == 0
    other = "anfu.test/log+80cd5e63+Ad020tlKNPkgPNdkWkki1IEMzr1lMjSJ7F5biIZkqw04"
    assert (await cli("evidence", "verify", "--key", other)).exit_code == 2
    (cli.home / "keys/evidence").write_text("04" * 32)
    found = await cli.json("evidence", "verify", status=1)
    assert [fault["code"] for fault in found["faults"]] == ["checkpoint_not_signed"]


async def test_a_proof_is_written_and_verified_without_a_database(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    day = Day(house)
    await day.round()
    await cli("evidence", "seal")
    payment = next(p for p in day.payments["REJECTED"])["id"]
    file = tmp_path / "proof.jsonl"
    written = await cli("evidence", "prove", payment, "--out", str(file))
    assert written.exit_code == 0, written.output
    assert len(file.read_bytes().splitlines()) == 2
    key = (await cli("evidence", "key")).stdout.strip()
    cli.environment = {"ANFU_DATABASE_URL": "postgresql://127.0.0.1:1/none", "ANFU_HOME": "/none"}
    found = await cli.json("evidence", "verify", "--bundle", str(file), "--key", key)
    assert found["valid"] is True
    assert [b["leaf"]["body"]["state"] for b in found["bundles"]] == ["IN_REVIEW", "REJECTED"]
    assert {b["leaf"]["subject"] for b in found["bundles"]} == {payment}
    said = await cli("evidence", "verify", "--bundle", str(file))
    assert said.exit_code == 0
    assert said.stderr.count("✓") == 14
    assert "No key was given" in said.stderr
    answer = await house.office.get(f"/v1/evidence/proofs/{payment}")
    file.write_bytes(answer.content)
    assert (await cli.json("evidence", "verify", "--bundle", str(file), "--key", key))["valid"]


async def test_a_forged_proof_fails_at_its_numbered_check(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    day = Day(house)
    await day.round()
    await cli("evidence", "seal")
    proof = (await cli("evidence", "prove", day.payments["REFUSED"][0]["id"])).stdout
    key = (await cli("evidence", "key")).stdout.strip()
    file = tmp_path / "proof.json"
    document = json.loads(proof)
    forgeries = {
        1: {**document, "more": 1},
        4: {**document, "checkpoint": document["checkpoint"].replace("\n", "\n1", 1)},
        5: {**document, "index": 10**6},
        6: {**document, "leaf": document["leaf"].replace("REFUSED", "BLOCKED")},
    }
    for number, forged in forgeries.items():
        file.write_text(json.dumps(forged))
        found = await cli.json("evidence", "verify", "--bundle", str(file), "--key", key, status=1)
        assert [b["failed"] for b in found["bundles"]] == [number]
    for nothing in (b"", b"\xff\xfe", b"[]", b"{}", b'{"data":[]}', b"null\nnull"):
        file.write_bytes(nothing)
        found = await cli.json("evidence", "verify", "--bundle", str(file), status=1)
        assert found["valid"] is False
    other = await cli("evidence", "verify", "--bundle", str(file), "--key", "no-key")
    assert other.exit_code == 2


async def test_before_anything_is_sealed_there_is_nothing_to_prove(
    house: House, cli: CommandLine
) -> None:
    payer = await house.office.customer()
    for command in (("evidence", "prove", payer), ("evidence", "checkpoint")):
        refused = await cli(*command)
        assert getattr(refused.exception, "code", None) == "proof_not_found"
        assert refused.stdout == ""
    await cli("evidence", "seal")
    note = (await cli("evidence", "checkpoint")).stdout
    assert note.startswith("anfu.test/log\n")
    assert (await cli.json("evidence", "checkpoint"))["note"] == note
