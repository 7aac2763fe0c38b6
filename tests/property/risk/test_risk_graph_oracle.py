"""The graph answers as a plain search by another library over the same set of events does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import rustworkx as rx
from hypothesis import given, settings
from hypothesis import strategies as st

from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.graph.graph import Linked, LinkGraph
from anfu.risk.graph.links import DAY_S, LATE_S, MONEY, Bounds, has_money, keys_of, seconds

START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BOUNDS = Bounds(
    window_s={"d": 3 * DAY_S, "c": 3 * DAY_S, "p": 2 * DAY_S, "i": DAY_S, MONEY: 2 * DAY_S},
    hub={"d": 3, "c": 2, "p": 2, "i": 3, MONEY: 3},
    component=100,
    budget=10_000,
    circle_s=DAY_S,
    fraud_s=3 * DAY_S,
)


@dataclass
class Oracle:
    """Everything again from the list of events, each time."""

    events: list[Event] = field(default_factory=list)
    frauds: dict[str, Event] = field(default_factory=dict)

    def linked(self, event: Event) -> Linked:
        at = seconds(event)
        ties = self.ties(at)
        steps = [self.steps(party, at, ties) for party in (event.payer, event.payee)]
        whole = [None, None] if not self.frauds else steps
        return self.component(event.payer, ties), whole[0], whole[1], self.circle(event, at)

    def ties(self, at: int) -> set[tuple[str, str]]:
        """(account, key) in use, keys that are hubs left out."""
        live = {
            (e.payer, key)
            for e in self.events
            for key in keys_of(e)
            if seconds(e) > at - BOUNDS.window_s[key[0]]
        }
        keys = [key for _, key in live]
        return {(a, key) for a, key in live if keys.count(key) <= BOUNDS.hub[key[0]]}

    def money(self, at: int, window_s: int) -> set[tuple[str, str]]:
        return {
            (e.payer, e.payee) for e in self.events if has_money(e) and seconds(e) > at - window_s
        }

    @staticmethod
    def component(payer: str, ties: set[tuple[str, str]]) -> int:
        graph, nodes = rx.PyGraph(), {}
        for name in {payer, *(f"a{a}" for a, _ in ties), *(key for _, key in ties)}:
            nodes[name] = graph.add_node(name)
        nodes[f"a{payer}"] = nodes.get(f"a{payer}", nodes[payer])
        for account, key in ties:
            graph.add_edge(nodes[f"a{account}"], nodes[key], None)
        whole = rx.node_connected_component(graph, nodes[f"a{payer}"])
        accounts = {graph[n] for n in whole if graph[n].startswith("a") or graph[n] == payer}
        return len(accounts)

    def steps(self, account: str, at: int, ties: set[tuple[str, str]]) -> int | None:
        money = self.money(at, BOUNDS.window_s[MONEY])
        payees = [payee for _, payee in money]
        hubs = {p for p in payees if payees.count(p) > BOUNDS.hub[MONEY]}
        known = {
            party
            for e in self.frauds.values()
            if seconds(e) > at - BOUNDS.fraud_s
            for party in (e.payer, e.payee)
            if party
        } - hubs
        graph, nodes = rx.PyGraph(), {}
        for name in {account, *(n for n, _ in ties), *known}:
            nodes[name] = graph.add_node(name)
        pairs = {(a, b) for a, x in ties for b, y in ties if x == y and a < b}
        graph.add_edges_from_no_data([(nodes[a], nodes[b]) for a, b in pairs])
        far = rx.dijkstra_shortest_path_lengths(graph, nodes[account], lambda _: 1.0)
        lengths = {graph[n]: int(length) for n, length in far.items()} | {account: 0}
        found = [length for n, length in lengths.items() if n in known]
        found += [
            lengths[one] + 1
            for pair in money
            for one, other in (pair, pair[::-1])
            if one in lengths and one not in hubs and other in known
        ]
        return min((length for length in found if length <= 3), default=None)

    def circle(self, event: Event, at: int) -> int | None:
        if not has_money(event):
            return None
        graph, nodes = rx.PyDiGraph(), {}
        money = self.money(at, BOUNDS.circle_s)
        for name in {event.payer, event.payee, *(n for pair in money for n in pair)}:
            nodes[name] = graph.add_node(name)
        graph.add_edges_from_no_data([(nodes[a], nodes[b]) for a, b in money])
        far = rx.dijkstra_shortest_path_lengths(graph, nodes[event.payee], lambda _: 1.0)
        back = {graph[n]: int(length) for n, length in far.items()}.get(event.payer)
        return None if back is None or back > 3 else back + 1


accounts = st.sampled_from("uvwxyz")
maybe = st.one_of(st.none(), st.sampled_from(["1", "2", "3"]))


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Events in time order, but for some that come up to an hour late."""
    at, events = 10 * DAY_S, []
    for number in range(draw(st.integers(1, 25))):
        at += draw(st.sampled_from([0, 1, 60, DAY_S // 2, DAY_S]))
        late = draw(st.sampled_from([0, 0, 0, 5, LATE_S - 1]))
        payer = draw(accounts)
        payee = draw(accounts.filter(lambda a, p=payer: a != p))
        kind = draw(st.sampled_from([Kind.PAYMENT] * 4 + [Kind.LOGIN]))
        events.append(
            Event(
                f"e{number}", payer, payee if kind is Kind.PAYMENT else "", 100, "CNY", "balance",
                draw(maybe), START + timedelta(seconds=at - late),
                Environment(draw(maybe), draw(maybe)), kind, phone=draw(maybe),
            )
        )  # fmt: skip
    return events


@settings(max_examples=60, deadline=None)
@given(streams(), st.data())
def test_every_answer_is_that_of_a_plain_search(stream: list[Event], data: st.DataObject) -> None:
    graph, oracle = LinkGraph(BOUNDS), Oracle()
    for number, event in enumerate(stream, start=1):
        oracle.events.append(event)
        answer = oracle.linked(event)
        assert graph.look(event) == answer
        assert graph.look(event) == graph.learn(event) == answer
        turn = data.draw(st.sampled_from(["", "", "forget", "fraud", "honest"]))
        if turn == "forget":
            graph.forget(event)
            oracle.events.remove(event)
        elif turn:
            labelled = data.draw(st.sampled_from(stream[:number]))
            graph.label(labelled, fraud=turn == "fraud")
            oracle.frauds.pop(labelled.id, None)
            if turn == "fraud":
                oracle.frauds[labelled.id] = labelled


@settings(max_examples=60, deadline=None)
@given(streams(), st.data())
def test_a_forgotten_event_leaves_no_trace(stream: list[Event], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from(stream), unique_by=lambda e: e.id))
    near = [e for e in gone if seconds(stream[-1]) - seconds(e) < DAY_S // 2]
    with_them, without = LinkGraph(BOUNDS), LinkGraph(BOUNDS)
    for event in stream:
        with_them.learn(event)
        if event not in near:
            without.learn(event)
    for event in near:
        with_them.forget(event)
    last = stream[-1]
    for account in "uvwxyz":
        probe = Event("p", account, last.payee or "u", 1, "CNY", "balance", "1", last.at)
        if probe.payer != probe.payee:
            assert with_them.look(probe) == without.look(probe)


@settings(max_examples=40, deadline=None)
@given(streams())
def test_a_graph_rebuilt_answers_as_one_that_was_never_lost(stream: list[Event]) -> None:
    lived, rebuilt = LinkGraph(BOUNDS), LinkGraph(BOUNDS)
    for event in stream:
        lived.learn(event)
    assert rebuilt.rebuild(stream) == len(stream)
    assert [rebuilt.look(event) for event in stream[-1:]] == [
        lived.look(event) for event in stream[-1:]
    ]
