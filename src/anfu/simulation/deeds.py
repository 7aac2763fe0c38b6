"""What honest payers do around their payments: log in, mistype, look at pages, change things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from anfu.simulation.dice import chance, dice, lognormal
from anfu.simulation.habits import Day, bought_phones
from anfu.simulation.payers import Payer
from anfu.simulation.plan import Deed, Plan, Side

_LOGIN, _MISTYPED, _PAGE, _NEW_PAYEE = 0.6, 0.04, 0.4, 0.1
_PASSWORD_A_DAY, _PHONE_A_DAY = 0.0015, 0.0003


def plan_deeds(day: Day, payer: Payer, plans: Sequence[Plan]) -> Iterator[Deed]:
    """The payer's behaviour around the plans of the day."""
    if not plans:
        return
    thrown = dice(day.seed, "deeds", day.number, payer.number)
    first = plans[0]

    def deed(name: str, plan: Plan, before_s: float, kind: str, **more: int) -> Deed:
        at = plan.at - timedelta(seconds=round(before_s, 3))
        payee = plan.payee if kind == "PAYEE_ADD" else None
        key = f"{plan.key}-{name}"
        return Deed(key, at, payer.number, kind, plan.place, payee, **more)

    week = day.number // 7
    fresh = bought_phones(day.seed, payer, week) > bought_phones(day.seed, payer, week - 1)
    if day.number % 7 == 0 and fresh:
        yield deed("bind", first, 600, "DEVICE_BIND")
    if chance(thrown, _PASSWORD_A_DAY):
        yield deed("password", first, thrown.randint(60, 3_600), "PASSWORD_CHANGE")
    if chance(thrown, _PHONE_A_DAY):
        yield deed("phone", first, thrown.randint(60, 3_600), "PHONE_CHANGE")
    for plan in plans:
        if chance(thrown, _LOGIN):
            if chance(thrown, _MISTYPED):
                yield deed("mistyped", plan, thrown.uniform(95, 120), "LOGIN_FAILED")
            yield deed("login", plan, thrown.uniform(20, 90), "LOGIN")
        if chance(thrown, _PAGE):
            spent = lognormal(thrown, 9_000, 0.8, 800, 120_000)
            yield deed("page", plan, 1, "PAGE", duration_ms=spent)
        if plan.payee[0] is Side.PAYER and chance(thrown, _NEW_PAYEE):
            yield deed("payee", plan, thrown.uniform(30, 300), "PAYEE_ADD")
