"""The outbox: one statement in, claims with a lease, order per endpoint and object, back-off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.storage import deliveries, outbox
from anfu.storage.database import Database
from anfu.storage.deliveries import Delivery, Sought
from anfu.storage.outbox import PAUSES_S, DeliveryState, Event, Result, Taken

Ways = Mapping[str, Sequence[str]]


class Office:
    """The outbox of one test, with its clock and entropy."""

    def __init__(self, database: Database, clock: ManualClock, entropy: SeededEntropy) -> None:
        self.database, self.clock, self.entropy = database, clock, entropy

    def event(self, name: str, object_id: str, owner: str = "mer_a") -> Event:
        return Event(name, "payment.succeeded", object_id, owner, self.now, name.encode())

    async def put(self, events: Sequence[Event], endpoints: Ways) -> None:
        async with self.database.transaction() as tx:
            await outbox.put(
                tx, events=events, endpoints=endpoints, now=self.clock.now(), entropy=self.entropy
            )

    async def take(self, most: int = 100, lease_s: float = 30) -> list[Taken]:
        async with self.database.transaction() as tx:
            return await outbox.take(tx, now=self.clock.now(), most=most, lease_s=lease_s)

    async def finish(self, *results: Result) -> dict[str, DeliveryState]:
        async with self.database.transaction() as tx:
            return await outbox.finish(
                tx, results=results, now=self.clock.now(), entropy=self.entropy
            )

    async def deliveries(self, owner: str = "mer_a") -> list[Delivery]:
        async with self.database.transaction() as tx:
            return (await deliveries.list_deliveries(tx, owner=owner))[0]

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @property
    def now(self) -> datetime:
        return self.clock.now()


@pytest.fixture
def office(database: Database, clock: ManualClock, entropy: SeededEntropy) -> Office:
    return Office(database, clock, entropy)


def done(taken: Taken) -> Result:
    return Result(taken.id, taken.attempt, True, 200)


def failed(taken: Taken) -> Result:
    return Result(taken.id, taken.attempt, False, 503, "HTTP 503")


def names(taken: Sequence[Taken]) -> list[tuple[str, str]]:
    return [(t.event.id, t.endpoint_id) for t in taken]


async def test_an_event_without_endpoints_has_no_delivery(office: Office) -> None:
    event = office.event("evt_1", "pay_1")
    await office.put([event], {})
    async with office.database.transaction() as tx:
        assert await outbox.get_event(tx, "evt_1", owner="mer_a") == event
    assert await office.deliveries() == []
    assert await office.take() == []


async def test_one_delivery_for_each_endpoint(office: Office) -> None:
    events = [office.event("evt_1", "pay_1"), office.event("evt_2", "pay_2")]
    await office.put(events, {"evt_1": ["whe_a", "whe_b"], "evt_2": ["whe_a"]})
    taken = await office.take()
    assert names(taken) == [("evt_1", "whe_a"), ("evt_1", "whe_b"), ("evt_2", "whe_a")]
    assert [t.attempt for t in taken] == [1, 1, 1]
    assert [t.event for t in taken] == [events[0], events[0], events[1]]
    assert all(t.id.startswith("dlv_") for t in taken)


async def test_endpoints_of_an_unknown_event_are_refused_and_nothing_is_written(
    office: Office,
) -> None:
    with pytest.raises(BrokenInvariant):
        await office.put([office.event("evt_1", "pay_1")], {"evt_2": ["whe_a"]})
    async with office.database.transaction() as tx:
        assert await outbox.list_events(tx, owner="mer_a") == []


async def test_nothing_is_put_by_a_transaction_that_fails(office: Office) -> None:
    with pytest.raises(ZeroDivisionError):
        async with office.database.transaction() as tx:
            await outbox.put(
                tx,
                events=[office.event("evt_1", "pay_1")],
                endpoints={"evt_1": ["whe_a"]},
                now=office.now,
                entropy=office.entropy,
            )
            raise ZeroDivisionError
    assert await office.take() == []


async def test_order_is_kept_within_an_object_and_another_object_overtakes(office: Office) -> None:
    events = [office.event(f"evt_{i}", "pay_1" if i < 3 else "pay_2") for i in (1, 2, 3)]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    first = await office.take()
    assert names(first) == [("evt_1", "whe_a"), ("evt_3", "whe_a")]
    assert await office.take() == []  # leased: evt_2 waits
    await office.finish(failed(first[0]), done(first[1]))
    assert await office.take() == []  # backing off: evt_2 still waits
    office.wait(6.1)
    again = await office.take()
    assert names(again) == [("evt_1", "whe_a")]
    assert again[0].attempt == 2
    await office.finish(done(again[0]))
    assert names(await office.take()) == [("evt_2", "whe_a")]


async def test_endpoints_do_not_wait_for_each_other(office: Office) -> None:
    events = [office.event("evt_1", "pay_1"), office.event("evt_2", "pay_1")]
    await office.put(events, {"evt_1": ["whe_a", "whe_b"], "evt_2": ["whe_a", "whe_b"]})
    to_a, to_b = await office.take()
    await office.finish(failed(to_a), done(to_b))
    assert names(await office.take()) == [("evt_2", "whe_b")]


async def test_a_taker_that_dies_loses_its_claim_when_the_lease_ends(office: Office) -> None:
    await office.put([office.event("evt_1", "pay_1")], {"evt_1": ["whe_a"]})
    [lost] = await office.take(lease_s=30)
    office.wait(29.9)
    assert await office.take() == []
    office.wait(0.1)
    [again] = await office.take()
    assert (again.id, again.attempt) == (lost.id, 2)


async def test_a_late_failure_of_a_lost_claim_changes_nothing(office: Office) -> None:
    await office.put([office.event("evt_1", "pay_1")], {"evt_1": ["whe_a"]})
    [lost] = await office.take(lease_s=30)
    office.wait(31)
    [again] = await office.take(lease_s=30)
    before = await office.deliveries()
    assert await office.finish(failed(lost)) == {}
    assert await office.deliveries() == before
    assert await office.finish(done(again)) == {again.id: "DELIVERED"}
    assert await office.finish(failed(again)) == {}
    assert (await office.deliveries())[0].state is DeliveryState.DELIVERED


async def test_a_late_success_of_a_lost_claim_counts(office: Office) -> None:
    await office.put([office.event("evt_1", "pay_1")], {"evt_1": ["whe_a"]})
    [lost] = await office.take(lease_s=30)
    office.wait(31)
    [again] = await office.take(lease_s=30)
    assert await office.finish(done(lost)) == {lost.id: "DELIVERED"}
    assert await office.finish(failed(again)) == {}


async def test_back_off_grows_with_jitter_and_ends_dead(office: Office) -> None:
    await office.put([office.event("evt_1", "pay_1")], {"evt_1": ["whe_a"]})
    start = office.now
    factors = []
    for pause in PAUSES_S:
        [taken] = await office.take()
        assert await office.finish(failed(taken)) == {taken.id: "WAITING"}
        [row] = await office.deliveries()
        assert (row.answered, row.last_error, row.finished_at) == (503, "HTTP 503", None)
        factors.append((row.next_at - office.now).total_seconds() / pause)
        office.clock.set(row.next_at - timedelta(microseconds=1))
        assert await office.take() == []
        office.clock.set(row.next_at)
    assert all(0.8 <= factor <= 1.2 for factor in factors)
    assert len(set(factors)) == len(PAUSES_S)
    assert sum(PAUSES_S) == 252_755  # 70 hours
    [last] = await office.take()
    assert last.attempt == 13
    assert await office.finish(failed(last)) == {last.id: "DEAD"}
    [row] = await office.deliveries()
    assert (row.state, row.attempts, row.finished_at) == (DeliveryState.DEAD, 13, office.now)
    assert office.now - start > timedelta(hours=56)
    office.wait(7 * 86_400)
    assert await office.take() == []


async def test_giving_up_is_dead_at_once_and_lets_the_next_one_go(office: Office) -> None:
    events = [office.event("evt_1", "pay_1"), office.event("evt_2", "pay_1")]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    [taken] = await office.take()
    result = Result(taken.id, 1, False, 410, "x" * 500, give_up=True)
    assert await office.finish(result) == {taken.id: "DEAD"}
    first = min(await office.deliveries(), key=lambda d: d.event_id)
    assert first.last_error == "x" * 200
    assert names(await office.take()) == [("evt_2", "whe_a")]


async def test_what_waits_behind_a_failure_sleeps_with_it(office: Office) -> None:
    events = [office.event(f"evt_{i}", "pay_1") for i in (1, 2, 3)]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    [taken] = await office.take()
    await office.finish(failed(taken))
    rows = await office.deliveries()
    assert len({row.next_at for row in rows}) == 1
    assert rows[0].next_at > office.now
    assert sorted(row.attempts for row in rows) == [0, 0, 1]


async def test_replay_puts_finished_ones_back(office: Office) -> None:
    events = [office.event(f"evt_{i}", f"pay_{i}") for i in (1, 2, 3)]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    one, two, three = await office.take()
    await office.finish(done(one), Result(two.id, 1, False, give_up=True))
    async with office.database.transaction() as tx:
        ids = [one.id, two.id, three.id, "dlv_unknown"]
        none = await deliveries.replay(tx, ids=ids, now=office.now, owner="mer_b")
        back = await deliveries.replay(tx, ids=ids, now=office.now, owner="mer_a")
    assert none == frozenset()
    assert back == {one.id, two.id}
    assert [(t.id, t.attempt) for t in await office.take()] == [(one.id, 1), (two.id, 1)]


async def test_a_replayed_one_goes_before_later_ones_of_its_object(office: Office) -> None:
    events = [office.event("evt_1", "pay_1"), office.event("evt_2", "pay_1")]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    [one] = await office.take()
    await office.finish(done(one))
    async with office.database.transaction() as tx:
        await deliveries.replay(tx, ids=[one.id], now=office.now)
    assert names(await office.take()) == [("evt_1", "whe_a")]


async def test_pages_are_by_owner_newest_first(office: Office) -> None:
    events = [office.event(f"evt_{i}", f"pay_{i}") for i in (3, 1, 2)]
    await office.put(
        [*events, office.event("evt_4", "pay_4", "mer_b")], {"evt_1": ["whe_a"], "evt_2": ["whe_a"]}
    )
    async with office.database.transaction(readonly=True) as tx:
        page = await outbox.list_events(tx, owner="mer_a", most=2)
        rest = await outbox.list_events(tx, owner="mer_a", before=page[-1].id, most=2)
        with pytest.raises(Refused, match="event_not_found"):
            await outbox.get_event(tx, "evt_4", owner="mer_a")
        everything = await outbox.list_events(tx, owner=None)
        dead, _ = await deliveries.list_deliveries(
            tx, owner="mer_a", sought=Sought(DeliveryState.DEAD)
        )
        ways, after = await deliveries.list_deliveries(tx, owner="mer_a", most=1)
        more, end = await deliveries.list_deliveries(tx, owner="mer_a", before=after)
    assert [e.id for e in page] == ["evt_3", "evt_2"]
    assert [e.id for e in rest] == ["evt_1"]
    assert dead == []
    assert [e.id for e in everything] == ["evt_4", "evt_3", "evt_2", "evt_1"]
    assert len(ways) == len(more) == 1
    assert (after, end) == (ways[0].id, None)
    assert {ways[0].event_id, more[0].event_id} == {"evt_1", "evt_2"}


async def test_parallel_takers_never_share_a_claim_and_keep_the_order(office: Office) -> None:
    events = [office.event(f"evt_{i:03}", f"pay_{i % 20}") for i in range(100)]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    seen: list[Taken] = []

    async def work() -> None:
        idle = 0
        while idle < 5:
            taken = await office.take(most=7)
            idle = 0 if taken else idle + 1
            seen.extend(taken)
            await asyncio.sleep(0.002)
            await office.finish(*[done(t) for t in taken])

    await asyncio.gather(*[work() for _ in range(6)])
    assert len(seen) == 100
    assert len({t.id for t in seen}) == 100
    for number in range(20):
        mine = [t.event.id for t in seen if t.event.object_id == f"pay_{number}"]
        assert mine == sorted(mine)


async def test_a_claim_in_an_open_transaction_is_stepped_over(office: Office) -> None:
    events = [office.event("evt_1", "pay_1"), office.event("evt_2", "pay_2")]
    await office.put(events, {e.id: ["whe_a"] for e in events})
    async with office.database.transaction() as tx:
        first = await outbox.take(tx, now=office.now, most=1, lease_s=30)
        second = await asyncio.create_task(office.take())
    assert names(first) == [("evt_1", "whe_a")]
    assert names(second) == [("evt_2", "whe_a")]


async def test_the_application_can_change_neither_an_event_nor_what_a_delivery_carries(
    office: Office,
) -> None:
    await office.put([office.event("evt_1", "pay_1")], {"evt_1": ["whe_a"]})
    before = await office.deliveries()
    for attack in (
        "UPDATE storage.event SET body = 'x'",
        "DELETE FROM storage.event",
        "UPDATE storage.delivery SET endpoint_id = 'whe_mine'",
        "DELETE FROM storage.delivery",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with office.database.transaction() as tx:
                await tx.execute(attack)
    assert await office.deliveries() == before


async def test_even_the_owner_of_the_database_cannot_change_an_event(
    office: Office, owner: asyncpg.Connection
) -> None:
    await office.put([office.event("evt_1", "pay_1")], {})
    for attack in ("UPDATE storage.event SET body = 'x'", "TRUNCATE storage.event"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(attack)
    assert await owner.fetchval("SELECT body FROM storage.event") == b"evt_1"
