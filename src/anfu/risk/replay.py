"""A decision as it was stored, and the same decision made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from anfu.kernel.canonical import canonical_bytes
from anfu.risk.decision import Judge, Verdict, make_judge
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind, moment
from anfu.risk.facts import Facts, decode
from anfu.risk.features import Catalogue, read_catalogue
from anfu.risk.rules import read_rule_set


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of `risk.decision`; `body` are the facts as canonical bytes,
    `watched` the scores of models that only watched, by id, `models` the ids of those in force."""

    id: str
    at: datetime
    verdict: Verdict
    catalogue: str
    rule_set: str
    body: bytes
    watched: Mapping[str, float]
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """`differences` is empty when the stored verdict followed, bit for bit, from what is stored:
    any of `facts` (not in canonical form), `event`, `outcome`, `grade`, `score`, `reasons`,
    `shadow`."""

    stored: Stored
    again: Verdict
    facts: Facts
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.differences


def replay_decision(stored: Stored, catalogue: bytes, rule_set: bytes) -> Replay:
    """Decide again from the stored facts by the stored texts of catalogue and rule set."""
    known, judge = _judge(catalogue, rule_set)
    facts = decode(known.facts, stored.body)
    again = judge(facts)
    differences = []
    if canonical_bytes(facts) != stored.body:
        differences.append("facts")
    if event_of(known, facts).at != stored.at:
        differences.append("event")
    if again != stored.verdict:
        pairs = ((n, getattr(again, n), getattr(stored.verdict, n)) for n in _PARTS)
        differences += [name for name, new, old in pairs if new != old]
    return Replay(stored, again, facts, tuple(differences))


_PARTS = ("outcome", "grade", "score", "reasons", "shadow")


def event_of(catalogue: Catalogue, facts: Facts) -> Event:
    """The event whose facts these are."""
    named = dict(zip((i.name for i in catalogue.inputs), facts, strict=False))
    return Event(
        id=named["event"],
        payer=named["payer"],
        payee=named["payee"],
        amount=named["amount"],
        currency=named["currency"],
        method=named["method"],
        card=named["card"],
        at=moment(named["at"]),
        environment=Environment(
            named["device"], named["address"], named["latitude"], named["longitude"]
        ),
        kind=Kind(named["kind"]),
        terminal=named["terminal"],
        phone=named["phone"],
        payee_kind=named["payee_kind"],
        mcc=named["mcc"],
        promotion=named["promotion"],
    )


@lru_cache(maxsize=64)
def _judge(catalogue: bytes, rule_set: bytes) -> tuple[Catalogue, Judge]:
    known = read_catalogue(catalogue)
    return known, make_judge(known, read_rule_set(rule_set))
