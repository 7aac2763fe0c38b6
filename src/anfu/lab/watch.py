"""Watch: the models in force are compared with what they were trained on, and an alert is told."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import canonical_bytes, digest
from anfu.kernel.ids import Entropy, new_id
from anfu.lab.drift import Drift, Seen, drifted, read_reference, restless
from anfu.payments.document import event_document
from anfu.payments.record import INSTITUTION
from anfu.risk.facts import decode
from anfu.risk.models.matrix import make_matrix
from anfu.risk.models.model import Model, Role, State
from anfu.risk.models.operations import add_drift
from anfu.risk.models.queries import (
    find_catalogue,
    find_paper,
    last_drift,
    list_models,
    recent_decisions,
)
from anfu.storage import outbox
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

KIND, PREFIX = "model.drift", "drf"


@dataclass(frozen=True, slots=True)
class Watching:
    """The newest `rows` decisions of the last `window` are looked at; what was told is told again
    only after `quiet`, or when something else has drifted. `notified` are the lines to staff."""

    window: timedelta = timedelta(days=1)
    rows: int = 5_000
    quiet: timedelta = timedelta(days=1)
    notified: Sequence[str] = ()


async def watch(
    database: Database, watching: Watching, *, entropy: Entropy, now: datetime
) -> list[str]:
    """The ids of the alerts that were told: a stored drift, an event `model.drift` and a leaf."""
    async with database.transaction(readonly=True) as tx:
        champions = await list_models(tx, states=[State.CHAMPION])
    told = []
    for model in champions:
        found = await _look(database, model, watching, now)
        if found is not None and found.alerts:
            alert = await database.run(
                lambda tx, m=model, f=found: _tell(tx, m, f, watching, entropy, now)  # type: ignore[misc]
            )
            told += [] if alert is None else [alert]
    return told


async def _look(
    database: Database, model: Model, watching: Watching, now: datetime
) -> Drift | None:
    """How far what `model` scored lately is from its reference; None where either is missing."""
    async with database.transaction(readonly=True) as tx:
        kept = await find_paper(tx, model.id, "REFERENCE")
        if kept is None:
            return None
        since = max(now - watching.window, model.since)
        rows = await recent_decisions(tx, since=since, until=now, most=watching.rows)
        versions = {row["catalogue"] for row in rows}
        catalogues = {version: await find_catalogue(tx, version) for version in versions}
    ours = [row for row in rows if model.id in json.loads(row["beside"] or "{}").get("models", ())]
    return await asyncio.to_thread(_measured, model, json.loads(kept), ours, catalogues)


def _measured(model: Model, reference: Any, rows: Sequence[Any], catalogues: Any) -> Drift | None:
    columns = model.declaration.columns
    score = "anomaly_score" if model.declaration.role is Role.ANOMALY else "model_score"
    matrices, scores, reasons = [], [], Counter[str]()
    for version, catalogue in catalogues.items():
        facts = [decode(catalogue.facts, r["facts"]) for r in rows if r["catalogue"] == version]
        place = next(i for i, fact in enumerate(catalogue.facts) if fact.name == score)
        if facts:
            matrices.append(make_matrix(columns, catalogue.facts)(facts))
            scores += [known[place] for known in facts]
    for row in rows:
        reasons.update(filter(None, row["reasons"].split(",")))
    if not matrices:
        return None
    made = np.array(scores, dtype=np.float64)
    seen = Seen([c.fact for c in columns], np.concatenate(matrices), made, reasons)
    moving = frozenset[str]().union(*map(restless, catalogues.values()))
    return drifted(read_reference(reference), seen, moving)


async def _tell(
    tx: Tx, model: Model, found: Drift, watching: Watching, entropy: Entropy, now: datetime
) -> str | None:
    before = await last_drift(tx, model.id)
    if before is not None and now - before[0] < watching.quiet:
        told = set(json.loads(before[1])["alerts"])
        if set(found.alerts) <= told:
            return None
    alert = new_id(PREFIX, now=now, entropy=entropy)
    document = {"id": alert, "object": "drift", "model": model.id, **found.document()}
    await add_drift(tx, drift=alert, model=model.id, body=canonical_bytes(document), now=now)
    event = new_id("evt", now=now, entropy=entropy)
    body = event_document(event, KIND, now, canonical_bytes(document))
    put = outbox.Event(event, KIND, alert, INSTITUTION, now, body)
    endpoints = {event: watching.notified}
    await outbox.put(tx, events=[put], endpoints=endpoints, now=now, entropy=entropy)
    leaf = {"model": model.id, "alerts": found.alerts, "drift": digest(document).hex()}
    await append(tx, leaves=[Leaf("drift", alert, now, leaf)])
    return alert
