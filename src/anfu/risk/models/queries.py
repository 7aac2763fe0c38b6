"""Reads of models, their bytes and papers, and of decisions with what they turned out to be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
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


async def find_catalogue(tx: Tx, version: str) -> Catalogue:
    """A catalogue that was published. Raises BrokenInvariant where it was not."""
    body = await tx.fetchval("SELECT body FROM risk.catalogue WHERE version = $1", version)
    if body is None:
        raise BrokenInvariant(f"catalogue {version} is not kept")
    return read_catalogue(body)


async def find_reasons(tx: Tx, decision: str) -> dict[str, bytes]:
    """Why models scored a decision so, as canonical JSON by model."""
    rows = await tx.fetch("SELECT model, body FROM risk.model_reason WHERE decision = $1", decision)
    return {row["model"]: bytes(row["body"]) for row in rows}


async def unexplained(tx: Tx, *, since: datetime, most: int) -> list[str]:
    """Decisions since then that a model scored, that hold or block, and are not explained yet."""
    rows = await tx.fetch(
        "SELECT d.id FROM risk.decision d WHERE d.id >= $1 AND d.outcome IN ('REVIEW', 'BLOCK')"
        " AND d.beside IS NOT NULL AND jsonb_array_length(d.beside::jsonb -> 'models') > 0"
        " AND NOT EXISTS (SELECT FROM risk.model_reason r WHERE r.decision = d.id)"
        " ORDER BY d.id LIMIT $2",
        first_id(PREFIX, at=since),
        most,
    )
    return [row["id"] for row in rows]


async def last_drift(tx: Tx, model: str) -> tuple[datetime, bytes] | None:
    """When a model last drifted, and how far, as canonical JSON."""
    row = await tx.fetchrow(
        "SELECT at, body FROM risk.model_drift WHERE model = $1 ORDER BY id DESC LIMIT 1", model
    )
    return None if row is None else (row["at"], bytes(row["body"]))


async def list_drifts(tx: Tx, model: str, *, most: int = 50) -> list[dict[str, Any]]:
    """How a model drifted, the newest first: id, at, body."""
    rows = await tx.fetch(
        "SELECT id, at, body FROM risk.model_drift WHERE model = $1 ORDER BY id DESC LIMIT $2",
        model,
        most,
    )
    return [dict(row) for row in rows]


async def recent_decisions(tx: Tx, *, since: datetime, until: datetime, most: int) -> list[Any]:
    """The newest decisions of [since, until), as rows of id, facts, reasons, catalogue and beside;
    at most so many."""
    found: list[Any] = await tx.fetch(
        "SELECT id, facts, reasons, catalogue, beside FROM risk.decision WHERE id >= $1 AND id < $2"
        " ORDER BY id DESC LIMIT $3",
        first_id(PREFIX, at=since),
        first_id(PREFIX, at=until),
        most,
    )
    return found
