"""Honest people who do what frauds do, so that the rate of false alarms is an honest one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from anfu.simulation.dice import chance, dice, lognormal
from anfu.simulation.habits import BIG_LEAST, Day, bought_phones, device_of, place, trip
from anfu.simulation.merchants import MALL, Merchant
from anfu.simulation.payers import Payer
from anfu.simulation.plan import Act, Alike, Plan, Side

_SALE_EVERY, _PAYDAY, _RENT_DAY = 5, 10, 3
_MONTH = 15  # days of a month here, so that a short run sees its days of pay and rent
_STAFF, _TENANTS = (15, 40), (6, 14)
_TWO = ("password", "device_key")


def plan_lookalikes(
    day: Day, payers: tuple[Payer, ...], merchants: tuple[Merchant, ...]
) -> Iterator[Act]:
    """What happens on some days: a sale, pay, rent."""
    if day.number % _SALE_EVERY == 2:
        yield from _flash_sale(day, payers, merchants)
    if day.number % _MONTH == _PAYDAY:
        for firm in range(max(1, len(payers) // 400)):
            yield from _salary(day, payers, firm)
    if day.number % _MONTH == _RENT_DAY:
        for house in range(max(1, len(payers) // 400)):
            yield from _rent(day, payers, house)


def marked(day: Day, payer: Payer, plans: Iterable[Plan]) -> Iterator[Plan]:
    """The payer's own plans, with what they look like."""
    fresh = bought_phones(day.seed, payer, day.number // 7) > bought_phones(
        day.seed, payer, day.number // 7 - 1
    )
    away = trip(day, payer) is not None
    for plan in plans:
        alike = None
        if plan.amount >= BIG_LEAST:
            alike = Alike.BIG
        elif away:
            alike = Alike.TRIP
        elif fresh:
            alike = Alike.NEW_PHONE
        yield plan if alike is None else replace(plan, alike=alike)


def _flash_sale(
    day: Day, payers: tuple[Payer, ...], merchants: tuple[Merchant, ...]
) -> Iterator[Plan]:
    """At eight in the evening one in seven buys at one web shop within five minutes; families
    buy over one connection and, a few, on one phone."""
    thrown = dice(day.seed, "sale", day.number)
    shop = thrown.choice([m for m in merchants if m.category is MALL])
    opens = day.start + timedelta(hours=20)
    for payer in payers:
        if not chance(thrown, 1 / 7):
            continue
        at = opens + timedelta(seconds=round(thrown.expovariate(1 / 90), 3))
        lent = payer.friends[0] if payer.friends and chance(thrown, 0.03) else None
        device = payers[lent].devices[0] if lent is not None else device_of(day, payer, thrown)
        yield Plan(
            key=day.key("sale", payer.number),
            at=at,
            payer=payer.number,
            payee=(Side.MERCHANT, shop.number),
            amount=lognormal(thrown, 6_000, 0.8, 900, 80_000),
            place=place(device, payer.address, payer.spot),
            factors=payer.factors,
            card=payer.cards[0] if chance(thrown, 0.4) else None,
            promotion=f"flash-{day.number}",
            alike=Alike.FLASH_SALE,
        )


def _salary(day: Day, payers: tuple[Payer, ...], firm: int) -> Iterator[Plan]:
    """An employer, who pays like everybody else on other days, pays the staff one by one."""
    thrown = dice(day.seed, "salary", firm)  # the same people every time
    boss, *staff = thrown.sample(payers, min(len(payers), thrown.randint(*_STAFF)))
    paid = dice(day.seed, "payday", day.number, firm)
    at = day.start + timedelta(hours=15, minutes=paid.randrange(120))
    for member in staff:
        at += timedelta(seconds=paid.randint(20, 60))
        yield Plan(
            key=day.key("salary", firm, member.number),
            at=at,
            payer=boss.number,
            payee=(Side.PAYER, member.number),
            amount=lognormal(paid, 600_000, 0.3, 300_000, 2_000_000),
            place=place(device_of(day, boss, paid), boss.address, boss.spot),
            factors=_TWO,
            alike=Alike.SALARY,
        )


def _rent(day: Day, payers: tuple[Payer, ...], house: int) -> Iterator[Plan]:
    """Tenants pay within a day; the landlord sends most of it on to the bank of the house."""
    thrown = dice(day.seed, "rent", house)
    landlord, partner, *tenants = thrown.sample(payers, min(len(payers), thrown.randint(*_TENANTS)))
    paid = dice(day.seed, "rent day", day.number, house)
    collected = 0
    for tenant in tenants:
        amount = 100_000 * (1 + thrown.randrange(1, 5))
        collected += amount
        yield Plan(
            key=day.key("rent", house, tenant.number),
            at=day.start + timedelta(hours=8, seconds=paid.randrange(36_000)),
            payer=tenant.number,
            payee=(Side.PAYER, landlord.number),
            amount=amount,
            place=place(device_of(day, tenant, paid), tenant.address, tenant.spot),
            factors=_TWO,
            alike=Alike.RENT,
        )
    yield Plan(
        key=day.key("rent", house, "on"),
        at=day.start + timedelta(hours=20, seconds=paid.randrange(7_200)),
        payer=landlord.number,
        payee=(Side.PAYER, partner.number),
        amount=collected * paid.randint(60, 90) // 100,
        place=place(device_of(day, landlord, paid), landlord.address, landlord.spot),
        factors=_TWO,
        alike=Alike.RENT,
    )
