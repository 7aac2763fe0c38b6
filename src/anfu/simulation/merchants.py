"""Merchants by category: what a visit costs and when people come."""

from __future__ import annotations

import random
from dataclasses import dataclass

from anfu.simulation.dice import dice
from anfu.simulation.places import CITIES, City


@dataclass(frozen=True, slots=True)
class Category:
    """`median` ticket in fen and its spread (sigma of the logarithm), `weight` how often people
    go there; `mcc` by ISO 18245."""

    name: str
    name_zh: str
    mcc: str
    median: int
    sigma: float
    weight: int
    online: bool = False


TEA = Category("Tea", "茶饮", "5814", 1_900, 0.35, 16)
NOODLES = Category("Noodles", "面馆", "5812", 3_200, 0.45, 20)
GROCERY = Category("Grocery", "超市", "5411", 4_800, 0.6, 22)
TAXI = Category("Taxi", "出租车", "4121", 2_700, 0.5, 14)
PHARMACY = Category("Pharmacy", "药店", "5912", 5_200, 0.6, 6)
CLOTHES = Category("Clothes", "服装", "5651", 16_800, 0.5, 4)
ELECTRONICS = Category("Electronics", "数码", "5732", 24_000, 0.5, 3)
MALL = Category("Web shop", "网购", "5399", 8_900, 0.7, 10, online=True)
GAMES = Category("Games", "游戏", "5816", 3_000, 0.8, 3, online=True)
TICKETS = Category("Tickets", "票务", "4722", 22_000, 0.5, 2, online=True)
_LOCAL = (TEA, NOODLES, GROCERY, TAXI, PHARMACY, CLOTHES, ELECTRONICS)
_ONLINE = (MALL, MALL, MALL, GAMES, TICKETS)


@dataclass(frozen=True, slots=True)
class Merchant:
    """`city` is None for one that sells over the net."""

    number: int
    name: str
    category: Category
    city: City | None


def make_merchants(seed: int, *, cities: int) -> tuple[Merchant, ...]:
    """The merchants of the first `cities` cities, one of each local category, and the web's."""
    made: list[Merchant] = []
    for city in CITIES[:cities]:
        for category in _LOCAL:
            made.append(_merchant(seed, len(made), category, city))
    for category in _ONLINE:
        made.append(_merchant(seed, len(made), category, None))
    return tuple(made)


def make_shells(seed: int, count: int, *, after: int) -> tuple[Merchant, ...]:
    """Merchants that sell nothing, numbered from `after`, in categories that sell dear things."""
    return tuple(
        _merchant(seed, after + n, (ELECTRONICS, CLOTHES)[n % 2], CITIES[n % len(CITIES)])
        for n in range(count)
    )


def _merchant(seed: int, number: int, category: Category, city: City | None) -> Merchant:
    where = "全国" if city is None else city.name_zh
    sign = dice(seed, "merchant", number).choice(_SIGNS)
    return Merchant(number, f"{where}{sign}{category.name_zh}", category, city)


def pick(merchants: tuple[Merchant, ...], thrown: random.Random) -> Merchant:
    """One of them, the popular categories more often."""
    return thrown.choices(merchants, [m.category.weight for m in merchants])[0]


_SIGNS = ("好运", "小马", "阿福", "晨光", "老街", "青禾", "大同", "南山", "北辰", "海棠")
