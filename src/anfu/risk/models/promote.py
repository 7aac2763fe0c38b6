"""Promote: a model's move is proposed with its papers, and carried out when somebody else agreed.

Labels come late: what is compared are decisions that were watched and have had their time to be
told of. A decision younger than the label delay is not among them, whatever is known of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.ids import Entropy, new_id
from anfu.risk.models.model import IN_USE, Model, Role, State, model_leaf
from anfu.risk.models.operations import check_move, move_model
from anfu.risk.models.queries import find_paper, get_model, list_models, stream_told
from anfu.risk.models.watched import Watched
from anfu.risk.proposals import operations as proposals
from anfu.risk.proposals.proposal import PREFIX, Paper, Proposal, Subject, proposal_leaf
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

LOOK_BACK = timedelta(days=90)
_SEED = 20_161
# Why a move may be refused, when it is proposed and again when it is approved.
MOVE_REFUSALS = ("model_not_found", "model_move_refused", "model_unproven", "challengers_too_many")


@dataclass(frozen=True, slots=True)
class Move:
    """`by` wants `model` in the state `to`; labels are given `delay` to come in."""

    model: str
    to: State
    by: str
    delay: timedelta


async def weigh(database: Database, move: Move, *, now: datetime) -> Mapping[str, Any] | None:
    """The comparison with the champion, as JSON values; None where there is no champion to compare
    with. Raises Refused("model_not_found")."""
    async with database.transaction(readonly=True, snapshot=True) as tx:
        model = await get_model(tx, move.model)
        champion = await _champion(tx, model.declaration.role)
        if champion is None or champion.id == model.id or champion.declaration.role is Role.ANOMALY:
            return None
        since, until = now - LOOK_BACK, now - move.delay
        watched = Watched(champion.id, model.id)
        async for page in stream_told(tx, since=since, until=until, known_by=now):
            watched.add(page)
    compared = await asyncio.to_thread(watched.compared, seed=_SEED)
    return {
        "champion": champion.id,
        "challenger": model.id,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "label_delay_days": move.delay.days,
        "rows": len(watched.truths),
        "frauds": sum(watched.truths),
        "stopped_and_untold": watched.unsaid,
        "comparison": None if compared is None else compared.document(),
    }


async def propose_move(
    tx: Tx, *, move: Move, weighed: Mapping[str, Any] | None, entropy: Entropy, now: datetime
) -> Proposal:
    """A proposal with what should be read before it is decided on: the FIGURES of the model's card
    and the COMPARISON, where there are any. Raises Refused: model_not_found, and as
    `check_move`."""
    model = await get_model(tx, move.model)
    check_move(model, move.to, await list_models(tx, states=sorted(IN_USE)))
    change = {"from": model.state, "to": move.to}
    made = Proposal(
        new_id(PREFIX, now=now, entropy=entropy), Subject.MODEL, model.id, canonical_bytes(change),
        move.by, now,
    )  # fmt: skip
    await proposals.propose(tx, proposal=made)
    papers = {
        "FIGURES": await find_paper(tx, model.id, "FIGURES"),
        "COMPARISON": None if weighed is None else canonical_bytes(weighed),
    }
    for kind, body in papers.items():
        if body is not None:
            await proposals.attach(tx, proposal=made.id, paper=Paper(kind, now, body))
    await append(tx, leaves=[Leaf("proposal", made.id, now, proposal_leaf(made, {}))])
    return made


async def carry_out(tx: Tx, proposal: Proposal, at: datetime) -> Mapping[str, Any]:
    """Move the model an approved proposal speaks of, and the champion it takes the place of.

    Raises Refused as `move_model` does: nothing is decided then.
    """
    change = json.loads(proposal.body)
    moved = await move_model(
        tx, model=proposal.target, to=State(change["to"]), by=str(proposal.decided_by),
        proposal=proposal.id, now=at,
    )  # fmt: skip
    await append(tx, leaves=[Leaf("model", model.id, at, model_leaf(model)) for model in moved])
    return {model.id: model.state for model in moved}


async def _champion(tx: Tx, role: Role) -> Model | None:
    reigning = await list_models(tx, states=[State.CHAMPION])
    return next((model for model in reigning if model.declaration.role is role), None)
