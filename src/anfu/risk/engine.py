"""The engine: facts, verdict and learning for a batch of events."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from anfu.risk.decision import Decision, Judge, make_judge
from anfu.risk.event import Event, Kind
from anfu.risk.facts import Facts, encoder
from anfu.risk.features import Catalogue
from anfu.risk.rules import RuleSet

LATE_PROFILES, LATE_MODEL = "profiles", "model"


class ProfilesLate(Exception):  # noqa: N818 - not a failure: the decision goes on without them
    """The profiles did not answer in time; nothing of the batch was learned."""


class ProfileStore(Protocol):
    """Where profiles are kept: in this process, or in Valkey for several. One contract battery."""

    @property
    def catalogue(self) -> Catalogue: ...

    async def learn(self, events: Sequence[Event]) -> list[Facts]:
        """Learn each payment in turn; its inputs, its features, the payment itself counted, and
        `approximate`. Raises ProfilesLate; when it raises, nothing was learned."""

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """What `learn` would give for each of them alone, learning nothing."""

    async def forget(self, events: Sequence[Event]) -> None:
        """Take one learning of each back: their transaction was rolled back."""

    async def observe(self, events: Sequence[Event]) -> None:
        """Learn events of any kind of which no facts are asked. When it raises, nothing was
        learned."""

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """The payment was said at `at` to be fraud or not. Features know it from then on; a word
        said later overrides it from then on."""


class Lists(Protocol):
    """The lists in force."""

    def hits(self, event: Event) -> str:
        """The fact `list_hits`: `list:input` of each entry met, sorted, separated by commas."""

    def act(self, rule_set: RuleSet) -> RuleSet:
        """`rule_set` with the rules that the lists make: what decisions are made by."""


Linked = tuple[int | None, int | None, int | None, int | None]
"""payer_component, payer_fraud_steps, payee_fraud_steps, cycle_length."""


class Graph(Protocol):
    """What ties parties together."""

    def learn(self, event: Event) -> Linked: ...

    def look(self, event: Event) -> Linked: ...

    def forget(self, event: Event) -> None: ...

    def label(self, event: Event, *, fraud: bool) -> None: ...


Scores = tuple[float | None, int | None, float | None]
"""model_score, model_grade, anomaly_score."""


InForce = tuple[str | None, str | None]
"""The ids of the champion and of the anomaly model."""


class Models(Protocol):
    """The models in force: the champion and the anomaly model decide, challengers only watch."""

    @property
    def in_force(self) -> InForce: ...

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        """Of each row of inputs, features and what the graph found; None from a model in force is
        no answer, and the decision is marked."""

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        """(model id, score) of every challenger, for each row."""


class NoProfiles:
    """No profiles are kept: what is decided is decided without."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    async def learn(self, _events: Sequence[Event]) -> list[Facts]:
        raise ProfilesLate

    look = learn

    async def forget(self, _events: Sequence[Event]) -> None:
        return None

    observe = forget

    async def label(self, _event: Event, *, fraud: bool, at: datetime) -> None:
        return None


class NoLists:
    """No list is kept."""

    def hits(self, _event: Event) -> str:
        return ""

    def act(self, rule_set: RuleSet) -> RuleSet:
        return rule_set


class NoGraph:
    """No graph is kept."""

    def learn(self, _event: Event) -> Linked:
        return None, None, None, None

    look = learn

    def forget(self, _event: Event) -> None:
        return None

    def label(self, _event: Event, *, fraud: bool) -> None:
        return None


class NoModels:
    """No model is in force."""

    in_force: InForce = (None, None)

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        return [(None, None, None)] * len(rows)

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        return [()] * len(rows)


_Scored = tuple[Scores, tuple[tuple[str, float], ...], bool]
_LEFT_OUT: _Scored = ((None, None, None), (), True)
# Rows scored between two looks at the budget: a decision is late by no more than their time.
_STEP = 16


@dataclass(frozen=True, slots=True)
class Budget:
    """Until when, on the stopwatch `read` (seconds), a batch may go on adding to what it knows."""

    ends_s: float
    read: Callable[[], float]

    @property
    def spent(self) -> bool:
        return self.read() >= self.ends_s


class Engine:
    """Raises Refused when a rule does not fit the catalogue, ValueError when `profiles` are of
    another catalogue."""

    def __init__(
        self,
        catalogue: Catalogue,
        rule_set: RuleSet,
        profiles: ProfileStore,
        *,
        lists: Lists | None = None,
        graph: Graph | None = None,
        models: Models | None = None,
    ) -> None:
        if profiles.catalogue.version != catalogue.version:
            raise ValueError("the profiles were kept for another catalogue")
        self.catalogue = catalogue
        self.profiles = profiles
        self.lists: Lists = lists or NoLists()
        self.graph: Graph = graph or NoGraph()
        self.models: Models = models or NoModels()
        self._encode = encoder(catalogue.facts)
        self.use(rule_set)

    def use(self, rule_set: RuleSet, judge: Judge | None = None) -> None:
        """Decide by `rule_set`, and the rules that lists make, from the next event on; both
        together are `self.rule_set`, to be published before, and `judge` is what `make_judge`
        made of them, where that was done elsewhere. Raises Refused and changes nothing when a
        rule does not fit."""
        acting = self.lists.act(rule_set)
        self._judge = judge or make_judge(self.catalogue, acting)
        self.base, self.rule_set = rule_set, acting

    async def decide(
        self,
        events: Sequence[Event],
        ids: Sequence[str],
        *,
        budgets: Sequence[Budget | None] = (),
        dry_run: bool = False,
    ) -> list[Decision]:
        """Decide each event in turn and learn it at once: the next one, and any batch that runs
        beside this one, sees it. The facts of an event count the event itself. A `dry_run` learns
        nothing. `budgets` are the events' own, in their order: what is not ready for an event when
        its budget is spent is left NULL and named in its `degraded`, whatever the others have.

        When it raises, nothing of the batch has been learned.
        """
        given = list(budgets) or [None] * len(events)
        rows, late = await self._profiled(events, dry_run=dry_run)
        linked: list[Linked] = []
        try:
            for event in events:
                linked.append(self.graph.look(event) if dry_run else self.graph.learn(event))
            known = [(*row, *ties) for row, ties in zip(rows, linked, strict=True)]
            return self._judged(events, ids, known, late=late, budgets=given)
        except BaseException:
            if not dry_run:
                await self._forget(events, events[: len(linked)], profiled=late is None)
            raise

    async def forget(self, events: Sequence[Event]) -> None:
        """Take the learning of `events` back: their transaction was rolled back."""
        await self._forget(events, events, profiled=True)

    async def observe(self, events: Sequence[Event]) -> None:
        """Learn events that nothing is decided on: behaviour, and payments long decided."""
        await self.profiles.observe(events)
        for event in events:
            if event.kind is Kind.PAYMENT:
                self.graph.learn(event)

    async def label(self, event: Event, *, fraud: bool, at: datetime) -> None:
        """The payment was said at `at` to be fraud or not. Call it after the commit."""
        await self.profiles.label(event, fraud=fraud, at=at)
        self.graph.label(event, fraud=fraud)

    async def _profiled(
        self, events: Sequence[Event], *, dry_run: bool
    ) -> tuple[list[Facts], str | None]:
        profiles = self.profiles
        try:
            return await (profiles.look if dry_run else profiles.learn)(events), None
        except ProfilesLate:
            bare = (None,) * (len(self.catalogue.features) + 1)
            return [(*self.catalogue.read(event), *bare) for event in events], LATE_PROFILES

    def _judged(
        self,
        events: Sequence[Event],
        ids: Sequence[str],
        rows: Sequence[Facts],
        *,
        late: str | None,
        budgets: Sequence[Budget | None],
    ) -> list[Decision]:
        scored = self._scored(rows, budgets)
        encode, judge, hits = self._encode, self._judge, self.lists.hits
        versions = (self.catalogue.version, self.rule_set.version)
        used = tuple(name for name in self.models.in_force if name is not None)
        decisions = []
        for event, name, row, (score, seen, left) in zip(events, ids, rows, scored, strict=True):
            missing = late if not left else LATE_MODEL if late is None else f"{late},{LATE_MODEL}"
            facts = (*row, *score, *_device(event), hits(event), missing)
            decisions.append(
                Decision(name, event, *versions, facts, encode(facts), judge(facts), seen, used)
            )
        return decisions

    def _scored(self, rows: Sequence[Facts], budgets: Sequence[Budget | None]) -> list[_Scored]:
        """What the models say of each row, those in the greatest hurry first and a few at a time
        while their budgets last; True where a model in force was left out."""
        if not any(budgets):
            return self._asked(rows, range(len(rows)), budgets)
        found: list[_Scored] = [_LEFT_OUT] * len(rows)
        ends = [math.inf if budget is None else budget.ends_s for budget in budgets]
        order = sorted(range(len(rows)), key=ends.__getitem__)
        for at in range(0, len(rows), _STEP):
            some = _in_time(order[at : at + _STEP], budgets)
            if some:
                for n, scored in zip(some, self._asked(rows, some, budgets), strict=True):
                    found[n] = scored
        return found

    def _asked(
        self, rows: Sequence[Facts], some: Sequence[int], budgets: Sequence[Budget | None]
    ) -> list[_Scored]:
        models, given = self.models, [rows[n] for n in some]
        champion, anomaly = (name is not None for name in models.in_force)
        scores = models.score(given)
        watch = len(_in_time(some, budgets)) == len(some)
        seen = models.challenge(given) if watch else [()] * len(given)
        return [
            (score, names, (champion and score[0] is None) or (anomaly and score[2] is None))
            for score, names in zip(scores, seen, strict=True)
        ]

    async def _forget(
        self, events: Sequence[Event], linked: Sequence[Event], *, profiled: bool
    ) -> None:
        for event in linked:
            self.graph.forget(event)
        if profiled:
            await self.profiles.forget(events)


def _device(event: Event) -> tuple[str | None, bool | None, str | None]:
    """device_standing, device_bound, device_signals."""
    seen = event.environment
    claimed = None if seen.device is None else "CLAIMED"
    return seen.standing or claimed, seen.bound, seen.signals


def _in_time(some: Sequence[int], budgets: Sequence[Budget | None]) -> list[int]:
    """Those whose budgets are not spent, each budget looked at once: a batch may share one."""
    shared = {id(budget): budget for budget in (budgets[n] for n in some)}
    spent = {name for name, budget in shared.items() if budget is not None and budget.spent}
    return [n for n in some if id(budgets[n]) not in spent]
