"""Explain: the reasons of a model in words, for decisions a person reads. Off the answer's way: by
the worker for what is held or blocked, or when somebody asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.risk.facts import decode
from anfu.risk.models.contributions import reasons_of, shares
from anfu.risk.models.operations import put_reasons
from anfu.risk.models.queries import (
    find_catalogue,
    find_reasons,
    get_model,
    get_onnx,
    unexplained,
)
from anfu.risk.models.serving import Scorer
from anfu.risk.queries import get_decision
from anfu.risk.replay import Stored
from anfu.storage.database import Database


class Explainer:
    """Explains decisions; keeps the models it has opened. Not shared between threads."""

    _MOST = 8

    def __init__(self, database: Database) -> None:
        self._database = database
        self._scorers: dict[tuple[str, str], Scorer] = {}

    async def explain(self, decision: str, *, now: datetime) -> list[Mapping[str, Any]]:
        """The reasons of each model that scored it: `model` and `reasons`, computed at the first
        asking and kept. Raises Refused("decision_not_found")."""
        async with self._database.transaction(readonly=True) as tx:
            stored = await get_decision(tx, decision)
            known = await find_reasons(tx, decision)
        for model in stored.models:
            if model not in known:
                known[model] = body = await self._reasons(stored, model)

                async def keep(tx: Any, model: str = model, body: bytes = body) -> None:
                    await put_reasons(tx, decision=decision, model=model, body=body, now=now)

                await self._database.run(keep)
        return [{"model": model, "reasons": json.loads(known[model])} for model in stored.models]

    async def explain_held(self, *, now: datetime, since: datetime, most: int) -> int:
        """Explain what was held or blocked since then and is not explained yet; how many."""
        async with self._database.transaction(readonly=True) as tx:
            waiting = await unexplained(tx, since=since, most=most)
        for decision in waiting:
            await self.explain(decision, now=now)
        return len(waiting)

    async def _reasons(self, stored: Stored, model: str) -> bytes:
        async with self._database.transaction(readonly=True) as tx:
            catalogue = await find_catalogue(tx, stored.catalogue)
            scorer = self._scorers.get((model, stored.catalogue))
            if scorer is None:
                declaration = (await get_model(tx, model)).declaration
                scorer = Scorer(declaration, await get_onnx(tx, model), catalogue.facts)
        if len(self._scorers) >= self._MOST:
            self._scorers.clear()
        self._scorers[model, stored.catalogue] = scorer
        row = scorer.matrix([decode(catalogue.facts, stored.body)])
        found = await asyncio.to_thread(shares, scorer, row, seed=stored.id)
        return canonical_bytes(reasons_of(found, catalogue))
