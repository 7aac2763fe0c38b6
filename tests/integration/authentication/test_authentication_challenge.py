"""Challenges on a real database: answered once, guessed five times, bound to one payment."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from anfu.authentication import operations, queries
from anfu.authentication.challenge import Linked, Result, State, Verdict
from anfu.authentication.enrolled.verify import Means
from anfu.authentication.message import Message
from anfu.authentication.operations import Answer, Order
from anfu.authentication.passkey import RelyingParty
from anfu.authentication.rates import Source
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy, is_id
from anfu.storage.database import Database

KEY = b"k" * 32
MEANS = Means(KEY, RelyingParty("pay.test", "Test", ("https://pay.test",)))
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LINKED = Linked("pay_a", "mer_a", 1_234, "CNY")
ENTROPY = SeededEntropy(3)


def order(payment: str = "pay_a") -> Order:
    return Order("cus_a", replace(LINKED, payment=payment), "老王面馆", Source("tok_a"))


async def open_all(database: Database, *orders: Order, now: datetime = NOW) -> dict[str, Message]:
    async with database.transaction() as tx:
        opened = await operations.open(tx, orders=orders, key=KEY, now=now, entropy=ENTROPY)
    return {payment: one.message for payment, one in opened.items() if one.message is not None}


async def open_one(database: Database, now: datetime = NOW) -> Message:
    return (await open_all(database, order(), now=now))["pay_a"]


async def answer(
    database: Database,
    message: Message,
    code: str | None = None,
    linked: Linked = LINKED,
    now: datetime = NOW,
) -> Verdict:
    given = Answer(message.challenge, linked, message.code if code is None else code)
    async with database.transaction() as tx:
        return await operations.attempt(tx, answer=given, means=MEANS, now=now)


async def state(database: Database, message: Message) -> tuple[State, int]:
    async with database.transaction() as tx:
        found = await queries.get_challenge(tx, message.challenge)
    return found.state, found.attempts_left


def wrong(message: Message) -> str:
    return f"{(int(message.code) + 1) % 1_000_000:06d}"


async def test_a_right_answer_meets_it_once(database: Database) -> None:
    message = await open_one(database)
    assert is_id("chl", message.challenge)
    assert await answer(database, message) == Verdict(Result.MET, 5, ("sms_code",))
    assert await answer(database, message) == Verdict(Result.CLOSED, 5, ("sms_code",))
    assert await state(database, message) == (State.MET, 5)


async def test_of_parallel_right_answers_exactly_one_is_met(database: Database) -> None:
    message = await open_one(database)
    verdicts = await asyncio.gather(*[answer(database, message) for _ in range(8)])
    assert Counter(verdict.result for verdict in verdicts) == {Result.MET: 1, Result.CLOSED: 7}


async def test_guessing_locks_after_five_even_for_the_right_code(database: Database) -> None:
    message = await open_one(database)
    verdicts = [await answer(database, message, wrong(message)) for _ in range(6)]
    assert [(v.result, v.attempts_left) for v in verdicts] == [
        ("WRONG", 4), ("WRONG", 3), ("WRONG", 2), ("WRONG", 1), ("LOCKED", 0), ("LOCKED", 0),
    ]  # fmt: skip
    assert await answer(database, message) == Verdict(Result.LOCKED, 0)
    assert await state(database, message) == (State.FAILED, 0)


async def test_parallel_guesses_get_no_more_than_five(database: Database) -> None:
    message = await open_one(database)
    guesses = [answer(database, message, wrong(message)) for _ in range(20)]
    results = Counter(verdict.result for verdict in await asyncio.gather(*guesses))
    assert results == {Result.WRONG: 4, Result.LOCKED: 16}


@pytest.mark.parametrize(
    "changes", [{"amount": 1_235}, {"payee": "mer_b"}, {"currency": "USD"}, {"payment": "pay_b"}]
)
async def test_changed_data_spend_the_challenge(
    database: Database, changes: dict[str, Any]
) -> None:
    message = await open_one(database)
    changed = replace(LINKED, **changes)
    assert await answer(database, message, linked=changed) == Verdict(Result.MISMATCH, 0)
    assert await answer(database, message) == Verdict(Result.LOCKED, 0)
    assert await state(database, message) == (State.FAILED, 0)


async def test_its_time_is_five_minutes(database: Database) -> None:
    message = await open_one(database)
    late = NOW + timedelta(minutes=5)
    assert await answer(database, message, now=late) == Verdict(Result.EXPIRED, 5)
    assert await answer(database, message) == Verdict(Result.EXPIRED, 5)
    assert await state(database, message) == (State.EXPIRED, 5)


async def test_an_attempt_is_counted_though_the_work_after_it_is_refused(
    database: Database,
) -> None:
    message = await open_one(database)
    await answer(database, message, wrong(message))
    with pytest.raises(Refused):
        async with database.transaction():
            raise Refused("insufficient_funds")
    assert await state(database, message) == (State.OPEN, 4)


async def test_an_unknown_challenge_is_refused(
    database: Database, owner: asyncpg.Connection
) -> None:
    given = Answer("chl_x", LINKED, "000000")
    async with database.transaction() as tx:
        with pytest.raises(Refused, match="challenge_not_found"):
            await operations.attempt(tx, answer=given, means=MEANS, now=NOW)
        with pytest.raises(Refused, match="challenge_not_found"):
            await queries.get_challenge(tx, "chl_x")
    assert await owner.fetchval("SELECT count(*) FROM authentication.challenge") == 0


async def test_another_key_does_not_open_it(database: Database) -> None:
    message = await open_one(database)
    given = Answer(message.challenge, LINKED, message.code)
    async with database.transaction() as tx:
        verdict = await operations.attempt(
            tx, answer=given, means=replace(MEANS, key=b"j" * 32), now=NOW
        )
    assert verdict == Verdict(Result.WRONG, 4)


async def test_cancelled_is_cancelled(database: Database) -> None:
    message = await open_one(database)
    async with database.transaction() as tx:
        ids = [message.challenge, "chl_x"]
        assert await operations.cancel(tx, ids=ids, now=NOW) == [message.challenge]
        assert await operations.cancel(tx, ids=ids, now=NOW) == []
    assert await answer(database, message) == Verdict(Result.CLOSED, 5)


async def test_a_batch_opens_at_once_with_codes_of_their_own(database: Database) -> None:
    messages = await open_all(database, *[order(f"pay_{i}") for i in range(60)])
    assert set(messages) == {f"pay_{i}" for i in range(60)}
    assert len({message.challenge for message in messages.values()}) == 60
    assert len({message.code for message in messages.values()}) > 55
    assert await open_all(database) == {}
    with pytest.raises(BrokenInvariant):
        await open_all(database, order(), order())


async def test_a_new_code_ends_the_one_before(database: Database) -> None:
    first, second = await open_one(database), await open_one(database)
    assert await answer(database, first) == Verdict(Result.CLOSED, 5)
    async with database.transaction() as tx:
        found = await queries.find_open_challenge(tx, "pay_a")
        assert found is not None
        assert found.id == second.challenge
    third = await open_one(database, now=NOW + timedelta(minutes=5))
    assert (await state(database, second))[0] is State.EXPIRED
    assert (await state(database, third))[0] is State.OPEN


async def test_asking_again_and_again_does_not_buy_guesses(database: Database) -> None:
    for _ in range(5):
        last = await open_one(database)
    assert await open_all(database, order(), order("pay_b")) != {}
    assert "pay_a" not in await open_all(database, order())
    assert await answer(database, last) == Verdict(Result.MET, 5, ("sms_code",))


async def test_parallel_openings_leave_one_open(
    database: Database, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*[open_all(database, order()) for _ in range(4)])
    assert any(answers)
    states = await owner.fetch("SELECT state FROM authentication.challenge")
    assert Counter(row["state"] for row in states)["OPEN"] == 1


async def test_the_code_is_nowhere(
    database: Database, owner: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = await open_one(database)
    await answer(database, message, wrong(message))
    await answer(database, message)
    row = await owner.fetchrow("SELECT * FROM authentication.challenge")
    assert message.code not in repr([v for k, v in row.items() if k != "id"])
    assert message.code not in caplog.text
    assert message.code not in repr(message)
    async with database.transaction() as tx:
        challenge = await queries.get_challenge(tx, message.challenge)
    assert "code_hash" not in repr(challenge)


async def test_an_ended_challenge_cannot_be_reopened_in_the_database(
    database: Database, owner: asyncpg.Connection
) -> None:
    message = await open_one(database)
    await answer(database, message, wrong(message))
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE authentication.challenge SET attempts_left = 5")
    await answer(database, message)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE authentication.challenge SET state = 'OPEN', ended_at = NULL")
    async with database.transaction() as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("UPDATE authentication.challenge SET link = code_hash")
    assert await state(database, message) == (State.MET, 4)
