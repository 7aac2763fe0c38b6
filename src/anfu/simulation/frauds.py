"""Which frauds happen on a day, and what every script of fraud has in common."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from anfu.simulation.client import Place
from anfu.simulation.dice import chance, dice
from anfu.simulation.habits import Day
from anfu.simulation.merchants import Merchant
from anfu.simulation.payers import Payer
from anfu.simulation.plan import INVENTED, Act, Deed, FraudKind, Plan, Side

QUIET_DAYS = 2
# How many runs of each kind a thousand payers suffer on a day, where no rate of attack is given.
RATES: dict[FraudKind, float] = {
    FraudKind.STOLEN_CARD: 6.0,
    FraudKind.SMALL_TRANSFERS: 1.5,
    FraudKind.CARD_TESTING: 3.0,
    FraudKind.TAKEOVER: 5.0,
}
# How many payments a run has on average, by which a rate of attack is shared among the kinds.
RUN: dict[FraudKind, float] = {
    FraudKind.STOLEN_CARD: 2.0,
    FraudKind.SMALL_TRANSFERS: 18.0,
    FraudKind.CARD_TESTING: 15.0,
    FraudKind.TAKEOVER: 1.5,
    FraudKind.IMPOSSIBLE_TRAVEL: 2.0,
    FraudKind.MULE: 6.0,
    FraudKind.CASH_OUT: 8.0,
    FraudKind.BONUS: 11.5,
    FraudKind.REFUND: 5.0,
    FraudKind.REMOTE_CONTROL: 10.0,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where frauds happen: honest `payers`, `mules` (numbers of accounts the fraudsters opened),
    `merchants`, and `shells`, merchants of the fraudsters' own."""

    payers: tuple[Payer, ...]
    mules: tuple[int, ...]
    merchants: tuple[Merchant, ...]
    shells: tuple[Merchant, ...] = ()


@dataclass(frozen=True, slots=True)
class Invention:
    """From `day` on, frauds of a new `kind` are this `share` of all payments."""

    kind: FraudKind
    day: int
    share: float


@dataclass(frozen=True, slots=True)
class Fraud:
    """One run: somebody who knows what he does; what he has seen of his victim he has from the
    habits every payer shows."""

    day: Day
    name: str
    kind: FraudKind
    scene: Scene
    thrown: random.Random
    device: str

    def victim(self) -> Payer:
        return self.thrown.choice(self.scene.payers)

    def mule(self) -> int:
        return self.thrown.choice(self.scene.mules)

    def moments(self, many: int, *, hours: tuple[int, int], gap_s: int) -> list[datetime]:
        """`many` moments of the day, about `gap_s` apart, the first within `hours`."""
        at = self.day.start + timedelta(seconds=self.thrown.randrange(*(3600 * h for h in hours)))
        made = []
        for _ in range(many):
            made.append(at)
            at += timedelta(seconds=self.thrown.randint(gap_s // 2, gap_s * 3 // 2))
        return made

    def key(self, n: int) -> str:
        return self.day.key(self.name, n)

    def deed(
        self, n: int, at: datetime, payer: int, kind: str, place: Place,
        payee: tuple[Side, int] | None = None,
    ) -> Deed:  # fmt: skip
        """Behaviour that the payment's own service sees."""
        return Deed(self.day.key(self.name, kind.lower(), n), at, payer, kind, place, payee)


Script = Callable[[Fraud], Iterator[Act]]


def plan_frauds(
    day: Day,
    scene: Scene,
    scripts: Mapping[FraudKind, Script],
    *,
    attack: float | None,
    invention: Invention | None = None,
) -> Iterator[Act]:
    """The frauds of a day. The first days have none: nobody is known yet.

    `attack` is the share of all payments that are frauds, spread evenly over the kinds. Without
    it, every day has at least one run of one of the kinds of `RATES`, each in its turn.
    """
    if day.number < QUIET_DAYS:
        return
    known = [kind for kind in FraudKind if kind not in INVENTED]
    kinds = [kind for kind in known if attack is not None or kind in RATES]
    for place, kind in enumerate(kinds):
        if attack is None:
            thrown = dice(day.seed, "frauds", day.number, kind)
            mean = RATES[kind] * len(scene.payers) / 1000
            runs = int(mean) + chance(thrown, mean % 1)
            if (day.number - QUIET_DAYS) % len(kinds) == place:
                runs = max(runs, 1)
        else:
            runs = _due(day, kind, _a_day(kind, scene, attack, len(kinds)))
        yield from _runs(day, kind, runs, scene, scripts[kind])
    if invention is not None and day.number >= invention.day:
        kind = invention.kind
        runs = _due(day, kind, _a_day(kind, scene, invention.share, 1))
        yield from _runs(day, kind, runs, scene, scripts[kind])


def _runs(day: Day, kind: FraudKind, runs: int, scene: Scene, script: Script) -> Iterator[Act]:
    for run in range(runs):
        for act in _run(day, kind, run, scene, script):
            yield replace(act, fraud=kind) if isinstance(act, Plan) else act


def _a_day(kind: FraudKind, scene: Scene, attack: float, kinds: int) -> float:
    """How many runs a day has on average."""
    honest = sum(payer.per_day for payer in scene.payers)
    return attack / (1 - attack) * honest / kinds / RUN[kind]


def _due(day: Day, kind: FraudKind, mean: float) -> int:
    """How many of them fall on this day: as many as whole numbers are passed, so that even a rare
    kind comes as often as the rate says."""
    begun = dice(day.seed, "begun", kind).random() + mean * day.number
    return math.floor(begun + mean) - math.floor(begun)


def _run(day: Day, kind: FraudKind, run: int, scene: Scene, script: Script) -> Iterator[Act]:
    thrown = dice(day.seed, "fraud", day.number, kind, run)
    name = f"{kind}-{run}"
    device = f"burner-{day.seed}-{day.number}-{name}"
    return script(Fraud(day, name, kind, scene, thrown, device))
