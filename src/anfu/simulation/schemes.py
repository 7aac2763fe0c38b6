"""Scripts of those who pay themselves: they answer every challenge, and so do the deceived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

from anfu.simulation import thefts
from anfu.simulation.client import Place
from anfu.simulation.dice import lognormal
from anfu.simulation.frauds import Fraud, Script
from anfu.simulation.habits import device_of, place
from anfu.simulation.merchants import CLOTHES, ELECTRONICS, MALL
from anfu.simulation.payers import Payer
from anfu.simulation.places import CITIES, mobile_address, rented_address, spot_in
from anfu.simulation.plan import Act, FraudKind, Plan, Side

_TWO = ("password", "device_key")


def mule(fraud: Fraud) -> Iterator[Act]:
    """Deceived people pay into an account within hours, from their own phones at home; minutes
    after each sum it goes on to another account."""
    thrown = fraud.thrown
    through, beyond = thrown.sample(fraud.scene.mules, 2)
    where = place(fraud.device, rented_address(thrown), spot_in(thrown.choice(CITIES), thrown))
    many = thrown.randint(2, 4)
    for n, at in enumerate(fraud.moments(many, hours=(9, 19), gap_s=2_400)):
        deceived = fraud.victim()
        amount = lognormal(thrown, 350_000, 0.5, 100_000, 2_000_000)
        yield Plan(
            key=fraud.key(2 * n),
            at=at,
            payer=deceived.number,
            payee=(Side.PAYER, through),
            amount=amount,
            place=_own_phone(fraud, deceived),
            factors=_TWO,
        )
        yield Plan(
            key=fraud.key(2 * n + 1),
            at=at + timedelta(seconds=thrown.randint(90, 900)),
            payer=through,
            payee=(Side.PAYER, beyond),
            amount=amount * thrown.randint(92, 99) // 100,
            place=where,
            factors=_TWO,
        )


def cash_out(fraud: Fraud) -> Iterator[Act]:
    """Card holders buy nothing at a shell merchant, in round sums, and get the cash less a fee:
    some come back within the hour."""
    thrown = fraud.thrown
    shell = thrown.choice(fraud.scene.shells)
    n = 0
    for at in fraud.moments(thrown.randint(4, 6), hours=(8, 20), gap_s=1_800):
        holder = fraud.victim()
        card = thrown.choice(holder.cards)
        where = _own_phone(fraud, holder)
        for again in range(thrown.randint(1, 2)):
            yield Plan(
                key=fraud.key(n),
                at=at + timedelta(minutes=7 * again),
                payer=holder.number,
                payee=(Side.MERCHANT, shell.number),
                amount=100_000 * thrown.randint(2, 10) - thrown.choice((0, 0, 0, 1_000, 2_000)),
                place=where,
                factors=_TWO,
                card=card,
            )
            n += 1


def bonus(fraud: Fraud) -> Iterator[Act]:
    """One person takes a campaign's bonus under many names, on one phone at one address."""
    thrown = fraud.thrown
    names = thrown.sample(fraud.scene.mules, min(len(fraud.scene.mules), thrown.randint(8, 15)))
    shop = thrown.choice([m for m in fraud.scene.merchants if m.category is MALL])
    where = place(fraud.device, rented_address(thrown), spot_in(thrown.choice(CITIES), thrown))
    moments = fraud.moments(len(names), hours=(8, 22), gap_s=240)
    for n, (name, at) in enumerate(zip(names, moments, strict=True)):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=name,
            payee=(Side.MERCHANT, shop.number),
            amount=thrown.randrange(2_000, 3_500),
            place=where,
            factors=("password",),
            card=f"virtual-{name}",
            promotion=f"welcome-{fraud.day.number // 7}",
        )


def refund(fraud: Fraud) -> Iterator[Act]:
    """Clothes for a party and a camera for a trip: paid, used, given back, next shop."""
    thrown, account = fraud.thrown, fraud.mule()
    city = thrown.choice(CITIES)
    goods = (CLOTHES, ELECTRONICS, MALL)
    shops = [m for m in fraud.scene.merchants if m.category in goods and m.city in (city, None)]
    where = place(f"own-{account}", mobile_address(city, thrown), spot_in(city, thrown))
    for n, at in enumerate(fraud.moments(thrown.randint(4, 6), hours=(8, 12), gap_s=5_400)):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=account,
            payee=(Side.MERCHANT, thrown.choice(shops).number),
            amount=lognormal(thrown, 60_000, 0.5, 15_000, 300_000),
            place=where,
            factors=_TWO,
            card=f"virtual-{account}",
            returns=True,
        )


def remote_control(fraud: Fraud) -> Iterator[Act]:
    """A caller has talked the victim into an app that lets him hold the phone: a new payee, then
    one transfer after another, none of them small, from where the victim always pays."""
    thrown, victim, account = fraud.thrown, fraud.victim(), fraud.mule()
    where, payee = _own_phone(fraud, victim), (Side.PAYER, account)
    moments = fraud.moments(thrown.randint(8, 12), hours=(9, 21), gap_s=45)
    added = moments[0] - timedelta(seconds=60)
    yield fraud.deed(0, added, victim.number, "PAYEE_ADD", where, payee)
    for n, at in enumerate(moments):
        yield Plan(
            key=fraud.key(n),
            at=at,
            payer=victim.number,
            payee=payee,
            amount=thrown.randrange(30_000, 95_000),
            place=where,
            factors=_TWO,
        )


def _own_phone(fraud: Fraud, payer: Payer) -> Place:
    device = device_of(fraud.day, payer, fraud.thrown)
    return place(device, payer.address, payer.spot)


SCRIPTS: Mapping[FraudKind, Script] = MappingProxyType(
    {
        FraudKind.STOLEN_CARD: thefts.stolen_card,
        FraudKind.SMALL_TRANSFERS: thefts.small_transfers,
        FraudKind.CARD_TESTING: thefts.card_testing,
        FraudKind.TAKEOVER: thefts.takeover,
        FraudKind.IMPOSSIBLE_TRAVEL: thefts.impossible_travel,
        FraudKind.MULE: mule,
        FraudKind.CASH_OUT: cash_out,
        FraudKind.BONUS: bonus,
        FraudKind.REFUND: refund,
        FraudKind.REMOTE_CONTROL: remote_control,
    }
)
