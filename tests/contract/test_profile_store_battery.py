"""One battery for every store of profiles: each fact as it is defined, whatever happened before.

In process; in Valkey by one process; by three in turn, of which two keep next to no tracks of their
own and read snapshots again and again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from tests.property.risk.oracle import Past, random_events, random_features, steps
from tests.valkey_server import Server

from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import ProfileStore
from anfu.risk.event import Event, Kind
from anfu.risk.features import Catalogue, make_catalogue
from anfu.risk.profiles import Profiles
from anfu.risk.shared import store as shared
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.valkey import Line, read_address

WILD = make_catalogue(random_features(1, 120))
Stores = Callable[[Catalogue], Sequence[ProfileStore]]


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("valkey"))
    yield server
    server.kill()


@pytest.fixture(params=["process", "valkey", "valkey-three"])
async def stores(
    request: pytest.FixtureRequest, valkey: Server, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stores]:
    monkeypatch.setattr(shared, "SHORT", 4)
    async with AsyncExitStack() as stack:

        def made(catalogue: Catalogue) -> list[ProfileStore]:
            if request.param == "process":
                return [Profiles(catalogue)]
            found: list[ProfileStore] = []
            for number in range(1 if request.param == "valkey" else 3):
                line = Line(read_address(valkey.url))
                stack.push_async_callback(line.aclose)
                found.append(
                    SharedProfiles(
                        catalogue, line, name=f"test{number}", limit_s=10,
                        most_keys=1_000 if number == 0 else 2,
                    )
                )  # fmt: skip
            with valkey.client() as client:
                client.flushall()
                client.set(found[0].marker, "g1")  # type: ignore[attr-defined]
            return found

        yield made


def checked(catalogue: Catalogue, past: Past, event: Event, facts: Sequence[Any]) -> int:
    start = len(catalogue.inputs)
    for feature, value in zip(catalogue.features, facts[start:-1], strict=True):
        wanted = past.value(event, feature)
        assert value == wanted, (feature, event)
        assert type(value) is type(wanted), feature
    return len(catalogue.features)


@pytest.mark.parametrize("catalogue", [CATALOGUE, WILD], ids=["shipped", "wild"])
@pytest.mark.parametrize("mean_s", [60.0, 20_000.0])
async def test_facts_are_as_defined_whoever_learned_heard_or_forgot_what_went_before(
    stores: Stores, catalogue: Catalogue, mean_s: float
) -> None:
    turn, past, compared = cycle(stores(catalogue)), Past(), 0
    for what, given in steps(11, random_events(int(mean_s), 110, mean_s=mean_s)):
        profiles = next(turn)
        if what == "word":
            event, fraud, at = given
            await profiles.label(event, fraud=fraud, at=at)
            past.hear(event, fraud=fraud, at=at)
        elif what == "forget":
            await profiles.forget([given])
            past.events.remove(given)
        elif given.kind is Kind.PAYMENT:
            [seen] = await profiles.look([given])
            [facts] = await next(turn).learn([given])
            assert seen == facts
            compared += checked(catalogue, past, given, facts)
            past.events.append(given)
        else:
            await profiles.observe([given])
            past.events.append(given)
    assert compared > 4_000


async def test_a_batch_is_learned_in_its_order_and_each_sees_those_before(stores: Stores) -> None:
    past, turn = Past(), cycle(stores(CATALOGUE))
    events = [e for e in random_events(5, 240, mean_s=600.0) if e.kind is Kind.PAYMENT]
    sizes = cycle([1, 7, 30])
    while events:
        size = next(sizes)
        batch, events = events[:size], events[size:]
        for event, facts in zip(batch, await next(turn).learn(batch), strict=True):
            checked(CATALOGUE, past, event, facts)
            past.events.append(event)


async def test_a_batch_that_cannot_be_learned_leaves_nothing(stores: Stores) -> None:
    turn = cycle(stores(CATALOGUE))
    events = [e for e in random_events(6, 60, mean_s=600.0) if e.kind is Kind.PAYMENT]
    await next(turn).learn(events[:20])
    untouched = [await next(turn).look([event]) for event in events[20:30]]
    broken: Any = object()
    with pytest.raises(AttributeError):
        await next(turn).learn([*events[20:25], broken])
    assert [await next(turn).look([event]) for event in events[20:30]] == untouched


async def test_a_hot_key_is_read_from_tiles_that_are_the_same_everywhere(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stores(CATALOGUE)
    turn, alone = cycle(made), Profiles(CATALOGUE)
    [first] = [e for e in random_events(8, 20, mean_s=60.0) if e.kind is Kind.PAYMENT][:1]
    flood = [
        Event(f"hot_{i}", f"cus_{i % 700}", "mer_hot", 1 + i % 900, "CNY", "CARD", None,
              first.at + timedelta(milliseconds=300 * i))
        for i in range(9_000)
    ]  # fmt: skip
    for at in range(0, len(flood), 1_000):
        batch = flood[at : at + 1_000]
        assert await next(turn).learn(batch) == await alone.learn(batch)
    [facts] = await next(turn).look([flood[-1]])
    assert facts[-1] == "payee"
    assert [facts] == await alone.look([flood[-1]])
