"""The engine: facts, verdict and learning for a batch of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from anfu.risk.decision import Decision, make_judge
from anfu.risk.event import Event
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
        """Learn each event in turn; its inputs and features, the event itself counted. Raises
        ProfilesLate; when it raises, nothing was learned."""

    async def look(self, events: Sequence[Event]) -> list[Facts]:
        """What `learn` would give for each of them alone, learning nothing."""

    async def forget(self, events: Sequence[Event]) -> None:
        """Take one learning of each back: their transaction was rolled back."""


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


Scores = tuple[float | None, int | None, float | None]
"""model_score, model_grade, anomaly_score."""


class Models(Protocol):
    """The models in force: the champion and the anomaly model decide, challengers only watch."""

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        """Of each row of inputs, features and what the graph found."""

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        """(model id, score) of every challenger, for each row."""


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


class NoModels:
    """No model is in force."""

    def score(self, rows: Sequence[Facts]) -> list[Scores]:
        return [(None, None, None)] * len(rows)

    def challenge(self, rows: Sequence[Facts]) -> list[tuple[tuple[str, float], ...]]:
        return [()] * len(rows)


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

    def use(self, rule_set: RuleSet) -> None:
        """Decide by `rule_set`, and the rules that lists make, from the next event on; both
        together are `self.rule_set`, to be published before. Raises Refused and changes nothing
        when a rule does not fit."""
        acting = self.lists.act(rule_set)
        self._judge = make_judge(self.catalogue, acting)
        self.base, self.rule_set = rule_set, acting

    async def decide(
        self,
        events: Sequence[Event],
        ids: Sequence[str],
        *,
        budget: Budget | None = None,
        dry_run: bool = False,
    ) -> list[Decision]:
        """Decide each event in turn and learn it at once: the next one, and any batch that runs
        beside this one, sees it. The facts of an event count the event itself. A `dry_run` learns
        nothing; what is not ready when the `budget` is spent is left NULL and named in `degraded`.

        When it raises, nothing of the batch has been learned.
        """
        rows, late = await self._profiled(events, dry_run=dry_run)
        linked: list[Linked] = []
        try:
            for event in events:
                linked.append(self.graph.look(event) if dry_run else self.graph.learn(event))
            known = [(*row, *ties) for row, ties in zip(rows, linked, strict=True)]
            return self._judged(events, ids, known, late=late, budget=budget)
        except BaseException:
            if not dry_run:
                await self._forget(events, events[: len(linked)], profiled=late is None)
            raise

    async def forget(self, events: Sequence[Event]) -> None:
        """Take the learning of `events` back: their transaction was rolled back."""
        await self._forget(events, events, profiled=True)

    async def _profiled(
        self, events: Sequence[Event], *, dry_run: bool
    ) -> tuple[list[Facts], str | None]:
        profiles = self.profiles
        try:
            return await (profiles.look if dry_run else profiles.learn)(events), None
        except ProfilesLate:
            bare = (None,) * len(self.catalogue.features)
            return [(*self.catalogue.read(event), *bare) for event in events], LATE_PROFILES

    def _judged(
        self,
        events: Sequence[Event],
        ids: Sequence[str],
        rows: Sequence[Facts],
        *,
        late: str | None,
        budget: Budget | None,
    ) -> list[Decision]:
        if budget is not None and budget.spent:
            late = LATE_MODEL if late is None else f"{late},{LATE_MODEL}"
            scores, watched = NoModels().score(rows), NoModels().challenge(rows)
        else:
            scores, watched = self.models.score(rows), self.models.challenge(rows)
        encode, judge, hits = self._encode, self._judge, self.lists.hits
        versions = (self.catalogue.version, self.rule_set.version)
        decisions = []
        for event, name, row, score, seen in zip(events, ids, rows, scores, watched, strict=True):
            facts = (*row, *score, hits(event), late)
            decisions.append(
                Decision(name, event, *versions, facts, encode(facts), judge(facts), seen)
            )
        return decisions

    async def _forget(
        self, events: Sequence[Event], linked: Sequence[Event], *, profiled: bool
    ) -> None:
        for event in linked:
            self.graph.forget(event)
        if profiled:
            await self.profiles.forget(events)
