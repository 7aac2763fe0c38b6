"""Writes of models: a new one, its papers, its moves, its reasons, what drifted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.risk.models.model import MOVES, Model, State
from anfu.risk.models.queries import COLUMNS, model_of
from anfu.storage.transaction import Tx

CHALLENGERS_MAX = 3


async def add_model(
    tx: Tx, *, model: Model, onnx: bytes, papers: Mapping[str, bytes], now: datetime
) -> None:
    """Keep a new candidate with its papers (canonical JSON by kind). Raises
    Refused("model_known")."""
    declaration = model.declaration
    done = await tx.execute(
        "INSERT INTO risk.model (id, role, declaration, onnx, author, created_at, moved_by,"
        " moved_at) VALUES ($1, $2, $3, $4, $5, $6, $5, $6) ON CONFLICT (id) DO NOTHING",
        model.id,
        declaration.role,
        declaration.body,
        onnx,
        model.author,
        now,
    )
    if done == "INSERT 0 0":
        raise Refused("model_known", field="declaration", model=model.id)
    await _note(tx, model=model.id, state=State.CANDIDATE, by=model.author, proposal=None, now=now)
    for kind, body in papers.items():
        await add_paper(tx, model=model.id, kind=kind, body=body, now=now)


async def add_paper(tx: Tx, *, model: str, kind: str, body: bytes, now: datetime) -> None:
    """Add a paper (canonical JSON) to a model; the newest of a kind speaks."""
    await tx.execute(
        "INSERT INTO risk.model_paper (model, kind, at, body) VALUES ($1, $2, $3, $4)",
        model,
        kind,
        now,
        body,
    )


async def move_model(
    tx: Tx, *, model: str, to: State, by: str, proposal: str, now: datetime
) -> list[Model]:
    """The models that moved, as they are from now on: `model`, and the champion whose place it
    took, which goes on as a challenger.

    Raises Refused: model_not_found, model_move_refused, model_unproven, challengers_too_many.
    """
    # Moves follow each other: how many challengers there are is counted, not guarded by an index.
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('risk.model'))")
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.model WHERE id = $1 OR state IN ('CHALLENGER', 'CHAMPION')",
        model,
    )
    models = {found.id: found for found in map(model_of, rows)}
    if model not in models:
        raise Refused("model_not_found", field="model", model=model)
    wanted = models[model]
    check_move(wanted, to, list(models.values()))
    steps = [(wanted.id, to)]
    if to is State.CHAMPION:
        role = wanted.declaration.role
        steps = [
            (other.id, State.CHALLENGER)
            for other in models.values()
            if other.state is State.CHAMPION and other.declaration.role is role
        ] + steps
    moved = []
    for name, state in steps:
        row = await tx.fetchrow(
            "UPDATE risk.model SET state = $2, moved_by = $3, moved_at = $4 WHERE id = $1"
            f" RETURNING {COLUMNS}",
            name,
            state,
            by,
            now,
        )
        await _note(tx, model=name, state=state, by=by, proposal=proposal, now=now)
        moved.append(model_of(row))
    return moved


def check_move(model: Model, to: State, others: list[Model]) -> None:
    """Whether `model` may become `to` beside `others`, which are those in use.

    Raises Refused: model_move_refused; model_unproven when it would take a champion's place
    without having been a challenger; challengers_too_many.
    """
    if to not in MOVES[model.state]:
        raise Refused("model_move_refused", field="to", state=model.state, to=to)
    role = model.declaration.role
    reigning = [m for m in others if m.state is State.CHAMPION and m.declaration.role is role]
    if to is State.CHAMPION and reigning and model.state is State.CANDIDATE:
        raise Refused("model_unproven", field="to")
    challengers = sum(m.state is State.CHALLENGER for m in others if m.id != model.id)
    if to is State.CHALLENGER and challengers >= CHALLENGERS_MAX:
        raise Refused("challengers_too_many", field="to", most=CHALLENGERS_MAX)


async def put_reasons(tx: Tx, *, decision: str, model: str, body: bytes, now: datetime) -> None:
    """Keep why a model scored a decision so (canonical JSON); what is kept stays."""
    await tx.execute(
        "INSERT INTO risk.model_reason (decision, model, at, body) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        decision,
        model,
        now,
        body,
    )


async def add_drift(tx: Tx, *, drift: str, model: str, body: bytes, now: datetime) -> None:
    """Keep what drifted (canonical JSON)."""
    await tx.execute(
        "INSERT INTO risk.model_drift (id, model, at, body) VALUES ($1, $2, $3, $4)",
        drift,
        model,
        now,
        body,
    )


async def _note(
    tx: Tx, *, model: str, state: State, by: str, proposal: str | None, now: datetime
) -> None:
    await tx.execute(
        "INSERT INTO risk.model_move (model, state, at, by, proposal) VALUES ($1, $2, $3, $4, $5)",
        model,
        state,
        now,
        by,
        proposal,
    )
