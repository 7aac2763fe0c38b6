"""Follow: this process scores with the models that are in force now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from anfu.risk.models.model import IN_USE, Model, Role, State
from anfu.risk.models.queries import get_onnx, last_move, list_models
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.storage.database import Database

log = logging.getLogger(__name__)

_MOST = 16


async def follow(database: Database, serving: Serving) -> bool:
    """Whether anything changed since `serving` last followed. A model that cannot be made ready is
    left out and the one before it goes on."""
    async with database.transaction(readonly=True) as tx:
        seq = await last_move(tx)
        if seq == serving.force.seq:
            return False
        models = await list_models(tx, states=sorted(IN_USE), most=_MOST)
        ready = {scorer.id: scorer for scorer in serving.force.scorers}
        fresh = {m.id: await get_onnx(tx, m.id) for m in models if m.id not in ready}
    for model in models:
        if model.id in fresh:
            scorer = await asyncio.to_thread(_ready, serving, model, fresh[model.id])
            if scorer is not None:
                ready[model.id] = scorer
    serving.use(force_of(models, ready, before=serving.force, seq=seq))
    return True


def force_of(models: list[Model], ready: Mapping[str, Scorer], *, before: Force, seq: int) -> Force:
    """The scorers of `models` by their states; where a champion is not ready, the one `before`."""

    def reigning(role: Role, other: Scorer | None) -> Scorer | None:
        for model in models:
            if model.state is State.CHAMPION and model.declaration.role is role:
                return ready.get(model.id, other)
        return None

    return Force(
        champion=reigning(Role.FRAUD, before.champion),
        anomaly=reigning(Role.ANOMALY, before.anomaly),
        challengers=tuple(
            ready[m.id] for m in models if m.state is State.CHALLENGER and m.id in ready
        ),
        seq=seq,
    )


def _ready(serving: Serving, model: Model, onnx: bytes) -> Scorer | None:
    try:
        return Scorer(model.declaration, onnx, serving.catalogue.facts)
    except Exception as error:  # a model must never keep the others from being followed
        log.error("model %s cannot be made ready: %s", model.id, error)
        return None
