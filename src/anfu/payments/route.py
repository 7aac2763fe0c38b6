"""Route: through which channel a payment goes, and why (支付路由). Pure.

Of the channels that serve a method, those are left out that cannot take the payment (its amount,
currency, scene), were tried already, or rest; among the others the cheapest goes first, unless its
calls are heard markedly less often than those of the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from anfu.channels.port import Scene
from anfu.kernel.money import MAX_MINOR
from anfu.payments.health import Health

# A channel that is heard on this much less of its calls than the best is passed over.
_WORSE = 0.05


class Why(StrEnum):
    """Why a channel was chosen, or was not."""

    ONLY = "ONLY"
    CHEAPEST = "CHEAPEST"
    HEALTHIER = "HEALTHIER"
    AMOUNT = "AMOUNT"
    CURRENCY = "CURRENCY"
    SCENE = "SCENE"
    TRIED = "TRIED"
    RESTING = "RESTING"
    UNHEARD = "UNHEARD"
    DEARER = "DEARER"


@dataclass(frozen=True, slots=True)
class Route:
    """One channel that serves a method. `cost_bp`: what it costs us, in hundredths of a percent,
    and `cost_minor` for each payment."""

    channel: str
    scenes: frozenset[Scene] = frozenset(Scene)
    currencies: frozenset[str] | None = None
    least: int = 1
    most: int = MAX_MINOR
    cost_bp: int = 0
    cost_minor: int = 0

    def cost(self, amount: int) -> int:
        """In 1/10,000 of a minor unit, for `amount` minor units."""
        return self.cost_minor * 10_000 + self.cost_bp * amount


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be routed; `tried`: channels that have failed it."""

    amount: int
    currency: str
    scene: Scene
    tried: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """The channel, None where none can take it; why; and why each other one was not chosen."""

    channel: str | None
    why: Why | None
    passed_over: Mapping[str, Why] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON values, for the payment."""
        return {"channel": self.channel, "why": self.why, "passed_over": dict(self.passed_over)}


def choose(routes: Sequence[Route], wanted: Wanted, health: Health, *, now: datetime) -> Choice:
    """The way a payment goes now."""
    passed = {r.channel: why for r in routes if (why := _unfit(r, wanted)) is not None}
    able = [r for r in routes if r.channel not in passed]
    if len(able) == 1:  # where there is no other, one that does not answer is better than none
        return Choice(able[0].channel, Why.ONLY, passed)
    awake = [r for r in able if not health.resting(r.channel, now=now)] or able
    passed |= _noted((r for r in able if r not in awake), Why.RESTING)
    rates = {r.channel: health.rate(r.channel, now=now) for r in awake}
    best = max(rates.values(), default=1.0)
    good = [r for r in awake if rates[r.channel] >= best - _WORSE]
    passed |= _noted((r for r in awake if r not in good), Why.UNHEARD)
    if not good:
        return Choice(None, None, passed)
    first = min(good, key=lambda r: r.cost(wanted.amount))
    passed |= _noted((r for r in good if r is not first), Why.DEARER)
    cheapest = min(able, key=lambda r: r.cost(wanted.amount))
    return Choice(first.channel, Why.CHEAPEST if first is cheapest else Why.HEALTHIER, passed)


def _unfit(route: Route, wanted: Wanted) -> Why | None:
    if route.channel in wanted.tried:
        return Why.TRIED
    if wanted.scene not in route.scenes:
        return Why.SCENE
    if route.currencies is not None and wanted.currency not in route.currencies:
        return Why.CURRENCY
    if not route.least <= wanted.amount <= route.most:
        return Why.AMOUNT
    return None


def _noted(routes: Iterable[Route], why: Why) -> dict[str, Why]:
    return {route.channel: why for route in routes}
