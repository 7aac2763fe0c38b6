"""The graph: what is tied to an account or a key, for drawing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Personal
from anfu.entrypoints.api.operation import Call, Operation
from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id
from anfu.parties.party import MERCHANT_PREFIX
from anfu.payments.document import encode, rfc3339
from anfu.risk.event import EPOCH
from anfu.risk.graph.drawing import ACCOUNT, Edge, draw
from anfu.risk.graph.graph import LinkGraph
from anfu.storage.idempotency import Answer

_SECOND = timedelta(seconds=1)


class GraphQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How many edges away from the start."""

    depth: Annotated[int, Meta(ge=1, le=3)] = 2


class NodeDocument(Struct, frozen=True):
    """A node, named in edges by its `number`; 0 is the start. `id` is masked where personal. A
    `hub` is shared by so many that it ties nobody; what lies behind it is not drawn."""

    number: int
    kind: Literal["account", "device", "card", "address", "phone"]
    id: Personal
    steps: int
    fraud: bool
    hub: bool


class EdgeDocument(Struct, frozen=True):
    """USED: an account (source) and a key. PAID: payer (source) and payee. `count` within the
    window of its kind."""

    source: int
    target: int
    kind: Literal["USED", "PAID"]
    count: int
    first_seen: datetime
    last_seen: datetime


class NeighbourhoodDocument(Struct, frozen=True):
    """What lies around a node, as this process knows it; `truncated`: there is more than is
    drawn."""

    object: Literal["neighbourhood"]
    nodes: list[NodeDocument]
    edges: list[EdgeDocument]
    truncated: bool


async def get(call: Call) -> Answer:
    """A neighbourhood."""
    graph = call.desk.tools.engine.graph
    if not isinstance(graph, LinkGraph):
        raise Refused("graph_node_not_found", field="id")
    at = (call.now - EPOCH) // _SECOND
    drawing = draw(graph, call.path["kind"], call.path["id"], depth=call.query.depth, at=at)
    accounts = (node.id for node in drawing.nodes if node.kind == ACCOUNT)
    call.saw(*(account for account in accounts if not is_id(MERCHANT_PREFIX, account)))
    document = {
        "object": "neighbourhood",
        "nodes": [asdict(node) for node in drawing.nodes],
        "edges": [_edge(edge) for edge in drawing.edges],
        "truncated": drawing.truncated,
    }
    return Answer(200, encode(document))


def _edge(edge: Edge) -> dict[str, object]:
    times = {"first_seen": edge.first, "last_seen": edge.last}
    return {
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "count": edge.count,
        **{name: rfc3339(EPOCH + timedelta(seconds=s)) for name, s in times.items()},
    }


OPERATIONS = (
    Operation("get_neighbourhood", "GET", "/v1/graph/{kind}/{id}", "Read what is tied to an"
              " account, device, card, address or phone, for drawing.", get,
              scope="graph:read", institution=True, personal=True,
              query=GraphQuery, answer=NeighbourhoodDocument,
              refusals=("graph_node_not_found",)),
)  # fmt: skip
