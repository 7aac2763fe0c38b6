"""A world let loose on the engine itself: every payment decided by the rules, the profiles and the
models of an installation, in simulated time, without HTTP, limits, balances and ledger."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from anfu.entrypoints.cli.simulate_tally import Tally, Tried
from anfu.risk.decision import Decision, Judge, make_judge
from anfu.risk.engine import Engine
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.rules import Outcome, Rule, RuleSet
from anfu.simulation.dice import chance, dice
from anfu.simulation.plan import THEFTS, Act, Deed, Plan, Side
from anfu.simulation.reviewer import REJECT_FROM, suspicion
from anfu.simulation.world import World

# Who lets a challenge be, and which thieves have the owner's code as well (SIM swapped, phished).
_LETS_BE, _PHISHED = 0.03, 0.05
_RETURNED = 0.025
# Frauds that nobody ever reports, and how many days the others take.
_UNREPORTED, _REPORTED_DAYS = 0.1, (0.2, 12.0)
_MODEL_FACTS = ("model_score", "model_grade", "anomaly_score")


@dataclass(frozen=True, slots=True)
class Judges:
    """The verdicts a decision would have got by a part of what decides. `model` is None where no
    model is in force."""

    rules: Judge
    model: Judge | None
    places: tuple[int, ...]


def make_judges(engine: Engine) -> Judges:
    """The judges beside the one in force."""
    rule_set, catalogue = engine.rule_set, engine.catalogue
    only = replace(rule_set, version="models alone", rules=asking_models(rule_set))
    names = [fact.name for fact in catalogue.facts]
    return Judges(
        make_judge(catalogue, rule_set),
        make_judge(catalogue, only) if any(engine.models.in_force) else None,
        tuple(names.index(name) for name in _MODEL_FACTS),
    )


def asking_models(rule_set: RuleSet) -> tuple[Rule, ...]:
    """The rules that read what models say."""
    return tuple(r for r in rule_set.rules if any(name in r.condition for name in _MODEL_FACTS))


@dataclass(slots=True)
class Trial:
    """One world against one engine. `warm_days` are lived through before payments count; labels
    and refunds come back when they would."""

    world: World
    engine: Engine
    warm_days: int
    tally: Tally = field(default_factory=Tally)
    note: Callable[[Tally], None] = lambda _tally: None
    _judges: Judges = field(init=False)
    _later: list[tuple[datetime, int, Event, bool | None]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._judges = make_judges(self.engine)

    async def run(self, payments: int) -> Tally:
        """Live until so many payments counted."""
        day = 0
        while self.tally.payments < payments:
            for act in self.world.acts(day):
                if self.tally.payments >= payments:
                    break
                await self._act(act, counted=day >= self.warm_days)
            self.note(self.tally)
            day += 1
        self.tally.days = day - self.warm_days
        return self.tally

    async def _act(self, act: Act, *, counted: bool) -> None:
        await self._due(act.at)
        if isinstance(act, Deed):
            await self.engine.observe([deed_event(act)])
        elif not (act.fraud and _run_of(act) in self._ended):
            await self._pay(act, counted=counted)

    async def _due(self, now: datetime) -> None:
        """What was put off until now: a label, or goods given back."""
        while self._later and self._later[0][0] <= now:
            at, _, event, fraud = heapq.heappop(self._later)
            if fraud is None:
                await self.engine.observe([event])
            else:
                await self.engine.label(event, fraud=fraud, at=at)

    async def _pay(self, plan: Plan, *, counted: bool) -> None:
        event = plan_event(plan, self.world)
        (decision,) = await self.engine.decide([event], [f"dec_{plan.key}"])
        ends = self._end(plan, decision)
        await self._prove(plan, event, decision, ends=ends)
        if counted:
            self.tally.add(self._tried(plan, decision, ends))
        thrown = dice(self.world.seed, "later", plan.key)
        self._label(plan, event, thrown.random(), thrown.uniform(*_REPORTED_DAYS))
        goods = ends and plan.payee[0] is Side.MERCHANT
        if goods and (plan.returns or (plan.honest and chance(thrown, _RETURNED))):
            after = timedelta(hours=thrown.uniform(0.3, 1.2) if plan.returns else 20)
            back = plan_event(plan, self.world, kind=Kind.REFUND, at=plan.at + after)
            self._put_off(back.at, back, None)

    async def _prove(self, plan: Plan, event: Event, decision: Decision, *, ends: bool) -> None:
        """Of the thieves without the owner's code every other one guesses, and is heard of."""
        guesses = plan.fraud in THEFTS and chance(dice(self.world.seed, "guess", plan.key), 0.5)
        if guesses and not ends and decision.outcome is Outcome.CHALLENGE:
            failed = replace(event, kind=Kind.LOGIN_FAILED, amount=0, payee="")
            await self.engine.observe([failed])

    def _label(self, plan: Plan, event: Event, rolled: float, days: float) -> None:
        """Frauds are mostly reported, and a few honest payments cleared."""
        if rolled < (0.02 if plan.honest else 1 - _UNREPORTED):
            self._put_off(plan.at + timedelta(days=days), event, not plan.honest)

    def _put_off(self, at: datetime, event: Event, fraud: bool | None) -> None:
        heapq.heappush(self._later, (at, next(self._numbers), event, fraud))

    def _end(self, plan: Plan, decision: Decision) -> bool:
        """Whether the money moves in the end."""
        outcome = decision.outcome
        if outcome is Outcome.CHALLENGE:
            thrown = dice(self.world.seed, "answer", plan.key)
            thief = plan.fraud in THEFTS
            return chance(thrown, _PHISHED if thief else 1 - _LETS_BE)
        if outcome is Outcome.REVIEW:
            names = (fact.name for fact in self.engine.catalogue.facts)
            facts = dict(zip(names, decision.facts, strict=True))
            rejected = suspicion(facts) >= REJECT_FROM
            if rejected and plan.fraud:  # the owner was called: the account is safe
                self._ended.add(_run_of(plan))
            return not rejected
        return outcome is Outcome.ALLOW

    def _tried(self, plan: Plan, decision: Decision, ends: bool) -> Tried:
        bare: list[Any] = list(decision.facts)
        for place in self._judges.places:
            bare[place] = None
        model = self._judges.model
        return Tried(
            kind=plan.fraud,
            alike=plan.alike,
            run=_run_of(plan),
            amount=plan.amount,
            outcome=decision.outcome,
            reasons=decision.reasons,
            paid=ends,
            by_rules=self._judges.rules(tuple(bare)).outcome,
            by_model=None if model is None else model(decision.facts).outcome,
        )


def plan_event(
    plan: Plan, world: World, *, kind: Kind = Kind.PAYMENT, at: datetime | None = None
) -> Event:
    """The payment as a switch would tell it."""
    side, number = plan.payee
    merchants = (*world.merchants, *world.shells) if side is Side.MERCHANT else ()
    category = merchants[number].category if merchants else None
    local = category is not None and not category.online
    return Event(
        id=plan.key,
        payer=f"p{plan.payer}",
        payee=f"{'m' if side is Side.MERCHANT else 'p'}{number}",
        amount=plan.amount,
        currency="CNY",
        method="balance" if plan.card is None else "card",
        card=plan.card,
        at=at or plan.at,
        environment=_environment(plan),
        kind=kind,
        terminal=f"t{number}" if local else None,
        phone=f"n{plan.payer}",
        payee_kind="MERCHANT" if side is Side.MERCHANT else "CUSTOMER",
        mcc=None if category is None else category.mcc,
        promotion=plan.promotion,
    )


def deed_event(deed: Deed) -> Event:
    """The behaviour as an app would tell it."""
    payee = "" if deed.payee is None else f"p{deed.payee[1]}"
    return Event(
        id=deed.key, payer=f"p{deed.payer}", payee=payee, amount=deed.duration_ms or 0,
        currency="", method="", card=None, at=deed.at, environment=_environment(deed),
        kind=Kind(deed.kind), phone=f"n{deed.payer}",
    )  # fmt: skip


def _environment(act: Act) -> Environment:
    seen = act.place
    return Environment(seen.device, seen.address, seen.latitude, seen.longitude)


def _run_of(plan: Plan) -> str:
    return plan.key.rpartition("-")[0]
