"""Random histories: facts, how each payment ended, and what was said of it when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from anfu.lab.history.archive import DECISIONS, LABELS, Archive
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.facts import Fact, Facts, Type
from anfu.risk.features import Catalogue
from anfu.risk.rules import Outcome

START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 60
_US_A_DAY = 86_400_000_000


@dataclass(frozen=True)
class Past:
    """One payment of a history; `said` are (microsecond, fraud)."""

    facts: Facts
    outcome: str
    state: str | None
    refunded: int
    said: tuple[tuple[int, bool], ...]


def random_history(catalogue: Catalogue, seed: int, count: int) -> list[Past]:
    """In the order of time."""
    source = random.Random(seed)
    times = sorted(source.randrange(DAYS * _US_A_DAY) for _ in range(count))
    return [_payment(catalogue, source, i, at) for i, at in enumerate(times)]


def _payment(catalogue: Catalogue, source: random.Random, number: int, offset: int) -> Past:
    at = (START - EPOCH) // MICROSECOND + offset
    fixed: dict[str, Any] = {
        "event": f"pay_{number}", "kind": "PAYMENT", "at": at, "list_hits": "",
        "amount": source.choice([1, 500, 20_000, 600_000, source.randrange(1, 10**7)]),
        "payer": f"cus_{source.randrange(40)}", "payee": f"mer_{source.randrange(5)}",
    }  # fmt: skip
    facts = tuple(fixed[f.name] if f.name in fixed else _value(f, source) for f in catalogue.facts)
    outcome = source.choice([Outcome.ALLOW] * 4 + list(Outcome))
    states = {"ALLOW": ["SUCCEEDED", "SUCCEEDED", "REFUSED", None], "BLOCK": ["BLOCKED", None]}
    state = source.choice(states.get(outcome, ["SUCCEEDED", "EXPIRED", "CANCELLED"]))
    amount = fixed["amount"]
    back = source.choice([0, 0, 0, amount, amount // 2]) if state == "SUCCEEDED" else 0
    said = []
    while source.random() < 0.3:
        said.append((at + source.randrange(40 * _US_A_DAY), source.random() < 0.7))
    return Past(facts, outcome, state, back, tuple(said))


def _value(fact: Fact, source: random.Random) -> Any:
    if fact.nullable and source.random() < 0.2:
        return None
    return {
        Type.INTEGER: lambda: source.choice([0, 1, 2, 5, 30, 3_600, source.randrange(10**6)]),
        Type.DOUBLE: lambda: source.choice([0.0, 0.5, 3.0, 900.0, source.random() * 2_000]),
        Type.TEXT: lambda: source.choice(["a", "b", "card", "balance"]),
        Type.BOOLEAN: lambda: source.random() < 0.5,
    }[fact.type]()


def written(past: list[Past], catalogue: Catalogue, folder: Path) -> Archive:
    """The history as an archive of two files, and a later word on some of the payments."""
    archive = Archive(folder, catalogue)
    rows = [
        (i, *p.facts, f"dec_{i}", 0, p.outcome, "LOW", "", "", "c", "r", p.state, p.refunded)
        for i, p in enumerate(past)
    ]
    half = len(rows) // 2
    archive.add(DECISIONS, rows[:half], rows=half)
    archive.add(DECISIONS, rows[half:], rows=len(rows))
    labels = [(p.facts[0], at, fraud, "test") for p in past for at, fraud in p.said]
    archive.add(LABELS, labels)
    return archive


def day(number: float) -> datetime:
    return START + timedelta(days=number)
