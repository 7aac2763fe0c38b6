"""The engine: facts, verdict and learning for a batch of events, in process."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.risk.decision import Decision, decide, make_judge
from anfu.risk.event import Event
from anfu.risk.facts import encoder
from anfu.risk.features import Catalogue
from anfu.risk.profiles import Profiles
from anfu.risk.rules import RuleSet


class Engine:
    """Raises Refused when a rule does not fit the catalogue, ValueError when `profiles` are of
    another catalogue."""

    def __init__(self, catalogue: Catalogue, rule_set: RuleSet, profiles: Profiles) -> None:
        if profiles.catalogue.version != catalogue.version:
            raise ValueError("the profiles were kept for another catalogue")
        self.catalogue = catalogue
        self.profiles = profiles
        self._encode = encoder(catalogue.facts)
        self.use(rule_set)

    def use(self, rule_set: RuleSet) -> None:
        """Decide by `rule_set` from the next event on. Raises Refused and changes nothing when a
        rule does not fit."""
        self._judge = make_judge(self.catalogue, rule_set)
        self.rule_set = rule_set

    def decide(self, events: Sequence[Event], ids: Sequence[str]) -> list[Decision]:
        """Decide each event in turn and learn it at once: the next one, and any batch that runs
        beside this one, sees it. The facts of an event count the event itself.

        When it raises, nothing of the batch has been learned.
        """
        versions = (self.catalogue.version, self.rule_set.version)
        learn, encode, judge = self.profiles.learn, self._encode, self._judge
        decisions: list[Decision] = []
        learned = 0
        try:
            for event, name in zip(events, ids, strict=True):
                facts = learn(event)
                learned += 1
                decisions.append(
                    decide(event, facts, encode(facts), name=name, judge=judge, versions=versions)
                )
        except BaseException:
            self.forget(events[:learned])
            raise
        return decisions

    def forget(self, events: Sequence[Event]) -> None:
        """Take the learning of `events` back: their transaction was rolled back."""
        for event in events:
            self.profiles.forget(event)
