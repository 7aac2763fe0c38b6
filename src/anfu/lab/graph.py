"""The graph offline, on rustworkx: who belongs together, where money runs in rings, who is at the
heart of a group. For a report on a period, which the caps of the online graph do not bind.

Ties are those of `anfu.risk.graph`: accounts that used one device, card, address or phone; a key
that more accounts share than its hub bound ties nobody. A core is a part of a group in which
every account is tied to at least `k` others of the part (Seidman 1983), with the largest `k`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import rustworkx as rx

from anfu.risk.event import Event
from anfu.risk.graph.links import Bounds, has_money, keys_of


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts tied together, the largest group first in a report. `core`: those of its densest
    part, and `density` how many others of it each is tied to at least. `frauds`: how many of the
    payments between or from them were labelled so, `value` their sum in minor units."""

    accounts: tuple[str, ...]
    keys: int
    core: tuple[str, ...]
    density: int
    payments: int
    value: int
    frauds: int


@dataclass(frozen=True, slots=True)
class Ring:
    """Accounts that paid one another in a circle, in the order of the money, and the least that
    any of its lines carried."""

    accounts: tuple[str, ...]
    value: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a period shows. `tied`: accounts in a group of more than one."""

    accounts: int
    tied: int
    groups: tuple[Group, ...]
    rings: tuple[Ring, ...]


def report_graph(
    events: Iterable[Event],
    frauds: frozenset[str] = frozenset(),
    *,
    bounds: Bounds | None = None,
    most: int = 100,
) -> Report:
    """Groups and rings (of at most six accounts) of a period; `frauds` are ids of payments.
    At most `most` of each, the largest first."""
    given = list(events)
    graph, numbers = _ties(given, bounds or Bounds())
    paid: defaultdict[str, list[Event]] = defaultdict(list)
    for event in given:
        if has_money(event):
            paid[event.payer].append(event)
    whole = [c for c in rx.connected_components(graph) if _accounts(graph, c, 2)]
    groups = [_group(graph, c, paid, frauds) for c in whole]
    groups.sort(key=lambda g: (-len(g.accounts), g.accounts))
    return Report(
        accounts=sum(_is_account(name) for name in numbers),
        tied=sum(len(group.accounts) for group in groups),
        groups=tuple(groups[:most]),
        rings=tuple(_rings(given, most)),
    )


Name = tuple[str, str]  # "account" or "key", and which


def _is_account(name: Name) -> bool:
    return name[0] == "account"


def _ties(events: list[Event], bounds: Bounds) -> tuple[rx.PyGraph[Name, None], dict[Name, int]]:
    """Accounts and keys that are no hubs, an edge for each use."""
    used = {(e.payer, key) for e in events for key in keys_of(e)}
    sharing = Counter(key for _, key in used)
    ties = [(a, key) for a, key in sorted(used) if sharing[key] <= bounds.hub[key[0]]]
    names: list[Name] = [("account", a) for a in sorted(_parties(events))]
    names += [("key", key) for key in sorted({key for _, key in ties})]
    graph: rx.PyGraph[Name, None] = rx.PyGraph(multigraph=False)
    numbers = dict(zip(names, graph.add_nodes_from(names), strict=True))
    graph.add_edges_from_no_data([(numbers["account", a], numbers["key", key]) for a, key in ties])
    return graph, numbers


def _parties(events: list[Event]) -> set[str]:
    return {party for e in events for party in (e.payer, e.payee) if party}


def _accounts(graph: rx.PyGraph[Name, None], component: set[int], least: int) -> list[int]:
    """The accounts of a component, none when there are fewer than `least`."""
    found = [n for n in component if _is_account(graph[n])]
    return found if len(found) >= least else []


def _group(
    graph: rx.PyGraph[Name, None],
    component: set[int],
    paid: Mapping[str, list[Event]],
    frauds: frozenset[str],
) -> Group:
    members = sorted(graph[n][1] for n in _accounts(graph, component, 1))
    core, density = _core(graph, component)
    ours = [event for member in members for event in paid.get(member, ())]
    return Group(
        accounts=tuple(members),
        keys=len(component) - len(members),
        core=core,
        density=density,
        payments=len(ours),
        value=sum(e.amount for e in ours),
        frauds=sum(e.id in frauds for e in ours),
    )


def _core(graph: rx.PyGraph[Name, None], component: set[int]) -> tuple[tuple[str, ...], int]:
    """The densest part of a group, accounts tied directly."""
    direct: rx.PyGraph[str, None] = rx.PyGraph(multigraph=False)
    accounts = sorted(_accounts(graph, component, 1), key=lambda n: graph[n])
    numbers = {n: direct.add_node(graph[n][1]) for n in accounts}
    for key in component - set(accounts):
        sharing = sorted(numbers[n] for n in graph.neighbors(key))
        direct.add_edges_from_no_data(
            [(a, b) for i, a in enumerate(sharing) for b in sharing[i + 1 :]]
        )
    cores: dict[int, int] = dict(rx.graph_core_number(direct).items())  # type: ignore[attr-defined]
    density = max(cores.values())
    return tuple(direct[n] for n in direct.node_indices() if cores[n] == density), density


def _rings(events: list[Event], most: int, *, longest: int = 6) -> list[Ring]:
    """Circles of money. A circle lies within a strongly connected part, which honest trade has
    few of; a dense part has more circles than time, so at most a hundred times as many are
    looked at as are asked for."""
    sums: Counter[tuple[str, str]] = Counter()
    for event in events:
        if has_money(event):
            sums[event.payer, event.payee] += event.amount
    graph: rx.PyDiGraph[str, int] = rx.PyDiGraph(multigraph=False)
    names = sorted({name for pair in sums for name in pair})
    numbers = dict(zip(names, graph.add_nodes_from(names), strict=True))
    graph.add_edges_from([(numbers[a], numbers[b], v) for (a, b), v in sorted(sums.items())])
    rings = []
    for part in rx.strongly_connected_components(graph):
        if len(part) < 2:
            continue
        within = graph.subgraph(sorted(part))
        for circle in _some_circles(within, longest, 100 * most):
            lines = zip(circle, [*circle[1:], circle[0]], strict=True)
            rings.append(Ring(tuple(circle), min(sums[line] for line in lines)))
    rings.sort(key=lambda ring: (-ring.value, ring.accounts))
    return rings[:most]


def _some_circles(graph: rx.PyDiGraph[str, int], longest: int, most: int) -> list[list[str]]:
    """Circles of at most `longest`, each beginning with its least name."""
    found: list[list[str]] = []
    for circle in islice(rx.simple_cycles(graph), most):
        if len(circle) <= longest:
            names = [graph[n] for n in circle]
            start = names.index(min(names))
            found.append(names[start:] + names[:start])
    return found
