"""Profiles against the definitions, read naively off the list of all events."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tests.property.risk.oracle import Past, random_events, random_features, steps

from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import Event, Kind
from anfu.risk.features import Aggregate, Catalogue, Entity, Feature, make_catalogue
from anfu.risk.profiles import Profiles

EXTRA = [
    Feature("payer_mean", Entity.PAYER, Aggregate.MEAN, "minor", "mean", "均值"),
    Feature("payer_max", Entity.PAYER, Aggregate.MAX, "minor", "max", "最大"),
    Feature("payer_least", Entity.PAYER, Aggregate.MIN, "minor", "min", "最小"),
    Feature("payer_first", Entity.PAYER, Aggregate.FIRST, "minor", "first", "首笔"),
    Feature("payer_last", Entity.PAYER, Aggregate.LAST, "minor", "last", "末笔"),
    Feature("payer_std", Entity.PAYER, Aggregate.STD, "minor", "std", "标准差"),
    Feature("payer_total", Entity.PAYER, Aggregate.SUM, "minor", "sum", "合计"),
]
FULL = make_catalogue([*CATALOGUE.features, *EXTRA])
WILD = [make_catalogue(random_features(seed, 120)) for seed in range(4)]


def walk(catalogue: Catalogue, seed: int, events: list[Event]) -> int:
    """Every fact of every payment as it is defined; how many were compared."""
    profiles, past, compared = Profiles(catalogue), Past(), 0
    start = len(catalogue.inputs)
    for what, given in steps(seed, events):
        if what == "word":
            event, fraud, at = given
            profiles.label_one(event, fraud=fraud, at=at)
            past.hear(event, fraud=fraud, at=at)
        elif what == "forget":
            profiles.forget_one(given)
            past.events.remove(given)
        elif given.kind is Kind.PAYMENT:
            facts = profiles.learn_one(given)
            for feature, value in zip(catalogue.features, facts[start:-1], strict=True):
                wanted = past.value(given, feature)
                assert value == wanted, (feature, given)
                assert type(value) is type(wanted), feature
                compared += 1
            assert facts[-1] is None
            past.events.append(given)
        else:
            profiles.observe_one(given)
            past.events.append(given)
    return compared


@pytest.mark.parametrize("mean_s", [60.0, 7_200.0, 90_000.0])
def test_facts_are_as_defined_whatever_the_order_and_whatever_was_forgotten(
    mean_s: float,
) -> None:
    assert walk(FULL, 11, random_events(int(mean_s), 160, mean_s=mean_s)) > 4_000


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mean_s", [120.0, 20_000.0])
def test_any_declaration_means_what_it_says(seed: int, mean_s: float) -> None:
    assert walk(WILD[seed], seed, random_events(seed, 160, mean_s=mean_s)) > 8_000


def told(profiles: Profiles, what: str, given: Any) -> Any:
    """One step; the facts of a payment."""
    if what == "word":
        profiles.label_one(given[0], fraud=given[1], at=given[2])
    elif what == "forget":
        profiles.forget_one(given)
    elif given.kind is Kind.PAYMENT:
        return profiles.learn_one(given)
    else:
        profiles.observe_one(given)
    return None


@pytest.mark.parametrize("cut", [1, 57, 199])
@pytest.mark.parametrize("catalogue", [FULL, WILD[0], WILD[1]])
def test_a_store_lost_in_the_middle_and_rebuilt_gives_the_same_facts(
    catalogue: Catalogue, cut: int
) -> None:
    given = list(steps(cut, random_events(5, 200, mean_s=20_000.0)))
    undisturbed = Profiles(catalogue)
    wanted = [told(undisturbed, *step) for step in given]
    # What is in the database after the loss: what was not rolled back, in any order.
    gone = [event for what, event in given[:cut] if what == "forget"]
    kept = [step for step in given[:cut] if step[0] == "event" and step[1] not in gone]
    words = [step for step in given[:cut] if step[0] == "word" and step[1][0] not in gone]
    random.Random(cut).shuffle(kept)
    random.Random(cut).shuffle(words)
    rebuilt = Profiles(catalogue)
    assert rebuilt.rebuild(event for _, event in kept) == len(kept)
    for step in words:
        told(rebuilt, *step)
    assert [told(rebuilt, *step) for step in given[cut:]] == wanted[cut:]


@pytest.mark.parametrize("catalogue", [FULL, WILD[2]])
def test_forgetting_a_batch_leaves_no_trace(catalogue: Catalogue) -> None:
    events = [e for e in random_events(9, 160, mean_s=3_000.0) if e.kind is Kind.PAYMENT]
    disturbed, undisturbed = Profiles(catalogue), Profiles(catalogue)
    for event in events[:60]:
        disturbed.learn_one(event)
        undisturbed.learn_one(event)
    doomed = [Event(f"x{i}", "cus_a", "mer_new", 7, "CNY", "CARD", "tok_new", events[59].at)
              for i in range(10)]  # fmt: skip
    for event in doomed:
        disturbed.learn_one(event)
    for event in doomed:
        disturbed.forget_one(event)
    assert [disturbed.learn_one(e) for e in events[60:]] == [
        undisturbed.learn_one(e) for e in events[60:]
    ]


async def test_a_look_leaves_no_trace() -> None:
    events = [e for e in random_events(3, 200, mean_s=3_000.0) if e.kind is Kind.PAYMENT]
    looked, blind = Profiles(WILD[3]), Profiles(WILD[3])
    for event in events:
        [seen] = await looked.look([event])
        assert [seen] == await looked.learn([event]) == await blind.learn([event])
