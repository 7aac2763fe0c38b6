"""A stored decision's scores made again from its stored facts, by the models that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isnan

from anfu.risk.facts import Fact
from anfu.risk.models.model import Role
from anfu.risk.models.serving import Scorer
from anfu.risk.replay import Replay

# Trees give the same bits on every machine; sums of products may differ in their last places.
NEAR = 2e-6
_FACTS = {Role.FRAUD: "model_score", Role.ANOMALY: "anomaly_score"}


def rescored(replay: Replay, facts: tuple[Fact, ...], scorers: Mapping[str, Scorer]) -> Replay:
    """The replay, with `model_score` or `anomaly_score` among its differences where a model of
    `scorers` that was in force gives another score now. Scores that were left out stay so."""
    places = {fact.name: i for i, fact in enumerate(facts)}
    found = list(replay.differences)
    for model in replay.stored.models:
        scorer = scorers.get(model)
        if scorer is None:
            continue
        name = _FACTS[scorer.declaration.role]
        stored = replay.facts[places[name]]
        again = float(scorer.scores(scorer.matrix([replay.facts]))[0])
        if stored is not None and (isnan(again) or abs(again - stored) > NEAR):
            found.append(name)
    return replace(replay, differences=tuple(found))
