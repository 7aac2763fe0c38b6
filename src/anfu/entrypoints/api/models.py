"""Models: bring one, read what is kept, and propose where it should stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.proposals import ProposalDocument, proposal_document
from anfu.kernel.canonical import canonical_bytes
from anfu.payments.document import encode, rfc3339
from anfu.risk.models import queries
from anfu.risk.models.explain import Explainer
from anfu.risk.models.model import Model, Role, State, read_declaration
from anfu.risk.models.promote import MOVE_REFUSALS, Move, propose_move, weigh
from anfu.risk.models.register import Offer, look_at, register
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

# The bytes of a model travel in base64.
_BODY_MAX = 17 << 20
Days = Annotated[int, Meta(ge=0, le=365)]


class ModelForm(Request, frozen=True):
    """`onnx` in base64. `declaration`: `name`, `role` FRAUD or ANOMALY, `columns` (`fact`, `null`,
    `codes`, `typical`), `output`, `calibration` (`scale`, `x`, `y`) and `cutoffs` (`middle`,
    `general`, `high`). `figures` of its card and `reference` distributions are those that
    `anfu train` writes."""

    declaration: dict[str, Any]
    onnx: bytes
    figures: dict[str, Any] | None = None
    reference: dict[str, Any] | None = None


class ModelDocument(Struct, frozen=True):
    """A model as it stands; `declaration` and `moves` only where one model is read."""

    id: str
    object: Literal["model"]
    name: str
    role: Role
    state: State
    size: int
    onnx: str
    author: str
    created_at: datetime
    moved_by: str
    moved_at: datetime
    declaration: dict[str, Any] = {}
    figures: dict[str, Any] | None = None
    moves: list[dict[str, Any]] = []


class ModelList(Struct, frozen=True):
    """A page of models."""

    object: Literal["list"]
    data: list[ModelDocument]
    more: bool


class ModelQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Newest first; `after` is the last id of the page before."""

    limit: Limit = 20
    after: Id | None = None
    state: State | None = None


class MoveForm(Request, frozen=True):
    """Where the model should stand. Decisions younger than the label delay are not compared."""

    to: State
    label_delay_days: Days = 7


class DriftDocument(Struct, frozen=True):
    """How far what a model saw had moved from what it was trained on: stability indices."""

    id: str
    object: Literal["drift"]
    model: str
    created_at: datetime
    rows: int
    score: float
    columns: dict[str, float]
    reasons: dict[str, float]
    alerts: list[str]
    thresholds: dict[str, float]


class DriftList(Struct, frozen=True):
    """The newest alerts of a model."""

    object: Literal["list"]
    data: list[DriftDocument]
    more: bool


class ModelReason(Struct, frozen=True):
    """What speaks against the payment: a fact, at a value, where an ordinary honest payment has
    another, and what it adds to the score (log-odds for a fraud model)."""

    code: str
    en: str
    zh: str
    value: float | None
    typical: float | None
    adds: float


class ModelReasons(Struct, frozen=True):
    """The reasons of one model, the strongest first."""

    model: str
    reasons: list[ModelReason]


class ReasonsDocument(Struct, frozen=True):
    """Why the models scored a decision as they did."""

    object: Literal["reasons"]
    decision: str
    models: list[ModelReasons]


class ComparisonQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Decisions younger than the label delay are not compared."""

    label_delay_days: Days = 7


class ComparisonDocument(Struct, frozen=True):
    """The model beside the champion on decisions both scored; `result` is None where there is no
    champion, or no fraud among what has matured."""

    object: Literal["comparison"]
    model: str
    result: dict[str, Any] | None


def model_document(model: Model) -> dict[str, Any]:
    """What a caller learns of a model."""
    return {
        "id": model.id,
        "object": "model",
        "name": model.declaration.name,
        "role": model.declaration.role,
        "state": model.state,
        "size": model.size,
        "onnx": model.declaration.onnx,
        "author": model.author,
        "created_at": rfc3339(model.created_at),
        "moved_by": model.by,
        "moved_at": rfc3339(model.since),
    }


async def create(call: Call) -> Answer:
    """Examine a model and keep it as a candidate."""
    form: ModelForm = call.body
    tools = call.desk.tools
    declaration = read_declaration(msgspec.json.encode(form.declaration), onnx=form.onnx)
    papers = {"FIGURES": form.figures, "REFERENCE": form.reference}
    bodies = {kind: canonical_bytes(body) for kind, body in papers.items() if body is not None}
    offer = Offer(declaration, form.onnx, call.person, bodies)
    await look_at(offer, tools.engine.catalogue.facts)

    async def work(tx: Tx) -> Answer:
        made = await register(tx, offer=offer, now=call.now)
        return Answer(201, encode(model_document(made)))

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def listed(call: Call) -> Answer:
    """A page."""
    query: ModelQuery = call.query
    states = list(State) if query.state is None else [query.state]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_models(
            tx, states=states, after=query.after, most=query.limit + 1
        )
    return Answer(200, page([model_document(model) for model in found], query.limit))


async def get(call: Call) -> Answer:
    """One, with its declaration, the figures of its card and its moves."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        model = await queries.get_model(tx, call.path["model"])
        figures = await queries.find_paper(tx, model.id, "FIGURES")
        moves = await queries.list_moves(tx, model.id)
    document = {
        **model_document(model),
        "declaration": msgspec.json.decode(model.declaration.body),
        "figures": None if figures is None else msgspec.json.decode(figures),
        "moves": [{**move, "at": rfc3339(move["at"])} for move in moves],
    }
    return Answer(200, encode(document))


async def compare(call: Call) -> Answer:
    """The model beside the champion."""
    query: ComparisonQuery = call.query
    move = _move(call, State.CHAMPION, query.label_delay_days)
    result = await weigh(call.desk.tools.database, move, now=call.now)
    return Answer(200, encode({"object": "comparison", "model": move.model, "result": result}))


async def move(call: Call) -> Answer:
    """Propose that the model stands elsewhere."""
    form: MoveForm = call.body
    tools = call.desk.tools
    wish = _move(call, form.to, form.label_delay_days)
    weighed = await weigh(tools.database, wish, now=call.now) if form.to in _WEIGHED else None

    async def work(tx: Tx) -> Answer:
        made = await propose_move(
            tx, move=wish, weighed=weighed, entropy=tools.entropy, now=call.now
        )
        return Answer(201, encode(proposal_document(made)))

    return await idempotency.once(tools.database, call.once, work, now=call.now)


async def drifts(call: Call) -> Answer:
    """The alerts of a model."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        model = await queries.get_model(tx, call.path["model"])
        found = await queries.list_drifts(tx, model.id, most=_DRIFTS_MOST)
    told = [{**msgspec.json.decode(row["body"]), "created_at": rfc3339(row["at"])} for row in found]
    return Answer(200, page(told, _DRIFTS_MOST))


async def explain(call: Call) -> Answer:
    """Why the models scored a decision so."""
    explainer = Explainer(call.desk.tools.database)
    decision = call.path["decision"]
    told = await explainer.explain(decision, now=call.now)
    return Answer(200, encode({"object": "reasons", "decision": decision, "models": told}))


_DRIFTS_MOST = 50
_WEIGHED = frozenset({State.CHAMPION})


def _move(call: Call, to: State, days: int) -> Move:
    return Move(call.path["model"], to, call.person, timedelta(days=days))


_EXAMINED = (
    *("declaration_unreadable", "model_name_invalid", "model_columns_invalid"),
    *("model_output_invalid", "model_calibration_invalid", "model_cutoffs_invalid"),
    *("model_input_unknown", "model_input_refused", "model_input_codes", "model_too_large"),
    *("model_unreadable", "model_external_data", "model_operator_refused", "model_opset_refused"),
    *("model_shape_invalid", "model_not_repeatable", "model_slow", "model_costly"),
    *("model_crashes", "model_known"),
)
_EXAMPLE = {
    "declaration": {
        "name": "fraud", "role": "FRAUD", "output": "probabilities",
        "columns": [{"fact": "amount", "typical": 3500}, {"fact": "payer_count_1h", "null": 0}],
        "calibration": {"scale": "LOGIT", "x": [1.0], "y": [-0.7]},
        "cutoffs": {"middle": 0.2, "general": 0.6, "high": 0.9},
    },
    "onnx": "CAg=",
}  # fmt: skip

OPERATIONS = (
    Operation("create_model", "POST", "/v1/models", "Bring a model; it is examined and kept as a"
              " candidate.", create, scope="models:write", body=ModelForm, answer=ModelDocument,
              status=201, once=True, institution=True, refusals=_EXAMINED, most=_BODY_MAX,
              example=_EXAMPLE),
    Operation("list_models", "GET", "/v1/models", "List models.", listed, scope="models:read",
              query=ModelQuery, answer=ModelList, institution=True),
    Operation("get_model", "GET", "/v1/models/{model}", "Read a model.", get, scope="models:read",
              answer=ModelDocument, institution=True, refusals=("model_not_found",)),
    Operation("compare_model", "GET", "/v1/models/{model}/comparison", "Compare a challenger with"
              " the champion on what has matured.", compare, scope="models:read",
              query=ComparisonQuery, answer=ComparisonDocument,
              institution=True, refusals=("model_not_found",)),
    Operation("move_model", "POST", "/v1/models/{model}/moves", "Propose that a model becomes"
              " challenger, champion or retired.", move, scope="models:write", body=MoveForm,
              answer=ProposalDocument, status=201, once=True,
              institution=True, refusals=MOVE_REFUSALS,
              example={"to": "CHALLENGER"}),
    Operation("list_drifts", "GET", "/v1/models/{model}/drifts", "How a model's world has moved.",
              drifts, scope="models:read", answer=DriftList, institution=True,
              refusals=("model_not_found",)),
    Operation("explain_decision", "GET", "/v1/decisions/{decision}/reasons", "Why the models scored"
              " a decision so.", explain, scope="decisions:read", answer=ReasonsDocument,
              institution=True, refusals=("decision_not_found",)),
)  # fmt: skip
