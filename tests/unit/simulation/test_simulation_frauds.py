"""Each script does what it says, and knows that it is a fraud."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from anfu.risk.environment import distance_km
from anfu.simulation.frauds import QUIET_DAYS, RATES
from anfu.simulation.plan import FraudKind, Plan, Side
from anfu.simulation.thefts import FAR_KM
from anfu.simulation.world import Size, World, make_world

START = datetime(2026, 10, 31, 16, tzinfo=UTC)
Runs = list[list[Plan]]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(3, Size(payers=200), start=START)


@pytest.fixture(scope="module")
def runs(world: World) -> dict[FraudKind, Runs]:
    """The plans of each run, by kind; a run has one device."""
    found: dict[FraudKind, dict[str, list[Plan]]] = {kind: defaultdict(list) for kind in FraudKind}
    for day in range(QUIET_DAYS + 8):
        for plan in world.plan(day):
            if plan.fraud is not None:
                found[plan.fraud][plan.key.rpartition("-")[0]].append(plan)
    return {kind: list(by_run.values()) for kind, by_run in found.items()}


def test_the_first_days_are_quiet_and_then_every_kind_has_its_turn(world: World) -> None:
    days = [{p.fraud for p in world.plan(d) if p.fraud} for d in range(QUIET_DAYS + 4)]
    assert days[:QUIET_DAYS] == [set()] * QUIET_DAYS
    for kind, day in zip(RATES, days[QUIET_DAYS:], strict=True):
        assert kind in day


def test_every_run_has_one_device_that_no_honest_payer_uses(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    honest = {d for payer in world.payers for d in payer.devices}
    for run in (run for kind in runs.values() for run in kind):
        devices = {plan.place.device for plan in run}
        assert len(devices) == 1
        assert devices.isdisjoint(honest)


def test_a_stolen_card_pays_much_far_from_its_owner(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.STOLEN_CARD]:
        owner = world.payers[run[0].payer]
        assert 1 <= len(run) <= 3
        for plan in run:
            assert plan.card in owner.cards
            assert plan.amount >= 80_000
            assert plan.payee[0] is Side.MERCHANT
            assert plan.place.latitude is not None and plan.place.longitude is not None
            there = (plan.place.latitude, plan.place.longitude)
            assert distance_km(owner.home.latitude, owner.home.longitude, *there) > FAR_KM - 20


def test_small_transfers_go_out_of_one_account_to_one_mule_within_the_hour(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.SMALL_TRANSFERS]:
        assert 12 <= len(run) <= 24
        assert len({plan.payer for plan in run}) == len({plan.payee for plan in run}) == 1
        side, mule = run[0].payee
        assert side is Side.PAYER and mule >= len(world.payers)
        assert max(plan.amount for plan in run) < 20_000
        assert run[-1].at - run[0].at < timedelta(hours=1)


def test_card_testing_tries_many_cards_from_one_place_with_a_few_yuan(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.CARD_TESTING]:
        assert 10 <= len(run) <= 20
        assert len({plan.card for plan in run}) > len(run) / 3
        assert len({plan.place.address for plan in run}) == 1
        assert max(plan.amount for plan in run) < 500
        assert run[-1].at - run[0].at < timedelta(minutes=15)
        assert run[0].payer >= len(world.payers)


def test_a_takeover_takes_a_large_share_to_a_new_payee(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.TAKEOVER]:
        for plan in run:
            assert plan.share is not None and 0.5 <= plan.share <= 0.95
            assert plan.card is None
            assert plan.payee[1] >= len(world.payers)


def test_no_fraudster_has_the_victims_phone(runs: dict[FraudKind, Runs]) -> None:
    for run in (run for kind in runs.values() for run in kind):
        assert not any("sms_code" in plan.factors for plan in run)
