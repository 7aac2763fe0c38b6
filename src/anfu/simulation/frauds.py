"""Scripts of fraud. Each is a run of plans by somebody who knows what he does; what he has seen of
his victim he has from the habits every payer shows."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.simulation.dice import chance, dice, lognormal
from anfu.simulation.habits import Day, place
from anfu.simulation.merchants import ELECTRONICS, GAMES, MALL, Merchant
from anfu.simulation.payers import Payer
from anfu.simulation.places import CITIES, City, far_from, rented_address, spot_in
from anfu.simulation.plan import FraudKind, Plan, Side

FAR_KM = 700.0
QUIET_DAYS = 2
# How many runs of each kind a thousand payers suffer on a day.
RATES: dict[FraudKind, float] = {
    FraudKind.STOLEN_CARD: 6.0,
    FraudKind.SMALL_TRANSFERS: 1.5,
    FraudKind.CARD_TESTING: 3.0,
    FraudKind.TAKEOVER: 5.0,
}
# Dead cards among those that are tested; the network declines them.
_DEAD = ("tok_stolen_card", "tok_expired_card")
# The most a takeover takes at once, in fen: just under the limit of 43号 art. 24(2), or all.
_WISE, _GREEDY = 495_000, 5_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """Where frauds happen: honest `payers`, `mules` (numbers of accounts the fraudsters opened),
    `merchants`."""

    payers: tuple[Payer, ...]
    mules: tuple[int, ...]
    merchants: tuple[Merchant, ...]


def plan_frauds(day: Day, scene: Scene) -> Iterator[Plan]:
    """The frauds of a day. The first days have none: nobody is known yet. From then on every day
    has at least one run of one kind, each kind in its turn."""
    kinds = list(FraudKind)
    for place_, kind in enumerate(kinds):
        thrown = dice(day.seed, "frauds", day.number, kind)
        mean = RATES[kind] * len(scene.payers) / 1000
        runs = int(mean) + chance(thrown, mean % 1)
        if (day.number - QUIET_DAYS) % len(kinds) == place_:
            runs = max(runs, 1)
        for run in range(runs if day.number >= QUIET_DAYS else 0):
            yield from _run(day, kind, run, scene)


def _run(day: Day, kind: FraudKind, run: int, scene: Scene) -> Iterator[Plan]:
    thrown = dice(day.seed, "fraud", day.number, kind, run)
    name = f"{kind}-{run}"
    fraud = _Fraud(day, name, scene, thrown, f"burner-{day.seed}-{day.number}-{name}")
    yield from _SCRIPTS[kind](fraud)


@dataclass(frozen=True, slots=True)
class _Fraud:
    day: Day
    name: str
    scene: Scene
    thrown: random.Random
    device: str

    def stolen_card(self) -> Iterator[Plan]:
        """High amounts in shops far away, as fast as one walks from shop to shop."""
        victim = self.thrown.choice(self.scene.payers)
        city = far_from(victim.home, FAR_KM, self.thrown)
        address = rented_address(self.thrown)
        card = self.thrown.choice(victim.cards)
        shops = _shops(self.scene.merchants, city)
        for n, at in enumerate(self._moments(self.thrown.randint(1, 3), hours=(9, 20), gap_s=600)):
            yield Plan(
                key=self._key(n),
                at=at,
                payer=victim.number,
                payee=(Side.MERCHANT, self.thrown.choice(shops).number),
                amount=lognormal(self.thrown, 280_000, 0.5, 80_000, 900_000),
                place=place(self.device, address, spot_in(city, self.thrown)),
                factors=("password",),
                card=card,
                fraud=FraudKind.STOLEN_CARD,
            )

    def small_transfers(self) -> Iterator[Plan]:
        """Sums too small to be noticed, out of one account to a mule, one a minute."""
        victim = self.thrown.choice(self.scene.payers)
        mule = self.thrown.choice(self.scene.mules)
        city = self.thrown.choice(CITIES)
        address = rented_address(self.thrown)
        spot = spot_in(city, self.thrown)
        many = self.thrown.randint(12, 24)
        for n, at in enumerate(self._moments(many, hours=(0, 22), gap_s=70)):
            yield Plan(
                key=self._key(n),
                at=at,
                payer=victim.number,
                payee=(Side.PAYER, mule),
                amount=self.thrown.randrange(4_900, 19_900),
                place=place(self.device, address, spot),
                factors=("password", "device_key"),
                fraud=FraudKind.SMALL_TRANSFERS,
            )

    def card_testing(self) -> Iterator[Plan]:
        """Bought card numbers tried one after another, a few yuan each, in one web shop."""
        mule = self.thrown.choice(self.scene.mules)
        shop = self.thrown.choice([m for m in self.scene.merchants if m.category in (MALL, GAMES)])
        address = rented_address(self.thrown)
        many = self.thrown.randint(10, 20)
        for n, at in enumerate(self._moments(many, hours=(0, 23), gap_s=25)):
            dead = chance(self.thrown, 0.4)
            token = self.thrown.choice(_DEAD) if dead else f"bought-{self._key(n)}"
            yield Plan(
                key=self._key(n),
                at=at,
                payer=mule,
                payee=(Side.MERCHANT, shop.number),
                amount=self.thrown.randrange(100, 500),
                place=place(self.device, address, spot_in(CITIES[0], self.thrown)),
                card=token,
                fraud=FraudKind.CARD_TESTING,
            )

    def takeover(self) -> Iterator[Plan]:
        """A new phone in a new place, bound to the account, sends what is there to a new payee:
        mostly no more than the day's limit of two factors lets through, by some greedily all."""
        victim = self.thrown.choice(self.scene.payers)
        mule = self.thrown.choice(self.scene.mules)
        city = far_from(victim.home, FAR_KM, self.thrown)
        address = rented_address(self.thrown)
        spot = spot_in(city, self.thrown)
        greedy = chance(self.thrown, 0.25)
        for n, at in enumerate(self._moments(self.thrown.randint(1, 2), hours=(0, 23), gap_s=300)):
            yield Plan(
                key=self._key(n),
                at=at,
                payer=victim.number,
                payee=(Side.PAYER, mule),
                amount=_GREEDY if greedy else lognormal(self.thrown, 300_000, 0.3, 100_000, _WISE),
                place=place(self.device, address, spot),
                factors=("password", "device_key"),
                fraud=FraudKind.TAKEOVER,
                share=round(self.thrown.uniform(0.5, 0.95), 3),
            )

    def _moments(self, many: int, *, hours: tuple[int, int], gap_s: int) -> list[datetime]:
        """`many` moments of the day, about `gap_s` apart, the first within `hours`."""
        at = self.day.start + timedelta(seconds=self.thrown.randrange(*(3600 * h for h in hours)))
        moments = []
        for _ in range(many):
            moments.append(at)
            at += timedelta(seconds=self.thrown.randint(gap_s // 2, gap_s * 3 // 2))
        return moments

    def _key(self, n: int) -> str:
        return self.day.key(self.name, n)


def _shops(merchants: Sequence[Merchant], city: City) -> list[Merchant]:
    """Where dear things are sold in the city, or over the net."""
    near = [m for m in merchants if m.category is ELECTRONICS and m.city is city]
    return near or [m for m in merchants if m.category is MALL]


_SCRIPTS: dict[FraudKind, Callable[[_Fraud], Iterator[Plan]]] = {
    FraudKind.STOLEN_CARD: _Fraud.stolen_card,
    FraudKind.SMALL_TRANSFERS: _Fraud.small_transfers,
    FraudKind.CARD_TESTING: _Fraud.card_testing,
    FraudKind.TAKEOVER: _Fraud.takeover,
}
