"""Two-phase money: hold, then post, void or expire."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.integration.ledger.ledger_books import BANK, MER, NOW, OPEN, A, B, Books, move, promise

from anfu.kernel.errors import BrokenInvariant
from anfu.ledger.entry import Denial, Entry, HoldOrder
from anfu.ledger.hold import Hold, HoldState
from anfu.ledger.operations import expire_holds, hold, post_holds, void_holds
from anfu.ledger.queries import balance_at, find_entries, find_holds, trial_balance

LATER = NOW + timedelta(minutes=1)


async def resolve(
    books: Books, posted: dict[str, int | None] | None = None, voided: list[str] | None = None
) -> None:
    async with books.database.transaction() as tx:
        await post_holds(tx, amounts=posted or {}, now=LATER)
        await void_holds(tx, ids=voided or [], now=LATER)


async def test_a_hold_takes_what_is_available_and_moves_nothing(books: Books) -> None:
    assert await books.hold(promise("1", A, MER, 4_000)) == {}
    assert await books.counters(A, MER) == [(4_000, 0, 0, 10_000), (0, 0, 4_000, 0)]
    assert await books.available(A, MER) == [6_000, 0]
    assert await books.post(move("2", A, B, 6_001)) == {"2": Denial("insufficient_funds", A, 6_000)}
    assert await books.post(move("3", MER, B, 1)) == {"3": Denial("insufficient_funds", MER, 0)}
    async with books.database.transaction() as tx:
        assert await find_entries(tx, ["1", "2", "3"]) == {}
        assert [sums.holds for sums in await trial_balance(tx)] == [4_000, 0]
    await books.check()


async def test_a_hold_is_posted_whole_in_part_or_voided(books: Books) -> None:
    assert await books.hold(*(promise(name, A, MER, 1_000) for name in "123")) == {}
    await resolve(books, {"1": None, "2": 250}, ["3"])
    assert await books.counters(A, MER) == [(0, 1_250, 0, 10_000), (0, 0, 0, 1_250)]
    end = NOW + timedelta(minutes=10)
    rest = (NOW, end, LATER)
    async with books.database.transaction() as tx:
        assert await find_entries(tx, ["1", "2", "3"]) == {
            "1": Entry("1", A, MER, "CNY", 1_000, LATER, 1_000),
            "2": Entry("2", A, MER, "CNY", 250, LATER, 1_000),
        }
        assert await find_holds(tx, ["1", "2", "3", "4"]) == {
            "1": Hold("1", A, MER, "CNY", 1_000, HoldState.POSTED, *rest, 1_000),
            "2": Hold("2", A, MER, "CNY", 1_000, HoldState.POSTED, *rest, 250),
            "3": Hold("3", A, MER, "CNY", 1_000, HoldState.VOIDED, *rest, None),
        }
        assert await balance_at(tx, A, NOW) == 10_000
        assert await balance_at(tx, A, LATER) == 8_750
    await books.check()


async def test_nothing_resolves_a_resolved_hold(books: Books) -> None:
    await books.hold(*(promise(name, A, MER, 1_000) for name in "123"))
    await resolve(books, {"1": None}, ["2"])
    before = await books.balances()
    for posted, voided in [
        ({"1": None}, []), ({"2": None}, []), ({"3": None, "1": 1}, []), ({"nobody": None}, []),
        ({}, ["1"]), ({}, ["3", "2"]), ({}, ["3", "3"]), ({}, ["nobody"]),
        ({"3": 1_001}, []), ({"3": 0}, []), ({"3": -1}, []), ({"3": None}, ["3"]),
    ]:  # fmt: skip
        with pytest.raises(BrokenInvariant):
            await resolve(books, posted, voided)
        assert await books.balances() == before
    async with books.database.transaction() as tx:
        with pytest.raises(BrokenInvariant):
            await post_holds(tx, amounts={"3": None, "1": None}, now=LATER)
        with pytest.raises(BrokenInvariant):
            await void_holds(tx, ids=["3", "1"], now=LATER)
    assert await books.balances() == before, "even when the caller goes on after the error"
    async with books.database.transaction() as tx:
        assert await expire_holds(tx, now=NOW + timedelta(days=1), most=10) == ["3"]
    await books.check()


async def test_a_hold_expires_at_its_end_and_not_before(books: Books) -> None:
    await books.hold(
        promise("1", A, MER, 100, 5), promise("2", A, MER, 200, 5), promise("3", A, MER, 400, 6)
    )
    end = NOW + timedelta(minutes=5)
    async with books.database.transaction() as tx:
        assert await expire_holds(tx, now=end - timedelta(microseconds=1), most=10) == []
        assert len(await expire_holds(tx, now=end, most=1)) == 1
        assert len(await expire_holds(tx, now=end, most=10)) == 1
        assert await expire_holds(tx, now=end, most=10) == []
        states = {name: h.state for name, h in (await find_holds(tx, ["1", "2", "3"])).items()}
    assert states == {"1": HoldState.EXPIRED, "2": HoldState.EXPIRED, "3": HoldState.HELD}
    assert await books.available(A) == [9_600]
    with pytest.raises(BrokenInvariant):
        await resolve(books, {"1": None})
    await books.check()


async def test_an_overdue_hold_is_posted_if_nobody_expired_it(books: Books) -> None:
    """The channel may say yes late; the money is still set aside, so the books say yes too."""
    await books.hold(promise("1", A, MER, 100, 1))
    async with books.database.transaction() as tx:
        await post_holds(tx, amounts={"1": None}, now=NOW + timedelta(hours=1))
    assert await books.available(A, MER) == [9_900, 100]
    await books.check()


async def test_holds_are_taken_in_sequence_and_linked(books: Books) -> None:
    order = promise("1", A, MER, 6_000)
    linked = [HoldOrder(name, A, B, "CNY", 3_000, order.expires_at, "L") for name in ("2", "3")]
    denial = Denial("insufficient_funds", A, 1_000)
    assert await books.hold(order, *linked, promise("4", A, B, 4_000)) == {
        "2": denial, "3": denial,
    }  # fmt: skip
    assert await books.counters(A, MER, B) == [
        (10_000, 0, 0, 10_000), (0, 0, 6_000, 0), (0, 0, 4_000, 0),
    ]  # fmt: skip
    await books.check()


async def test_a_hold_on_both_kinds_of_account(books: Books) -> None:
    assert await books.hold(promise("out", A, BANK, 10_000)) == {}
    assert await books.available(A, BANK) == [0, 0]
    assert await books.hold(promise("more", OPEN, BANK, 1)) == {
        "more": Denial("insufficient_funds", BANK, 0)
    }
    await resolve(books, {"out": None})
    assert await books.counters(A, BANK) == [(0, 10_000, 0, 10_000), (0, 10_000, 0, 10_000)]
    await books.check()


async def test_a_hold_that_has_expired_already_is_not_made(books: Books) -> None:
    before = await books.balances()
    with pytest.raises(BrokenInvariant, match="expires"):
        await books.hold(promise("1", A, MER, 100, 0))
    await books.hold(promise("2", A, MER, 100))
    with pytest.raises(BrokenInvariant, match="hold_pkey"):
        await books.hold(promise("2", A, MER, 100))
    await resolve(books, voided=["2"])
    assert await books.balances() == before


async def test_no_holds_no_statement(books: Books) -> None:
    async with books.database.transaction() as tx:
        assert await hold(tx, orders=[], now=NOW) == {}
        await post_holds(tx, amounts={}, now=NOW)
        await void_holds(tx, ids=[], now=NOW)
