"""What the channels remember: nonces count once, messages of development mode are listed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from anfu.channels.development import DevelopmentMessage
from anfu.channels.operations import (
    forget_notices,
    put_development_messages,
    record_notices,
)
from anfu.channels.queries import list_development_messages
from anfu.storage.database import Database

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NONCES = [f"{n:032x}" for n in range(6)]


async def record(database: Database, *nonces: str, channel: str = "sandbox") -> frozenset[str]:
    async with database.transaction() as tx:
        return await record_notices(tx, channel=channel, nonces=nonces, now=NOW)


async def test_a_nonce_is_fresh_once_per_channel(database: Database) -> None:
    assert await record(database, NONCES[0], NONCES[1], NONCES[1]) == set(NONCES[:2])
    assert await record(database, NONCES[1], NONCES[2]) == {NONCES[2]}
    assert await record(database, NONCES[1], channel="other") == {NONCES[1]}
    assert await record(database) == frozenset()


async def test_a_nonce_of_a_rolled_back_notice_is_fresh_again(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            await record_notices(tx, channel="sandbox", nonces=NONCES[:1], now=NOW)
            raise ZeroDivisionError
    assert await record(database, NONCES[0]) == {NONCES[0]}


async def test_parallel_replays_are_fresh_once(database: Database) -> None:
    batches = [NONCES, NONCES[::-1]] * 6
    fresh = await asyncio.gather(*[record(database, *batch) for batch in batches])
    assert sorted(nonce for one in fresh for nonce in one) == NONCES


async def test_old_nonces_are_forgotten(database: Database) -> None:
    await record(database, *NONCES[:2])
    async with database.transaction() as tx:
        await record_notices(
            tx, channel="sandbox", nonces=[NONCES[2]], now=NOW + timedelta(seconds=1)
        )
        assert await forget_notices(tx, before=NOW + timedelta(seconds=1)) == 2
    assert await record(database, *NONCES[:3]) == set(NONCES[:2])


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65])
async def test_a_nonce_of_another_length_is_refused(database: Database, nonce: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await record(database, nonce)


def message(number: int, recipient: str = "13800000000") -> DevelopmentMessage:
    return DevelopmentMessage(
        f"msg_{number}", recipient, "payment_code", f"sealed {number:022}".encode(), NOW
    )


async def test_messages_are_listed_by_recipient_newest_first(database: Database) -> None:
    messages = [message(1), message(2), message(3), message(4, "13900000000")]
    async with database.transaction() as tx:
        await put_development_messages(tx, messages=messages)
        await put_development_messages(tx, messages=[])
    async with database.transaction(readonly=True) as tx:
        page = await list_development_messages(tx, recipient="13800000000", most=2)
        rest = await list_development_messages(tx, recipient="13800000000", before=page[-1].id)
        assert await list_development_messages(tx, recipient="1380000000") == []
    assert page == [messages[2], messages[1]]
    assert rest == [messages[0]]


def test_a_message_shows_neither_recipient_nor_code() -> None:
    assert repr(message(1)) == "DevelopmentMessage(id='msg_1', kind='payment_code')"
