"""Reads of models, their bytes and papers, and of decisions with what they turned out to be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.kernel.ids import first_id
from anfu.risk.facts import Facts, decode
from anfu.risk.features import Catalogue, read_catalogue
from anfu.risk.label import Truth
from anfu.risk.models.model import Model, State, read_declaration
from anfu.risk.queries import PREFIX, decision_of
from anfu.risk.replay import Stored
from anfu.storage.transaction import Tx

COLUMNS = (
    "id, role, declaration, length(onnx) AS size, author, created_at, state, moved_by, moved_at"
)
# Small enough that reading a page of facts never holds up a payment for long.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with its facts, and what was known by then of how it turned out: `truth` is what
    was said last, at `told_at`; both None when nothing was said."""

    stored: Stored
    catalogue: Catalogue
    facts: Facts
    truth: Truth | None
    told_at: datetime | None


async def get_model(tx: Tx, model: str) -> Model:
    """Raises Refused("model_not_found")."""
    row = await tx.fetchrow(f"SELECT {COLUMNS} FROM risk.model WHERE id = $1", model)
    if row is None:
        raise Refused("model_not_found", field="model", model=model)
    return model_of(row)


async def list_models(
    tx: Tx, *, states: Sequence[State] = tuple(State), after: str | None = None, most: int = 50
) -> list[Model]:
    """A page, the newest first, of models in these states; `after` is the last of the page
    before."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.model m WHERE state = ANY($1::text[]) AND ($2::text IS NULL OR"
        " (created_at, id) < (SELECT created_at, id FROM risk.model WHERE id = $2))"
        " ORDER BY created_at DESC, id DESC LIMIT $3",
        list(states),
        after,
        most,
    )
    return [model_of(row) for row in rows]


async def get_onnx(tx: Tx, model: str) -> bytes:
    """The bytes of a model. Raises Refused("model_not_found")."""
    found = await tx.fetchval("SELECT onnx FROM risk.model WHERE id = $1", model)
    if found is None:
        raise Refused("model_not_found", field="model", model=model)
    return bytes(found)


async def find_paper(tx: Tx, model: str, kind: str) -> bytes | None:
    """The newest paper of a kind, as canonical JSON."""
    found = await tx.fetchval(
        "SELECT body FROM risk.model_paper WHERE model = $1 AND kind = $2 ORDER BY at DESC LIMIT 1",
        model,
        kind,
    )
    return None if found is None else bytes(found)


async def last_move(tx: Tx) -> int:
    """The number of the last move of any model; 0 before the first."""
    return int(await tx.fetchval("SELECT coalesce(max(seq), 0) FROM risk.model_move"))


async def list_moves(tx: Tx, model: str) -> list[dict[str, Any]]:
    """Every state a model was in, the oldest first: state, at, by, proposal."""
    rows = await tx.fetch(
        "SELECT state, at, by, proposal FROM risk.model_move WHERE model = $1 ORDER BY seq", model
    )
    return [dict(row) for row in rows]


async def stream_told(
    tx: Tx, *, since: datetime, until: datetime, known_by: datetime
) -> AsyncIterator[list[Told]]:
    """Pages of the decisions made in [since, until), in their order, with the last word said of
    each at or before `known_by`: a label that was told later is not seen."""
    catalogues: dict[str, Catalogue] = {}
    last, end, sign = first_id(PREFIX, at=since), first_id(PREFIX, at=until), ">="
    while True:
        rows = await tx.fetch(
            "SELECT id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside"
            f" FROM risk.decision WHERE id {sign} $1 AND id < $2 ORDER BY id LIMIT {_PAGE}",
            last,
            end,
        )
        for version in {row["catalogue"] for row in rows} - catalogues.keys():
            body = await tx.fetchval("SELECT body FROM risk.catalogue WHERE version = $1", version)
            catalogues[version] = read_catalogue(body)
        if rows:
            yield await _told(tx, rows, catalogues, known_by)
        if len(rows) < _PAGE:
            return
        last, sign = rows[-1]["id"], ">"


async def _told(
    tx: Tx, rows: Sequence[Any], catalogues: dict[str, Catalogue], known_by: datetime
) -> list[Told]:
    facts = [decode(catalogues[row["catalogue"]].facts, row["facts"]) for row in rows]
    named = [*(row["id"] for row in rows), *(str(known[0]) for known in facts)]
    labels = await tx.fetch(
        "SELECT DISTINCT ON (payment) payment, label, at FROM risk.label"
        " WHERE payment = ANY($1::text[]) AND at <= $2 ORDER BY payment, seq DESC",
        named,
        known_by,
    )
    said = {label["payment"]: (Truth(label["label"]), label["at"]) for label in labels}
    told = []
    for row, known in zip(rows, facts, strict=True):
        truth, at = said.get(row["id"]) or said.get(str(known[0])) or (None, None)
        catalogue = catalogues[row["catalogue"]]
        told.append(Told(decision_of(row), catalogue, known, truth, at))
    return told


def model_of(row: Any) -> Model:
    """The model a row of COLUMNS holds."""
    return Model(
        declaration=read_declaration(bytes(row["declaration"])),
        state=State(row["state"]),
        size=row["size"],
        author=row["author"],
        created_at=row["created_at"],
        by=row["moved_by"],
        since=row["moved_at"],
    )
