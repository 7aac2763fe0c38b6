"""The graph of the engine: links and known frauds, in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from anfu.risk.event import Event
from anfu.risk.graph.links import Bounds, Links, seconds
from anfu.risk.graph.reach import component, cycle_length, fraud_steps, walk

Linked = tuple[int | None, int | None, int | None, int | None]
"""payer_component, payer_fraud_steps, payee_fraud_steps, cycle_length."""


class LinkGraph:
    """A `Graph`. Its answers are a function of the events learned and the labels told, and count
    the event that is asked about. Not shared between threads."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.links = Links(bounds or Bounds())
        # event -> the accounts of a known fraud and when it was; the longest known first
        self._frauds: OrderedDict[str, tuple[tuple[str, ...], int]] = OrderedDict()
        self._marks: dict[str, dict[str, int]] = {}
        self._latest: dict[str, int] = {}

    def learn(self, event: Event) -> Linked:
        """As `Graph.learn`."""
        self.relearn(event)
        return self._linked(event, seconds(event))

    def look(self, event: Event) -> Linked:
        """As `Graph.look`."""
        at = seconds(event)
        self.links.add(event, at)
        try:
            return self._linked(event, at)
        finally:
            self.links.take(event, at)

    def forget(self, event: Event) -> None:
        """As `Graph.forget`. Raises BrokenInvariant when `event` was not learned, or so long ago
        that it has left every window."""
        self.links.take(event, seconds(event))

    def label(self, event: Event, *, fraud: bool) -> None:
        """What `event` is said to be from now on: both its accounts are known for fraud, or no
        longer for this one."""
        self._unmark(event.id)
        if fraud:
            at = seconds(event)
            accounts = (event.payer, event.payee) if event.payee else (event.payer,)
            self._frauds[event.id] = (accounts, at)
            for account in accounts:
                marks = self._marks.setdefault(account, {})
                marks[event.id] = at
                self._latest[account] = max(self._latest.get(account, 0), at)
            self._expire(at)

    def relearn(self, event: Event) -> None:
        """As `learn` without an answer: for an event of the past, while the graph is rebuilt."""
        at = seconds(event)
        self.links.add(event, at)
        self.links.settle(event, at)

    def rebuild(self, events: Iterable[Event]) -> int:
        """Forget everything, labels too, then learn `events`; returns how many."""
        self.links.clear()
        for known in (self._frauds, self._marks, self._latest):
            known.clear()
        count = 0
        for event in events:
            self.relearn(event)
            count += 1
        return count

    def known_fraud(self, account: str, at: int) -> bool:
        """Whether `account` had part in a fraud of the last `bounds.fraud_s`."""
        return self._latest.get(account, 0) > at - self.links.bounds.fraud_s

    def _linked(self, event: Event, at: int) -> Linked:
        links, frauds = self.links, self._latest
        levels = list(walk(links, event.payer, at))
        from_payer = from_payee = None
        if frauds:
            from_payer = fraud_steps(links, levels, at, frauds)
            from_payee = fraud_steps(links, walk(links, event.payee, at), at, frauds)
        circle = cycle_length(links, event.payer, event.payee, at)
        return component(links, levels), from_payer, from_payee, circle

    def _unmark(self, event: str) -> None:
        accounts, _ = self._frauds.pop(event, ((), 0))
        for account in accounts:
            marks = self._marks[account]
            del marks[event]
            if marks:
                self._latest[account] = max(marks.values())
            else:
                del self._marks[account], self._latest[account]

    def _expire(self, newest: int) -> None:
        """Frauds come late and in any order: two of the longest known are looked at each time."""
        for event in list(self._frauds)[:2]:
            if self._frauds[event][1] <= newest - 2 * self.links.bounds.fraud_s:
                self._unmark(event)
