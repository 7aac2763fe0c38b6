"""The processes of an installation and the three networks at their loudest, over real sockets:
nothing secret is in anything they write."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests.journey.conftest import Client, order
from tests.journey.test_scenes import CODES
from tests.journey.test_secrets_in_logs import SHORTEST, secrets

from anfu.kernel.clock import ManualClock
from anfu.simulation.networks import NAMES, PLAN
from anfu.simulation.processes import HOST, free_port

CARD = "6222021234567890128"
NAME, PHONE, NUMBER = "欧阳小明", "13800138271", "11010519491231002X"
LARGE = 1_000_000
# What must be readable: the calls to each network, the notices that come back, the libraries.
TOLD = ("/v3/pay/transactions/codepay:(200,", "/gateway.do:(200,", "/backTransReq.do:(200,",
        "/v1/channels/wechat/notices", "httpcore.http11:", "uvicorn.error:")  # fmt: skip
PROGRAM = "from anfu.app.main import main; main()"


@dataclass
class Loud:
    """Processes that write everything into one folder."""

    environment: Mapping[str, str]
    logs: Path

    def run(self, *arguments: str) -> str:
        """What a command says; its log is kept too."""
        with (self.logs / "command.log").open("ab") as log:
            command = [sys.executable, "-c", PROGRAM, *arguments]
            return subprocess.run(
                command, env=dict(self.environment), stdout=subprocess.PIPE, stderr=log,
                check=True, text=True,
            ).stdout  # fmt: skip

    @asynccontextmanager
    async def serving(self, port: int, *arguments: str) -> AsyncIterator[None]:
        """A process, once its port is open; ended gently."""
        with (self.logs / f"{arguments[0]}.log").open("wb") as log:
            command = [sys.executable, "-c", PROGRAM, *arguments]
            child = await asyncio.create_subprocess_exec(
                *command, env=dict(self.environment), stdout=log, stderr=log
            )
        try:
            await listening(port, child)
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            assert await child.wait() in (0, -signal.SIGTERM)

    def written(self) -> str:
        return "\n".join(path.read_text("utf-8") for path in sorted(self.logs.iterdir()))


async def listening(port: int, child: asyncio.subprocess.Process) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert child.returncode is None
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise TimeoutError


@pytest.fixture
def loud(tmp_path: Path, database_url: str) -> Loud:
    (tmp_path / "logs").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANFU_")}
    ours = {
        "ANFU_HOME": str(tmp_path / "home"), "ANFU_DATABASE_URL": database_url,
        "ANFU_CHANNELS": str(tmp_path / "networks" / PLAN), "ANFU_DEVELOPMENT": "1",
        "ANFU_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    return Loud({**kept, **ours}, tmp_path / "logs")


async def day(office: Client) -> str:
    """Payments at the networks, refunds, a challenge, things said wrongly; the one-time code."""
    form = {
        "name": NAME, "phone": PHONE, "document": {"type": "CITIZEN_ID", "number": NUMBER},
        "account_class": 3,
    }  # fmt: skip
    payer = (await office.post("/v1/customers", form)).json()["id"]
    payee = await office.merchant()
    for network in NAMES:
        method = {"type": network, "scene": "PAYER_CODE", "payer_code": CODES[network]}
        paid = await office.pay(payer, payee, 8_800, method=method)
        assert (paid["state"], paid["channel"]) == ("SUCCEEDED", network)
        refund = await office.post("/v1/refunds", {"payment": paid["id"], "amount": 100})
        assert refund.status_code == 201
        await office.pay(
            payer, payee, 9_900, method={"type": network, "scene": "DYNAMIC_CODE"}
        )  # awaits its payer
    wrong = order(payer, payee, 5, method={"type": "sandbox", "card": CARD}, code=CARD)
    assert (await office.post("/v1/payments", wrong)).status_code == 422
    stranger = await office.customer(deposit=2 * LARGE)
    held = await office.pay(stranger, payee, LARGE, factors=["password", "certificate"])
    assert held["state"] == "CHALLENGED"
    told = (await office.get("/v1/development/messages", to=stranger)).json()["data"][0]["text"]
    found = re.search(r"(?<!\d)\d{6}(?!\d)", told)
    assert found is not None
    proof = await office.post(f"/v1/payments/{held['id']}/challenge", {"code": found[0]})
    assert proof.json()["state"] == "SUCCEEDED"
    return found[0]


def hidden(folder: Path, secret: str, database_url: str) -> list[tuple[str, str]]:
    """What must not be readable, with what it is."""
    whole = [*secrets(folder / "networks"), ("the key's secret", secret), ("card", CARD)]
    whole += [("name", NAME), ("phone", PHONE), ("number of the document", NUMBER)]
    whole.append(("database", urlsplit(database_url).password or ""))
    for path in sorted((folder / "home" / "keys").iterdir()):
        if path.suffix != ".pub":
            lines = path.read_text("utf-8").split()
            whole += [(path.name, line) for line in lines if len(line) >= SHORTEST]
    return whole


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_nothing_secret_is_in_what_the_processes_write(
    loud: Loud, tmp_path: Path, database_url: str
) -> None:
    first, api = free_port(), free_port()
    base = f"http://{HOST}:{api}"
    networks = ("simulate", "channels", "--port", str(first), "--notify", base)
    clock = ManualClock(datetime.now(UTC))
    async with loud.serving(first, *networks, "--folder", str(tmp_path / "networks")):
        issued = json.loads(loud.run("keys", "create", "--label", "office"))
        async with (
            loud.serving(api, "serve", "--port", str(api)),
            httpx.AsyncClient(base_url=base, timeout=30, trust_env=False) as http,
        ):
            code = await day(Client(http, clock, issued["id"], issued["secret"]))
    written = loud.written()
    # Lines of a log are broken where the screen ends.
    unbroken = re.sub(r"\s+", "", written)
    for told in TOLD:
        assert told in unbroken  # it was loud indeed
    whole = hidden(tmp_path, issued["secret"], database_url)
    assert len(whole) > 100
    for what, secret in whole:
        assert len(secret) >= 4, what
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert form not in unbroken, what
    assert re.search(rf"(?<![\w.]){code}(?!\w)", written) is None
