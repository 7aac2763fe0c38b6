"""The tally: what was tried, what the API said at first, and what became of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from anfu.simulation.client import Reply
from anfu.simulation.plan import Plan

SUCCEEDED, BLOCKED, CHALLENGED, IN_REVIEW = "SUCCEEDED", "BLOCKED", "CHALLENGED", "IN_REVIEW"
REFUSED, REJECTED, FAILED, SENDING, UNKNOWN = "REFUSED", "REJECTED", "FAILED", "SENDING", "UNKNOWN"
OPEN = (CHALLENGED, IN_REVIEW, SENDING, UNKNOWN)


@dataclass(slots=True)
class Trace:
    """One payment. `first` is the state it was answered with, `state` the latest known one;
    `seconds` how long the first answer took; `problem` the code it was turned away with, when no
    payment was made of it, and `unanswered` when patience ended."""

    plan: Plan
    payment: str | None = None
    amount: int = 0
    first: str | None = None
    state: str | None = None
    refusal: Mapping[str, Any] | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str | None = None

    def read(self, document: Mapping[str, Any]) -> None:
        """Take over what an answer says of the payment."""
        self.payment, self.amount = document["id"], document["amount"]
        self.state = document["state"]
        self.first = self.first or self.state
        self.refusal = document["refusal"]
        self.reasons = tuple(document["reasons"])


@dataclass(slots=True)
class Tally:
    """Everything that happened, in the order it was answered. `today` is the simulated time."""

    traces: list[Trace] = field(default_factory=list)
    first: Counter[str] = field(default_factory=Counter)
    refunds: Counter[str] = field(default_factory=Counter)
    refunded: int = 0
    labels: int = 0
    deeds: int = 0
    noteworthy: deque[Trace] = field(default_factory=lambda: deque(maxlen=6))
    today: datetime | None = None

    def answered(self, plan: Plan, reply: Reply) -> Trace:
        """Note the first answer to an order."""
        trace = Trace(plan, seconds=reply.seconds)
        if reply.good:
            trace.read(reply.body)
        else:
            trace.problem = reply.code or f"http_{reply.status}"
        self.traces.append(trace)
        self.first[trace.first or "turned away"] += 1
        if trace.first in (BLOCKED, REFUSED, IN_REVIEW):
            self.noteworthy.append(trace)
        return trace

    def unanswered(self, plan: Plan) -> None:
        """Note an order nobody answered; whether it was done is found out at the end."""
        self.traces.append(Trace(plan, problem="unanswered"))
        self.first["unanswered"] += 1
