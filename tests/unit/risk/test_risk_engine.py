"""The engine on streams: honest habits pass, each kind of fraud is met, batches are taken back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import Decision
from anfu.risk.engine import Budget, Engine, Linked, NoGraph, Scores
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.facts import Facts
from anfu.risk.features import make_catalogue
from anfu.risk.profiles import Profiles
from anfu.risk.rules import Grade, Outcome, Rule, default_rule_set, make_rule_set

START = datetime(2026, 11, 1, tzinfo=UTC)
CITIES = [(31.2, 121.5), (39.9, 116.4), (22.5, 114.1), (30.6, 104.1), (45.8, 126.5), (43.8, 87.6)]


def engine() -> Engine:
    return Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE))


def honest_events(seed: int, *, payers: int, days: int) -> list[Event]:
    """Payers with a home, one to eight payments a day of 5 to 500 CNY, sometimes a journey."""
    source, made = random.Random(seed), []
    for payer in range(payers):
        home = source.choice(CITIES)
        devices = [f"dvc_{payer}_{i}" for i in range(source.randint(1, 2))]
        shops = [f"mer_{source.randrange(200)}" for _ in range(12)]
        city = home
        for day in range(days):
            if source.random() < 0.05:
                city = source.choice(CITIES) if city == home else home
            opening = START + timedelta(days=day)
            seconds = sorted(source.uniform(0, 57_600) for _ in range(source.randint(1, 8)))
            for second in seconds:
                amount = min(50_000, max(500, int(source.lognormvariate(8.5, 1.0))))
                place = (city[0] + source.gauss(0, 0.05), city[1] + source.gauss(0, 0.05))
                environment = Environment(source.choice(devices), f"ip_{payer // 3}", *place)
                shop = (
                    source.choice(shops)
                    if source.random() < 0.8
                    else f"mer_{source.randrange(200)}"
                )
                at = opening + timedelta(seconds=second)
                made.append(Event(f"pay_{len(made)}", f"cus_{payer}", shop, amount, "CNY", "CARD",
                                  f"tok_{payer}", at, environment))  # fmt: skip
    return sorted(made, key=lambda e: e.at)


async def run(engine: Engine, events: list[Event]) -> list[Decision]:
    return await engine.decide(events, [f"dec_{e.id}" for e in events])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_honest_habits_are_hardly_ever_disturbed(seed: int) -> None:
    decisions = await run(engine(), honest_events(seed, payers=80, days=14))
    outcomes = Counter(d.outcome for d in decisions)
    assert len(decisions) > 4_000
    assert outcomes[Outcome.CHALLENGE] + outcomes[Outcome.REVIEW] < len(decisions) // 100
    assert outcomes[Outcome.BLOCK] == 0


HOME = Environment("dvc_1", "ip_1", 31.2, 121.5)


def pay(seconds: float, amount: int, *, payer: str = "cus_1", payee: str = "mer_1",
        card: str | None = "tok_1", seen: Environment = HOME) -> Event:  # fmt: skip
    at = START + timedelta(seconds=seconds)
    return Event(f"pay_{seconds}", payer, payee, amount, "CNY", "CARD", card, at, seen)


def history() -> list[Event]:
    return [pay(86_400 * day, 10_000) for day in range(10)]


def last(events: list[Event]) -> Decision:
    decisions = asyncio.run(run(engine(), [*history(), *events]))
    assert {d.outcome for d in decisions[:10]} == {Outcome.ALLOW}
    return decisions[-1]


def test_a_stolen_card_used_far_away_is_held_for_a_person() -> None:
    said = last(
        [pay(900_000, 150_000, payee="mer_9", seen=Environment("dvc_9", "ip_9", 43.8, 87.6))]
    )
    assert (said.outcome, said.grade) == (Outcome.REVIEW, Grade.HIGH)
    assert said.reasons == ("ACCOUNT_TAKEOVER", "STOLEN_CARD_FAR", "NEW_DEVICE_NEW_PAYEE",
                            "ABOVE_HABIT",
                            "NEW_DEVICE", "FAR_FROM_HOME")  # fmt: skip


def test_impossible_travel_is_challenged() -> None:
    said = last(
        [pay(900_000, 5_000), pay(903_600, 5_000, seen=Environment("dvc_1", "i", 43.8, 87.6))]
    )
    assert (said.outcome, said.reasons[0]) == (Outcome.CHALLENGE, "IMPOSSIBLE_TRAVEL")


def test_the_eighth_small_transfer_is_challenged() -> None:
    events = [pay(900_000 + 120 * i, 19_000, payee=f"mer_{i}") for i in range(8)]
    assert last(events[:7]).outcome is Outcome.ALLOW
    assert last(events).reasons == ("MANY_SMALL_TRANSFERS",)


def test_the_third_card_on_one_device_is_blocked_for_a_tiny_sum() -> None:
    events = [pay(900_000 + 60 * i, 100, payer=f"cus_{i}", card=f"tok_{i}") for i in range(2, 5)]
    assert last(events[:2]).outcome is Outcome.ALLOW
    said = last(events)
    assert (said.outcome, said.reasons[0]) == (Outcome.BLOCK, "CARD_TESTING_DEVICE")


def test_the_fifth_card_on_one_device_is_blocked() -> None:
    events = [pay(900_000 + 60 * i, 2_000, payer=f"cus_{i}", card=f"tok_{i}") for i in range(2, 7)]
    assert last(events[:3]).outcome is Outcome.ALLOW
    said = last(events)
    assert (said.outcome, said.reasons[0]) == (Outcome.BLOCK, "CARD_TESTING_DEVICE")


async def test_parallel_batches_see_each_other_and_a_batch_is_taken_back() -> None:
    one, other = engine(), engine()
    await run(one, history())
    await run(other, history())
    batch = [pay(900_000 + i, 100) for i in range(7)]
    await run(one, batch)
    assert (await run(one, [pay(900_010, 100)]))[0].reasons == ("CARD_TESTING_CARD",)
    await one.forget([*batch, pay(900_010, 100)])
    after = [pay(900_020, 100)]
    assert (await run(one, after))[0].facts == (await run(other, after))[0].facts


async def test_a_batch_that_fails_leaves_nothing_learned() -> None:
    one = engine()
    with pytest.raises(ValueError, match="zip"):
        await one.decide([pay(0, 1), pay(1, 1)], ["dec_1"])
    assert set(one.profiles.counts().values()) == {(0, 0)}


async def test_what_is_observed_and_said_is_known_to_profiles_and_graph() -> None:
    told: list[tuple[str, str, bool | None]] = []

    class Listening(NoGraph):
        def learn(self, event: Event) -> Linked:
            told.append(("learn", event.id, None))
            return super().learn(event)

        def label(self, event: Event, *, fraud: bool) -> None:
            told.append(("label", event.id, fraud))

    one = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE), graph=Listening())
    paid, changed = pay(0, 100), replace(pay(5, 0), kind=Kind.PASSWORD_CHANGE, payee="")
    await one.observe([paid, changed])
    await one.label(paid, fraud=True, at=paid.at + timedelta(seconds=7))
    assert told == [("learn", paid.id, None), ("label", paid.id, True)]

    async def known(seconds: float) -> tuple[int, int, str | None]:
        [decision] = await one.decide([pay(seconds, 100)], ["dec_1"], dry_run=True)
        facts = dict(zip((f.name for f in CATALOGUE.facts), decision.facts, strict=True))
        return (facts["payer_since_password_change_s"], facts["payer_fraud_count_90d"],
                facts["approximate"])  # fmt: skip

    assert await known(6) == (1, 0, None)
    assert await known(7) == (2, 1, None)
    await one.label(paid, fraud=False, at=paid.at + timedelta(seconds=60))
    assert (await known(59), await known(60)) == ((54, 1, None), (55, 0, None))


def test_a_rule_set_that_does_not_fit_changes_nothing() -> None:
    one = engine()
    wrong = Rule("wrong", "nothing > 1", Grade.GENERAL, 1, "WRONG", "e", "中")
    with pytest.raises(Refused, match="fact_unknown"):
        one.use(make_rule_set([wrong], default_rule_set().thresholds))
    assert one.rule_set == default_rule_set()
    with pytest.raises(ValueError, match="another catalogue"):
        Engine(make_catalogue(CATALOGUE.features[1:]), default_rule_set(), one.profiles)


class Scorer:
    """Models that say how many rows they were asked about at once."""

    in_force = ("mdl_0", "mdl_2")

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        return [(0.5, 1, float(len(rows)))] * len(rows)

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        return [(("mdl_1", 0.25),)] * len(rows)


async def test_a_budget_that_is_spent_takes_nothing_from_the_others() -> None:
    deciding = Engine(CATALOGUE, default_rule_set(), Profiles(CATALOGUE), models=Scorer())
    now = 10.0
    spent, left = Budget(10.0, lambda: now), Budget(10.1, lambda: now)
    given = [pay(n, 100 * n) for n in range(1, 5)]
    decisions = await deciding.decide(given, list("abcd"), budgets=[None, spent, left, spent])
    found = [dict(zip((f.name for f in CATALOGUE.facts), d.facts, strict=True)) for d in decisions]
    assert [f["degraded"] for f in found] == [None, "model", None, "model"]
    assert [f["model_score"] for f in found] == [0.5, None, 0.5, None]
    assert [f["anomaly_score"] for f in found] == [2.0, None, 2.0, None]
    assert [bool(d.watched) for d in decisions] == [True, False, True, False]
    # Late or not, each was learned, and in its turn.
    assert [f["payer_count"] for f in found] == [1, 2, 3, 4]


async def test_a_dry_run_sees_what_is_known_and_adds_nothing() -> None:
    deciding = engine()
    await run(deciding, [pay(0, 100), pay(1, 100)])
    tried = await deciding.decide([pay(2, 100), pay(3, 100)], ["", ""], dry_run=True)
    real = await run(deciding, [pay(2, 100)])
    assert tried[0].facts == real[0].facts
    place = [f.name for f in CATALOGUE.facts].index("payer_count")
    assert [d.facts[place] for d in tried] == [3, 3]


async def test_a_merchant_that_is_new_and_crowded_divides_nothing_by_zero() -> None:
    """4,200 payments on its first day are past the rows that are kept one by one, and a share of
    fraud a week ago is a share of none."""
    profiles = Profiles(CATALOGUE)
    crowd = [pay(i, 2_000, payer=f"cus_{i}", payee="mer_9") for i in range(4_200)]
    facts = (await profiles.learn(crowd))[-1]
    named = dict(zip((f.name for f in CATALOGUE.facts), facts, strict=False))
    assert (named["payee_fraud_share_21d"], named["payee_count_24h"]) == (0.0, 4_200)
