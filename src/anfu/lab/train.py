"""Train: history is read as far as it was known, and models are made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from anfu.lab.training.files import usable
from anfu.lab.training.sample import NEVER, Sample
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.facts import Fact
from anfu.risk.label import Truth
from anfu.risk.models.queries import Told, stream_told
from anfu.storage.database import Database


@dataclass(frozen=True, slots=True)
class Wanted:
    """The decisions of [since, until), with what was said of them by `known_by`; `groups` are
    facts fairness is looked at by."""

    since: datetime
    until: datetime
    known_by: datetime
    groups: tuple[str, ...] = ()


async def read_decisions(
    database: Database, wanted: Wanted, facts: Sequence[Fact]
) -> tuple[Sample, dict[str, int]]:
    """The sample of what was decided here, and how often each reason was given."""
    gathered = _Gathered(usable(facts, [fact.name for fact in facts]), wanted.groups)
    async with database.transaction(readonly=True, snapshot=True) as tx:
        async for page in stream_told(
            tx, since=wanted.since, until=wanted.until, known_by=wanted.known_by
        ):
            gathered.add(page)
    return gathered.sample(), dict(gathered.reasons)


@dataclass(slots=True)
class _Gathered:
    """Pages of decisions on their way to a sample: packed, a page at a time."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    matrices: list[np.ndarray] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    fraud_at: list[int] = field(default_factory=list)
    grouped: list[tuple[str, ...]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, page: Sequence[Told]) -> None:
        rows = []
        for told in page:
            named = dict(zip((f.name for f in told.catalogue.facts), told.facts, strict=True))
            rows.append([named.get(name) for name in self.names])
            self.at.append((told.stored.at - EPOCH) // MICROSECOND)
            self.amount.append(float(named["amount"]))
            fraud = told.truth is Truth.FRAUD and told.told_at is not None
            self.fraud_at.append((told.told_at - EPOCH) // MICROSECOND if fraud else NEVER)  # type: ignore[operator]
            self.grouped.append(tuple(str(named.get(group) or "") for group in self.groups))
            self.reasons.update(told.stored.verdict.reasons)
        self.matrices.append(np.array(rows, dtype=np.float32))

    def sample(self) -> Sample:
        """The rows in the order of their time."""
        at = np.array(self.at, dtype=np.int64)
        order = np.argsort(at, kind="stable")
        width = len(self.names)
        matrix = np.concatenate([np.empty((0, width), np.float32), *self.matrices])
        return Sample(
            self.names,
            np.ascontiguousarray(matrix[order]),
            at[order],
            np.array(self.amount)[order],
            np.array(self.fraud_at, dtype=np.int64)[order],
            np.full(len(at), NEVER),
            {
                group: np.array([row[i] for row in self.grouped], dtype=object)[order]
                for i, group in enumerate(self.groups)
            },
        )
