"""The nine typologies and their honest look-alikes, each as it says it is, at the stated rate."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from anfu.risk.environment import distance_km
from anfu.risk.event import BEHAVIOUR
from anfu.simulation.frauds import QUIET_DAYS, Invention
from anfu.simulation.plan import INVENTED, THEFTS, Act, Alike, Deed, FraudKind, Plan, Side
from anfu.simulation.world import Size, World, make_world

START = datetime(2026, 10, 31, 16, tzinfo=UTC)
DAYS, ATTACK = 16, 0.05
SIZE = Size(payers=200, mules=30, shells=4)
Runs = list[list[Plan]]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(3, SIZE, start=START, attack=ATTACK)


@pytest.fixture(scope="module")
def acts(world: World) -> list[Act]:
    return [act for day in range(DAYS) for act in world.acts(day)]


@pytest.fixture(scope="module")
def plans(acts: list[Act]) -> list[Plan]:
    return [act for act in acts if isinstance(act, Plan)]


@pytest.fixture(scope="module")
def deeds(acts: list[Act]) -> list[Deed]:
    return [act for act in acts if isinstance(act, Deed)]


@pytest.fixture(scope="module")
def runs(plans: list[Plan]) -> dict[FraudKind, Runs]:
    found: dict[FraudKind, dict[str, list[Plan]]] = {kind: defaultdict(list) for kind in FraudKind}
    for plan in plans:
        if plan.fraud is not None:
            found[plan.fraud][plan.key.rpartition("-")[0]].append(plan)
    return {kind: list(by_run.values()) for kind, by_run in found.items()}


def test_frauds_come_at_the_stated_rate_and_none_in_the_quiet_days(
    world: World, plans: list[Plan], runs: dict[FraudKind, Runs]
) -> None:
    quiet = START + timedelta(days=QUIET_DAYS)
    after = [p for p in plans if p.at >= quiet]
    assert {p.fraud for p in plans if p.at < quiet} == {None}
    share = sum(not p.honest for p in after) / len(after)
    assert 0.75 * ATTACK < share < 1.25 * ATTACK
    assert {kind for kind in FraudKind if not runs[kind]} == INVENTED
    tenth = make_world(3, SIZE, start=START, attack=ATTACK / 10)
    fewer = sum(not p.honest for day in range(DAYS) for p in tenth.plan(day))
    assert fewer < 0.25 * sum(not p.honest for p in plans)


def test_the_same_seed_acts_the_same_days_in_order(world: World, acts: list[Act]) -> None:
    assert make_world(3, SIZE, start=START, attack=ATTACK).acts(7) == world.acts(7)
    keys = [act.key for act in acts]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 100 and key.isascii() and " " not in key for key in keys)
    assert all(a.at <= b.at for day in range(DAYS) for a, b in pairwise(world.acts(day)))


def test_a_quieter_world_has_four_kinds_and_no_look_alikes_of_its_own() -> None:
    quiet = make_world(3, Size(payers=200), start=START)
    plans = [p for day in range(DAYS) for p in quiet.plan(day)]
    assert {p.fraud for p in plans} - {None} == set(list(FraudKind)[:4])
    assert {p.alike for p in plans} <= {None, Alike.BIG, Alike.TRIP, Alike.NEW_PHONE}


def test_a_copied_session_pays_where_its_owner_cannot_be(
    plans: list[Plan], runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.IMPOSSIBLE_TRAVEL]:
        earlier = [p for p in plans if p.payer == run[0].payer and p.honest and p.at < run[0].at]
        last = earlier[-1]
        assert last.place.latitude and last.place.longitude
        assert run[0].place.latitude and run[0].place.longitude
        there = (run[0].place.latitude, run[0].place.longitude)
        away = distance_km(last.place.latitude, last.place.longitude, *there)
        hours = (run[0].at - last.at).total_seconds() / 3600
        assert away / hours > 1_200
        assert {p.place.device for p in run} == {last.place.device}


def test_a_mule_passes_on_within_minutes_what_the_deceived_sent_from_home(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.MULE]:
        ordered = sorted(run, key=lambda p: int(p.key.rpartition("-")[2]))
        for came, went in zip(ordered[::2], ordered[1::2], strict=True):
            assert came.payee == (Side.PAYER, went.payer)
            assert went.payer >= len(world.payers) > came.payer
            assert timedelta(0) < went.at - came.at <= timedelta(minutes=15)
            assert 0.92 * came.amount - 1 <= went.amount < came.amount
            deceived = world.payers[came.payer]
            assert came.place.device is not None
            assert came.place.device.startswith(deceived.devices[0].rpartition("-")[0])


def test_cash_comes_out_of_a_shell_in_round_sums_by_card(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    first = len(world.merchants)
    for run in runs[FraudKind.CASH_OUT]:
        assert {p.payee for p in run} == {run[0].payee}
        assert run[0].payee[0] is Side.MERCHANT and run[0].payee[1] >= first
        assert all(p.card in world.payers[p.payer].cards for p in run)
        assert all(p.amount >= 190_000 and p.amount % 1_000 == 0 for p in run)


def test_a_bonus_is_taken_under_many_names_on_one_phone(
    world: World, runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.BONUS]:
        assert 8 <= len(run) == len({p.payer for p in run})
        assert len({p.place.device for p in run}) == len({p.promotion for p in run}) == 1
        assert run[0].promotion is not None
        assert all(p.payer >= len(world.payers) for p in run)


def test_goods_that_are_used_come_back(runs: dict[FraudKind, Runs]) -> None:
    for run in runs[FraudKind.REFUND]:
        assert 4 <= len(run) <= 6
        assert all(p.returns and p.payee[0] is Side.MERCHANT for p in run)
    assert not any(
        p.returns
        for kind, of in runs.items()
        if kind is not FraudKind.REFUND
        for r in of
        for p in r
    )


def test_before_a_takeover_the_secrets_change_and_the_payee_is_added(
    deeds: list[Deed], runs: dict[FraudKind, Runs]
) -> None:
    for run in runs[FraudKind.TAKEOVER]:
        paid = min(p.at for p in run)
        seen = [d for d in deeds if d.place.device == run[0].place.device]
        kinds = [d.kind for d in seen if d.kind != "LOGIN_FAILED"]
        assert kinds == ["LOGIN", "PASSWORD_CHANGE", "DEVICE_BIND", "PAYEE_ADD"]
        assert all(paid - timedelta(minutes=16) <= d.at < paid for d in seen)
        assert seen[-1].payee == run[0].payee


def test_honest_people_do_what_frauds_do(world: World, plans: list[Plan]) -> None:
    alike: dict[Alike, list[Plan]] = defaultdict(list)
    for plan in plans:
        if plan.alike is not None:
            assert plan.honest
            alike[plan.alike].append(plan)
    assert set(alike) == set(Alike)
    sale = alike[Alike.FLASH_SALE]
    by_shop = Counter(p.payee for p in sale)
    assert min(by_shop.values()) > 10
    assert all(p.promotion for p in sale)
    pay = sorted(alike[Alike.SALARY], key=lambda p: p.at)
    assert len({p.payer for p in pay}) == 1
    assert len(pay) >= 14 and pay[-1].at - pay[0].at < timedelta(minutes=40)
    rent = alike[Alike.RENT]
    landlord = Counter(p.payee[1] for p in rent).most_common(1)[0][0]
    (on,) = [p for p in rent if p.payer == landlord]
    came = sum(p.amount for p in rent if p.payee == (Side.PAYER, landlord))
    assert 0.6 * came <= on.amount + 1 <= 0.91 * came
    homes = {p.number: p.home for p in world.payers}
    for plan in alike[Alike.TRIP][:200]:
        assert plan.place.latitude and plan.place.longitude
        home = homes[plan.payer]
        there = (plan.place.latitude, plan.place.longitude)
        assert distance_km(home.latitude, home.longitude, *there) > 50


def test_behaviour_is_of_the_kinds_the_api_knows_and_comes_before_its_payment(
    deeds: list[Deed], plans: list[Plan]
) -> None:
    assert {d.kind for d in deeds} <= {kind.value for kind in BEHAVIOUR}
    assert {"LOGIN", "LOGIN_FAILED", "PAGE", "PAYEE_ADD", "DEVICE_BIND"} <= {d.kind for d in deeds}
    assert all((d.duration_ms is not None) == (d.kind == "PAGE") for d in deeds)
    assert all((d.payee is not None) == (d.kind == "PAYEE_ADD") for d in deeds)
    paid = {p.key: p for p in plans}
    for deed in deeds:
        plan = paid.get(deed.key.rpartition("-")[0])
        if plan is not None:
            assert deed.at < plan.at and deed.payer == plan.payer
    assert len(deeds) > 0.6 * len(plans)


def test_thieves_are_those_whose_payer_knows_nothing() -> None:
    assert {k.value for k in set(FraudKind) - THEFTS} == {
        "mule", "cash_out", "bonus", "refund", "remote_control",
    }  # fmt: skip


def test_a_fraud_is_invented_on_its_day_and_nothing_else_changes(
    world: World, plans: list[Plan]
) -> None:
    kind = FraudKind.REMOTE_CONTROL
    later = replace(world, invention=Invention(kind, day=9, share=0.1))
    made = [plan for day in range(DAYS) for plan in later.plan(day)]
    assert [plan for plan in made if plan.fraud is not kind] == plans
    new = [plan for plan in made if plan.fraud is kind]
    assert min(plan.at for plan in new) >= START + timedelta(days=9)
    after = [plan for plan in made if plan.at >= START + timedelta(days=9)]
    assert 0.07 < len(new) / len(after) < 0.13
    by_run: dict[str, list[Plan]] = defaultdict(list)
    for plan in new:
        by_run[plan.key.rpartition("-")[0]].append(plan)
    for run in by_run.values():
        assert 8 <= len(run) <= 12
        assert len({(plan.payer, plan.payee, plan.place.device) for plan in run}) == 1
        assert str(run[0].place.device).startswith(f"phone-{run[0].payer}-")
        assert run[-1].at - run[0].at < timedelta(minutes=15)
