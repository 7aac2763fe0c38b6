"""Scripts of theft: somebody pays with what is another's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from anfu.simulation.client import Place
from anfu.simulation.dice import chance, lognormal
from anfu.simulation.frauds import Fraud
from anfu.simulation.habits import place, plan_day
from anfu.simulation.merchants import ELECTRONICS, GAMES, MALL, Merchant
from anfu.simulation.places import CITIES, City, far_from, rented_address, spot_in
from anfu.simulation.plan import Act, Deed, Plan, Side

FAR_KM = 700.0
# Dead cards among those that are tested; the network declines them.
_DEAD = ("tok_stolen_card", "tok_expired_card")
# The most a takeover takes at once, in fen: just under the limit of 43号 art. 24(2), or all.
_WISE, _GREEDY = 495_000, 5_000_000


def stolen_card(fraud: Fraud) -> Iterator[Act]:
    """High amounts in shops far away, as fast as one walks from shop to shop."""
    thrown, victim = fraud.thrown, fraud.victim()
    city = far_from(victim.home, FAR_KM, thrown)
    address = rented_address(thrown)
    card = thrown.choice(victim.cards)
    shops = _shops(fraud.scene.merchants, city)
    for n, at in enumerate(fraud.moments(thrown.randint(1, 3), hours=(9, 20), gap_s=600)):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=victim.number,
            payee=(Side.MERCHANT, thrown.choice(shops).number),
            amount=lognormal(thrown, 280_000, 0.5, 80_000, 900_000),
            place=place(fraud.device, address, spot_in(city, thrown)),
            factors=("password",),
            card=card,
        )


def small_transfers(fraud: Fraud) -> Iterator[Act]:
    """Sums too small to be noticed, out of one account to a mule, one a minute."""
    thrown, victim, mule = fraud.thrown, fraud.victim(), fraud.mule()
    city = thrown.choice(CITIES)
    address = rented_address(thrown)
    spot = spot_in(city, thrown)
    many = thrown.randint(12, 24)
    for n, at in enumerate(fraud.moments(many, hours=(0, 22), gap_s=70)):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=victim.number,
            payee=(Side.PAYER, mule),
            amount=thrown.randrange(4_900, 19_900),
            place=place(fraud.device, address, spot),
            factors=("password", "device_key"),
        )


def card_testing(fraud: Fraud) -> Iterator[Act]:
    """Bought card numbers tried one after another, a few yuan each, in one web shop."""
    thrown, mule = fraud.thrown, fraud.mule()
    shop = thrown.choice([m for m in fraud.scene.merchants if m.category in (MALL, GAMES)])
    address = rented_address(thrown)
    many = thrown.randint(10, 20)
    for n, at in enumerate(fraud.moments(many, hours=(0, 23), gap_s=25)):
        dead = chance(thrown, 0.4)
        token = thrown.choice(_DEAD) if dead else f"bought-{fraud.key(n)}"
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=mule,
            payee=(Side.MERCHANT, shop.number),
            amount=thrown.randrange(100, 500),
            place=place(fraud.device, address, spot_in(CITIES[0], thrown)),
            card=token,
        )


def takeover(fraud: Fraud) -> Iterator[Act]:
    """A new phone in a new place, bound to the account, sends what is there to a new payee:
    mostly no more than the day's limit of two factors lets through, by some greedily all."""
    thrown, victim, mule = fraud.thrown, fraud.victim(), fraud.mule()
    city = far_from(victim.home, FAR_KM, thrown)
    where = place(fraud.device, rented_address(thrown), spot_in(city, thrown))
    greedy = chance(thrown, 0.25)
    moments = fraud.moments(thrown.randint(1, 2), hours=(0, 23), gap_s=300)
    for n, at in enumerate(moments):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=victim.number,
            payee=(Side.PAYER, mule),
            amount=_GREEDY if greedy else lognormal(thrown, 300_000, 0.3, 100_000, _WISE),
            place=where,
            factors=("password", "device_key"),
            share=round(thrown.uniform(0.5, 0.95), 3),
        )
    yield from _break_in(fraud, moments[0], victim.number, mule, where)


def _break_in(fraud: Fraud, paid: datetime, victim: int, mule: int, where: Place) -> Iterator[Deed]:
    """What comes before: the password guessed or bought, changed, the phone bound, the payee
    added."""
    at = paid - timedelta(seconds=fraud.thrown.randint(240, 900))
    kinds = ["LOGIN_FAILED"] * fraud.thrown.randint(0, 3)
    kinds += ["LOGIN", "PASSWORD_CHANGE", "DEVICE_BIND", "PAYEE_ADD"]
    step = (paid - at) / (len(kinds) + 1)
    for n, kind in enumerate(kinds):
        payee = (Side.PAYER, mule) if kind == "PAYEE_ADD" else None
        yield fraud.deed(n, at + n * step, victim, kind, where, payee)


def impossible_travel(fraud: Fraud) -> Iterator[Act]:
    """A copy of the victim's session, its device with it, buys far away while the victim has just
    paid at home."""
    thrown, victim = fraud.thrown, fraud.victim()
    seen = thrown.choice(list(plan_day(fraud.day, victim, fraud.scene.merchants)))
    city = far_from(victim.home, FAR_KM, thrown)
    address = rented_address(thrown)
    shops = _shops(fraud.scene.merchants, city)
    at = seen.at
    for n in range(thrown.randint(1, 3)):
        at += timedelta(seconds=thrown.randint(420, 1_500))
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=victim.number,
            payee=(Side.MERCHANT, thrown.choice(shops).number),
            amount=lognormal(thrown, 90_000, 0.6, 20_000, 400_000),
            place=place(seen.place.device or fraud.device, address, spot_in(city, thrown)),
            factors=("password",),
            card=thrown.choice(victim.cards),
        )


def _shops(merchants: Sequence[Merchant], city: City) -> list[Merchant]:
    """Where dear things are sold in the city, or over the net."""
    near = [m for m in merchants if m.category is ELECTRONICS and m.city is city]
    return near or [m for m in merchants if m.category is MALL]
