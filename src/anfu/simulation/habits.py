"""An honest day of one payer: when, where, with what and to whom it pays."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from anfu.simulation.client import Place
from anfu.simulation.dice import chance, count, dice, lognormal
from anfu.simulation.merchants import ELECTRONICS, Category, Merchant, pick
from anfu.simulation.payers import Payer
from anfu.simulation.places import (
    CITIES,
    City,
    Spot,
    home_address,
    mobile_address,
    spot_in,
)
from anfu.simulation.plan import Plan, Side

LEAST, MOST = 500, 50_000
"""What an everyday payment costs, in fen: 5 to 500 CNY."""
_GAP = timedelta(minutes=12)
_TRIP_A_WEEK = 0.10
_NEW_PHONE_A_WEEK = 0.01
_TRANSFER = 0.07
_BIG = 0.004
BIG_LEAST, _BIG_MOST = 100_000, 1_200_000


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the world: `number` counts from 0, `start` is its midnight in Shanghai."""

    seed: int
    number: int
    start: datetime

    def key(self, *about: object) -> str:
        """An idempotency key that follows from the seed."""
        return "-".join(str(part) for part in (f"s{self.seed}", f"d{self.number}", *about))


def plan_day(day: Day, payer: Payer, merchants: tuple[Merchant, ...]) -> Iterator[Plan]:
    """The payer's payments of the day, in order."""
    thrown = dice(day.seed, "day", day.number, payer.number)
    away = trip(day, payer)
    city = away or payer.home
    lodging = home_address(city, thrown)
    for n, at in enumerate(_times(day, payer, thrown, late=away is not None)):
        plan = _Visit(day, payer, city, at, thrown)
        key = day.key(f"p{payer.number}", n)
        if chance(thrown, _TRANSFER) and payer.friends:
            yield plan.transfer(key)
        elif chance(thrown, _BIG):
            yield plan.big_purchase(key, merchants)
        else:
            yield plan.purchase(key, merchants, lodging)


def trip(day: Day, payer: Payer) -> City | None:
    """Where the payer is that day, None for at home. A trip lasts one to three days of a week and
    begins and ends overnight."""
    thrown = dice(day.seed, "trip", payer.number, day.number // 7)
    if not chance(thrown, _TRIP_A_WEEK):
        return None
    first, length = thrown.randrange(7), thrown.randint(1, 3)
    city = thrown.choice([c for c in CITIES if c is not payer.home])
    return city if first <= day.number % 7 < first + length else None


def device_of(day: Day, payer: Payer, thrown: random.Random) -> str:
    """Mostly the first of the payer's devices, which is replaced once in two years or so."""
    if len(payer.devices) > 1 and chance(thrown, 0.15):
        return payer.devices[1]
    bought = bought_phones(day.seed, payer, day.number // 7)
    return f"{payer.devices[0]}-{bought}" if bought else payer.devices[0]


def bought_phones(seed: int, payer: Payer, week: int) -> int:
    """How many phones the payer has bought by that week."""
    weeks = range(1, week + 1)
    return sum(chance(dice(seed, "phone", payer.number, w), _NEW_PHONE_A_WEEK) for w in weeks)


def _times(day: Day, payer: Payer, thrown: random.Random, *, late: bool) -> list[datetime]:
    """When: within the waking hours, at least `_GAP` apart."""
    many = count(thrown, payer.per_day, 1, 8)
    wakes, sleeps = payer.hours
    if late:  # the traveller arrives first
        wakes = max(wakes, 9)
    room = timedelta(hours=sleeps - wakes) - many * _GAP
    moments = sorted(thrown.random() for _ in range(many))
    start = day.start + timedelta(hours=wakes)
    return [_whole(start + room * m + n * _GAP) for n, m in enumerate(moments)]


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class _Visit:
    day: Day
    payer: Payer
    city: City
    at: datetime
    thrown: random.Random

    def purchase(self, key: str, merchants: tuple[Merchant, ...], lodging: str) -> Plan:
        merchant = self._merchant(merchants)
        category = merchant.category
        median = round(category.median * self.payer.generosity)
        amount = lognormal(self.thrown, median, category.sigma, LEAST, MOST)
        card = self._card() if chance(self.thrown, self.payer.card_share) else None
        indoors = category.online or chance(self.thrown, 0.15)
        return self._plan(key, (Side.MERCHANT, merchant.number), amount, card, indoors, lodging)

    def big_purchase(self, key: str, merchants: tuple[Merchant, ...]) -> Plan:
        """Once in a while something dear: it is this that limits refuse."""
        merchant = self.thrown.choice(_of(ELECTRONICS, self.city, merchants))
        amount = lognormal(self.thrown, 300_000, 0.6, BIG_LEAST, _BIG_MOST)
        card = self._card() if chance(self.thrown, 0.4) else None
        return self._plan(key, (Side.MERCHANT, merchant.number), amount, card)

    def transfer(self, key: str) -> Plan:
        """Money to a friend."""
        friend = self.thrown.choice(self.payer.friends)
        amount = lognormal(self.thrown, 8_000, 0.7, LEAST, MOST)
        return self._plan(key, (Side.PAYER, friend), amount, None)

    def _merchant(self, merchants: tuple[Merchant, ...]) -> Merchant:
        at_home = self.city is self.payer.home
        if at_home and chance(self.thrown, 0.65):
            return self.thrown.choice(self.payer.favourites)
        near = tuple(m for m in merchants if m.city in (self.city, None))
        return pick(near, self.thrown)

    def _card(self) -> str:
        return self.thrown.choice(self.payer.cards)

    def _plan(
        self,
        key: str,
        payee: tuple[Side, int],
        amount: int,
        card: str | None,
        indoors: bool = False,
        lodging: str = "",
    ) -> Plan:
        return Plan(
            key=key,
            at=self.at,
            payer=self.payer.number,
            payee=payee,
            amount=amount,
            place=self._place(indoors, lodging),
            factors=self.payer.factors,
            card=card,
        )

    def _place(self, indoors: bool, lodging: str) -> Place:
        at_home = self.city is self.payer.home
        if indoors:
            address = self.payer.address if at_home else lodging
        else:
            address = mobile_address(self.city, self.thrown)
        spot = self.payer.spot if indoors and at_home else spot_in(self.city, self.thrown)
        device = device_of(self.day, self.payer, self.thrown)
        return place(device, address, spot)


def place(device: str, address: str, spot: Spot) -> Place:
    """What the app reports."""
    return Place(device, address, spot.latitude, spot.longitude)


def _of(category: Category, city: City, merchants: tuple[Merchant, ...]) -> list[Merchant]:
    """The merchants of a category in the city; all of it where the city has none."""
    near = [m for m in merchants if m.category is category and m.city is city]
    return near or [m for m in merchants if m.category is category]
