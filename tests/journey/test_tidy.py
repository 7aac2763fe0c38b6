"""Housekeeping: what the worker forgets, and what it must keep."""

from __future__ import annotations

from datetime import timedelta

from tests.journey.conftest import House

from anfu.channels.operations import record_notices
from anfu.entrypoints.worker.rounds import tidy
from anfu.storage.transaction import Tx


async def test_nonces_are_kept_while_a_signature_is_good_and_forgotten_later(house: House) -> None:
    async def work(tx: Tx) -> None:
        await record_notices(tx, channel="sandbox", nonces=["0" * 32], now=house.clock.now())

    await house.database.run(work)
    house.clock.advance(timedelta(hours=47, minutes=59))
    assert await tidy(house.tools, house.clock) == 0
    assert await house.count("channels.notice") == 1
    house.clock.advance(timedelta(minutes=2))
    assert await tidy(house.tools, house.clock) == 0
    assert await house.count("channels.notice") == 0
