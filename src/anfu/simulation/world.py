"""The world of one seed: who lives in it, and what they mean to do on each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.simulation.client import Person
from anfu.simulation.frauds import Scene, plan_frauds
from anfu.simulation.habits import Day, plan_day
from anfu.simulation.merchants import Merchant, make_merchants
from anfu.simulation.payers import Payer, make_payers, make_person
from anfu.simulation.places import CITIES
from anfu.simulation.plan import Plan

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each. Mules are accounts opened by fraudsters."""

    payers: int = 300
    cities: int = len(CITIES)
    mules: int = 4


@dataclass(frozen=True, slots=True)
class World:
    """`start` is midnight in Shanghai before the first day. Accounts are numbered: first the
    payers', then the mules'."""

    seed: int
    start: datetime
    payers: tuple[Payer, ...]
    mules: tuple[Person, ...]
    merchants: tuple[Merchant, ...]

    def plan(self, day: int) -> list[Plan]:
        """What everybody means to do on a day, in order of time."""
        today = Day(self.seed, day, self.start + day * _DAY)
        first = len(self.payers)
        mules = tuple(range(first, first + len(self.mules)))
        plans = [p for payer in self.payers for p in plan_day(today, payer, self.merchants)]
        plans += plan_frauds(today, Scene(self.payers, mules, self.merchants))
        return sorted(plans, key=lambda plan: (plan.at, plan.key))

    def people(self) -> list[tuple[Person, int]]:
        """Every account's person and first deposit in fen, by number."""
        return [(p.person, p.deposit) for p in self.payers] + [(m, 0) for m in self.mules]


def make_world(seed: int, size: Size, *, start: datetime) -> World:
    """The world of this seed; `start` is a midnight in Shanghai."""
    merchants = make_merchants(seed, cities=size.cities)
    payers = make_payers(seed, size.payers, merchants, cities=size.cities)
    mules = tuple(make_person(seed, size.payers + n, account_class=2) for n in range(size.mules))
    return World(seed, start, payers, mules, merchants)
