"""The world of one seed: who lives in it, and what they mean to do on each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.simulation.client import Person
from anfu.simulation.deeds import plan_deeds
from anfu.simulation.frauds import Invention, Scene, plan_frauds
from anfu.simulation.habits import Day, plan_day
from anfu.simulation.lookalikes import marked, plan_lookalikes
from anfu.simulation.merchants import Merchant, make_merchants, make_shells
from anfu.simulation.payers import Payer, make_payers, make_person
from anfu.simulation.places import CITIES
from anfu.simulation.plan import Act, Plan
from anfu.simulation.schemes import SCRIPTS

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each. Mules are accounts opened by fraudsters, shells merchants."""

    payers: int = 300
    cities: int = len(CITIES)
    mules: int = 4
    shells: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """`start` is midnight in Shanghai before the first day. Accounts are numbered: first the
    payers', then the mules'; merchants: first the honest, then the `shells`.

    `attack` is the share of payments that are frauds of every kind, in a world where honest people
    do what frauds do; None is a quieter world of four kinds.
    """

    seed: int
    start: datetime
    payers: tuple[Payer, ...]
    mules: tuple[Person, ...]
    merchants: tuple[Merchant, ...]
    shells: tuple[Merchant, ...] = ()
    attack: float | None = None
    invention: Invention | None = None

    def acts(self, day: int) -> list[Act]:
        """What everybody means to do on a day, payments and what is around them, in order of
        time."""
        today = Day(self.seed, day, self.start + day * _DAY)
        first = len(self.payers)
        mules = tuple(range(first, first + len(self.mules)))
        acts: list[Act] = []
        for payer in self.payers:
            plans = list(marked(today, payer, plan_day(today, payer, self.merchants)))
            acts += plans
            if self.attack is not None:
                acts += plan_deeds(today, payer, plans)
        if self.attack is not None:
            acts += plan_lookalikes(today, self.payers, self.merchants)
        scene = Scene(self.payers, mules, self.merchants, self.shells)
        acts += plan_frauds(today, scene, SCRIPTS, attack=self.attack, invention=self.invention)
        return sorted(acts, key=lambda act: (act.at, act.key))

    def plan(self, day: int) -> list[Plan]:
        """The payments among them."""
        return [act for act in self.acts(day) if isinstance(act, Plan)]

    def people(self) -> list[tuple[Person, int]]:
        """Every account's person and first deposit in fen, by number."""
        return [(p.person, p.deposit) for p in self.payers] + [(m, 0) for m in self.mules]


def make_world(seed: int, size: Size, *, start: datetime, attack: float | None = None) -> World:
    """The world of this seed; `start` is a midnight in Shanghai."""
    merchants = make_merchants(seed, cities=size.cities)
    shells = make_shells(seed, size.shells, after=len(merchants))
    payers = make_payers(seed, size.payers, merchants, cities=size.cities)
    mules = tuple(make_person(seed, size.payers + n, account_class=2) for n in range(size.mules))
    return World(seed, start, payers, mules, merchants, shells, attack)
