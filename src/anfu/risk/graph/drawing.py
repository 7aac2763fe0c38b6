"""A neighbourhood of the graph, to be drawn: nodes, edges, and where it goes on.

What is personal is masked: of an address its network is shown, of tokens their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from itertools import islice
from typing import Literal

from anfu.kernel.errors import Refused
from anfu.risk.graph.graph import LinkGraph
from anfu.risk.graph.links import ADDRESS, CARD, DEVICE, PHONE, Times

ACCOUNT = "account"
KINDS = {"device": DEVICE, "card": CARD, "address": ADDRESS, "phone": PHONE}
_WORDS = {mark: word for word, mark in KINDS.items()}
NODES_MOST, EDGES_MOST = 150, 400
Name = tuple[str, str]  # kind and id


@dataclass(frozen=True, slots=True)
class Node:
    """`id` is masked where it is personal; `fraud`: known for fraud; `hub`: shared by so many that
    it ties nobody, and drawn without what lies behind it."""

    number: int
    kind: str
    id: str
    steps: int
    fraud: bool
    hub: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """`kind` USED (an account and a key) or PAID (payer and payee), `count` times within its
    window, between `first` and `last` (seconds since 1970)."""

    source: int
    target: int
    kind: Literal["USED", "PAID"]
    count: int
    first: int
    last: int


@dataclass(slots=True)
class Drawing:
    """`truncated`: there is more than may be drawn."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    truncated: bool = False


def draw(graph: LinkGraph, kind: str, id_: str, *, depth: int, at: int) -> Drawing:
    """What lies within `depth` edges of a node. Raises Refused("graph_node_not_found")."""
    start = (kind, id_)
    if not _known(graph, start):
        raise Refused("graph_node_not_found", field="id")
    pen = _Pen(graph, at)
    level = [pen.node(start, 0)]
    for steps in range(1, depth + 1):
        level = [name for near in level if near for name in pen.around(near, steps)]
    return pen.drawing


class _Pen:
    def __init__(self, graph: LinkGraph, at: int) -> None:
        self.drawing = Drawing()
        self._graph, self._at = graph, at
        self._numbers: dict[Name, int] = {}
        self._drawn: set[tuple[int, int]] = set()

    def node(self, name: Name, steps: int) -> Name | None:
        """The name, once, when the node could be drawn and one may look behind it."""
        if name in self._numbers:
            return None
        if len(self._numbers) >= NODES_MOST:
            self.drawing.truncated = True
            return None
        kind, id_ = name
        number = self._numbers[name] = len(self._numbers)
        hub = _is_hub(self._graph, name, self._at)
        fraud = kind == ACCOUNT and self._graph.known_fraud(id_, self._at)
        self.drawing.nodes.append(Node(number, kind, masked(kind, id_), steps, fraud, hub))
        return name if not hub or steps == 0 else None

    def around(self, name: Name, steps: int) -> Iterator[Name]:
        """New nodes next to `name`; every edge to them and among those drawn before."""
        for other, edge, times, forward in _edges(self._graph, name):
            new = self.node(other, steps)
            if other in self._numbers:
                pair = (self._numbers[name], self._numbers[other])
                self._edge(pair if forward else pair[::-1], edge, times)
            if new is not None:
                yield new

    def _edge(self, pair: tuple[int, int], kind: Literal["USED", "PAID"], times: Times) -> None:
        if pair in self._drawn:
            return
        if len(self._drawn) >= EDGES_MOST:
            self.drawing.truncated = True
            return
        self._drawn.add(pair)
        self.drawing.edges.append(Edge(*pair, kind, len(times), times[0], times[-1]))


def masked(kind: str, id_: str) -> str:
    """What may be shown of an id."""
    if kind == "address":
        try:
            width = 24 if ip_address(id_).version == 4 else 48
        except ValueError:
            return "…"
        return str(ip_network(f"{id_}/{width}", strict=False))
    if kind in ("card", "phone"):
        return f"…{id_[-4:]}" if len(id_) > 8 else "…"
    return id_


def _known(graph: LinkGraph, name: Name) -> bool:
    kind, id_ = name
    links = graph.links
    if kind == ACCOUNT:
        return id_ in links.keys or id_ in links.paid or id_ in links.payers
    return kind in KINDS and KINDS[kind] + id_ in links.holders


def _is_hub(graph: LinkGraph, name: Name, at: int) -> bool:
    kind, id_ = name
    if kind == ACCOUNT:
        return graph.links.is_hub(id_, at)
    return graph.links.is_hub_key(KINDS[kind] + id_, at)


def _edges(
    graph: LinkGraph, name: Name
) -> Iterator[tuple[Name, Literal["USED", "PAID"], Times, bool]]:
    """The other end, the kind, the times, and whether it goes from `name` to there."""
    kind, id_ = name
    links = graph.links
    if kind != ACCOUNT:
        key = KINDS[kind] + id_
        for account in _some(links.sharing(links.holders, key)):
            yield (ACCOUNT, account), "USED", links.keys[account][key], False
        return
    for key, times in islice(links.keys.get(id_, {}).items(), EDGES_MOST + 1):
        yield (_WORDS[key[0]], key[1:]), "USED", times, True
    for payee, times in islice(links.paid.get(id_, {}).items(), EDGES_MOST + 1):
        yield (ACCOUNT, payee), "PAID", times, True
    for payer in _some(links.sharing(links.payers, id_)):
        yield (ACCOUNT, payer), "PAID", links.paid[payer][id_], False


def _some(names: Iterable[str]) -> list[str]:
    """In order; of a hub's hundred thousand, more than can be drawn and no more."""
    return sorted(islice(names, EDGES_MOST + 1))
