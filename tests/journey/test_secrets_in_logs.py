"""A day at three networks with every logger at its loudest: nothing secret is in any log."""

from __future__ import annotations

import base64
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.journey.conftest import House
from tests.journey.networks import Abroad, abroad
from tests.journey.test_scenes import BUYER, CODES, OPENID, act, begin

SHORTEST = 12


@pytest.fixture
async def away(house: House, tmp_path: Path) -> AsyncIterator[Abroad]:
    async with abroad(house, tmp_path / "networks") as made:
        yield made


def secrets(folder: Path) -> Iterator[tuple[str, str]]:
    """What must not be readable, with what it is: of key files their inner lines."""
    for path in sorted(folder.rglob("*")):
        text = path.read_bytes().decode("latin-1") if path.is_file() else ""
        if "PRIVATE KEY" in text:
            lines = text.splitlines()[1:-1]
            yield from ((str(path), line) for line in lines if len(line) >= SHORTEST)
        elif path.name.endswith("key") and len(text.strip()) >= SHORTEST:
            yield str(path), text.strip()
    for network, code in CODES.items():
        yield f"payer's code of {network}", code
    yield "openid", OPENID
    yield "buyer", BUYER


async def test_nothing_secret_is_in_any_log(
    house: House, away: Abroad, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ["", *logging.Logger.manager.loggerDict]:
        logging.getLogger(name).setLevel(logging.DEBUG)
    for network in CODES:
        await begin(house, network, "PAYER_CODE", payer_code=CODES[network])
        paid = await begin(house, network, "DYNAMIC_CODE")
        await act(away, paid)
        await away.tell()
        await house.office.post("/v1/refunds", {"payment": paid["id"], "amount": 100})
        away.wires[network].dead = True
        await begin(house, network, "PAYER_CODE", payer_code=CODES[network])
        away.wires[network].dead = False
    await begin(house, "wechat", "MINI_PROGRAM", network_payer=OPENID)
    await begin(house, "alipay", "MINI_PROGRAM", network_payer=BUYER)
    await house.recover()
    written = "\n".join(
        f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in caplog.records
    )
    assert len(caplog.records) > 50  # it was loud indeed
    hidden = list(secrets(tmp_path / "networks"))
    hidden.append(("the office's secret", house.office.secret))
    assert len(hidden) > 100
    for what, secret in hidden:
        for form in (secret, base64.b64encode(secret.encode("latin-1")).decode()):
            assert form not in written, what
