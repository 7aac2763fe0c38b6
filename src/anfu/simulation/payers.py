"""Payers and what they are used to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from anfu.parties.person import citizen_check
from anfu.simulation.client import Person
from anfu.simulation.dice import chance, dice, lognormal
from anfu.simulation.merchants import Merchant, pick
from anfu.simulation.places import CITIES, City, Spot, home_address, spot_in

# No such region of GB/T 2260: the number of no living person comes out.
_REGION = "990000"
_OLDEST = date(1955, 1, 1)
_BIRTHDAYS = 18_000


@dataclass(frozen=True, slots=True)
class Payer:
    """`per_day` payments on average; `generosity` scales what is spent; `hours` are awake hours
    in Shanghai time; `factors` are what this payer confirms a payment with."""

    number: int
    person: Person
    home: City
    spot: Spot
    address: str
    devices: tuple[str, ...]
    cards: tuple[str, ...]
    per_day: float
    generosity: float
    hours: tuple[int, int]
    card_share: float
    favourites: tuple[Merchant, ...]
    friends: tuple[int, ...]
    factors: tuple[str, ...]
    deposit: int


def make_payers(
    seed: int, count: int, merchants: tuple[Merchant, ...], *, cities: int
) -> tuple[Payer, ...]:
    """The payers number 0 to `count` - 1, living in the first `cities` cities."""
    return tuple(_payer(seed, n, count, merchants, CITIES[:cities]) for n in range(count))


def make_person(seed: int, number: int, *, account_class: int) -> Person:
    """A person nobody is; number and document are those of no other."""
    thrown = dice(seed, "person", number)
    name = thrown.choice(_FAMILY) + "".join(thrown.choices(_GIVEN, k=thrown.choice((1, 2, 2))))
    phone = (
        f"1{thrown.choice('3578')}{thrown.randrange(10)}{number:05d}{thrown.randrange(1000):03d}"
    )
    born = _OLDEST + timedelta(days=number * 7919 % _BIRTHDAYS)
    digits = f"{_REGION}{born:%Y%m%d}{number % 1000:03d}"
    document = ("CITIZEN_ID", digits + citizen_check(digits))
    return Person(name, phone, document, account_class, f"payer-{number}")


def _payer(
    seed: int,
    number: int,
    count: int,
    merchants: tuple[Merchant, ...],
    cities: tuple[City, ...],
) -> Payer:
    thrown = dice(seed, "payer", number)
    home = thrown.choice(cities)
    per_day = thrown.uniform(1.5, 6.0)
    wakes = thrown.randrange(6, 10)
    others = [n for n in range(count) if n != number]
    return Payer(
        number=number,
        person=make_person(seed, number, account_class=thrown.choice((2, 3, 3))),
        home=home,
        spot=spot_in(home, thrown),
        address=home_address(home, thrown),
        devices=tuple(f"phone-{number}-{i}" for i in range(thrown.choice((1, 1, 2)))),
        cards=tuple(f"card-{number}-{i}" for i in range(thrown.choice((1, 1, 2)))),
        per_day=per_day,
        generosity=thrown.lognormvariate(0.0, 0.3),
        hours=(wakes, thrown.randrange(21, 24)),
        card_share=thrown.choice((0.0, 0.1, 0.3, 0.6)),
        favourites=_favourites(home, merchants, thrown),
        friends=tuple(thrown.sample(others, min(4, len(others)))),
        factors=_factors(thrown),
        deposit=lognormal(thrown, round(per_day * 150_000), 0.5, 100_000, 4_000_000),
    )


def _favourites(
    home: City, merchants: tuple[Merchant, ...], thrown: random.Random
) -> tuple[Merchant, ...]:
    near = tuple(m for m in merchants if m.city in (home, None))
    return tuple(pick(near, thrown) for _ in range(5))


def _factors(thrown: random.Random) -> tuple[str, ...]:
    """Most confirm with two factors; who uses one meets the day's limit of 1,000 CNY sooner."""
    if chance(thrown, 0.12):
        return thrown.choice((("password",), ("fingerprint",)))
    return thrown.choice((("password", "device_key"), ("fingerprint", "device_key")))


_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文辉玲红梅鑫宇浩然子涵欣怡梓萱雨桐"
