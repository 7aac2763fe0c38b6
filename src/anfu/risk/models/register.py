"""Register: a model is examined, and kept as a candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from anfu.evidence.log import Leaf
from anfu.evidence.operations import append
from anfu.risk.facts import Fact
from anfu.risk.models.examine import examine
from anfu.risk.models.model import Declaration, Model, State, check_columns, model_leaf
from anfu.risk.models.operations import add_model
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Offer:
    """A model somebody (`author`, the id of a key) brings. `papers` are canonical JSON by kind:
    FIGURES of its card, REFERENCE distributions."""

    declaration: Declaration
    onnx: bytes
    author: str
    papers: Mapping[str, bytes] = field(default_factory=dict)


async def look_at(offer: Offer, facts: Sequence[Fact]) -> None:
    """Raises Refused as `check_columns` and `examine` do. To be called with no transaction open."""
    check_columns(offer.declaration, facts)
    await examine(offer.declaration, offer.onnx)


async def register(tx: Tx, *, offer: Offer, now: datetime) -> Model:
    """Keep a model that was looked at. Raises Refused("model_known")."""
    made = Model(
        offer.declaration, State.CANDIDATE, len(offer.onnx), offer.author, now, offer.author, now
    )
    await add_model(tx, model=made, onnx=offer.onnx, papers=offer.papers, now=now)
    await append(tx, leaves=[Leaf("model", made.id, now, model_leaf(made))])
    return made
