"""`anfu keys rotate-data`, `reseal`, `forget-data`, killed in the middle among them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

COUNT = 3_000


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    made = CommandLine(database_url, tmp_path)
    ring = tmp_path / "keys/ring"
    ring.touch(0o600)
    ring.write_text(house.tools.sealer.ring.to_text())
    return made


async def test_a_key_is_prepared_used_and_forgotten(
    house: House, cli: CommandLine, owner: asyncpg.Connection
) -> None:
    customer = await house.office.customer()
    count = (await cli.json("keys", "reseal"))["sealed_by"]["1"]
    prepared = await cli.json("keys", "rotate-data", "--prepare")
    assert (prepared["active"], prepared["prepared"], prepared["versions"]) == (1, 2, [1, 2])
    assert (cli.home / "keys/ring").stat().st_mode & 0o777 == 0o600
    rotated = await cli.json("keys", "rotate-data")
    assert (rotated["active"], rotated["prepared"]) == (2, None)
    refused = await cli("keys", "forget-data", "1")
    assert getattr(refused.exception, "code", None) == "data_key_in_use"
    done = await cli.json("keys", "reseal", "--batch", "1")
    assert (done["resealed"], done["sealed_by"]) == (count, {"2": count})
    assert (await cli.json("keys", "reseal"))["resealed"] == 0
    assert (await cli.json("keys", "forget-data", "1"))["versions"] == [2]
    assert (await cli.json("keys", "rotate-data"))["versions"] == [2, 3]
    acts = await owner.fetch(
        "SELECT convert_from(body, 'UTF8')::json #>> '{body,act}' AS act FROM evidence.leaf"
        " WHERE subject LIKE 'data_key_%' ORDER BY index"
    )
    assert [row["act"] for row in acts] == [
        "prepared", "activated", "resealed", "forgotten", "activated",
    ]  # fmt: skip
    assert customer.startswith("cus_")


async def test_a_killed_resealing_goes_on(
    house: House, cli: CommandLine, owner: asyncpg.Connection
) -> None:
    ring, entropy = house.tools.sealer.ring, house.tools.entropy
    ids = [f"cus_{number:026}" for number in range(COUNT)]
    await owner.executemany(
        "INSERT INTO parties.customer (id, account_class, status, created_at, sealed, phone_index,"
        " document_index) VALUES ($1, 1, 'ACTIVE', now(), $2, $3, $4)",
        [
            (id_, ring.seal(b"{}", bound_to=id_, entropy=entropy), bytes(32), entropy.bytes(32))
            for id_ in ids
        ],
    )
    await cli.json("keys", "rotate-data")
    count = "SELECT count(*) FROM parties.customer WHERE get_byte(sealed, 0) = 2"
    program = "from anfu.app.main import main; main()"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, "keys", "reseal", "--batch", "10"),
        env={**os.environ, **cli.environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        while await owner.fetchval(count) == 0:
            assert child.returncode is None
            await asyncio.sleep(0.01)
    finally:
        child.send_signal(signal.SIGKILL)
        await child.wait()
    done = await owner.fetchval(count)
    assert 0 < done < COUNT
    assert done % 10 == 0
    rest = await cli.json("keys", "reseal", "--batch", "700")
    assert rest["resealed"] >= COUNT - done
    assert list(rest["sealed_by"]) == ["2"]
    assert await owner.fetchval(count) == COUNT
