"""Train: history is read as far as it was known, and models are made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from anfu.lab.training.files import usable
from anfu.lab.training.sample import NEVER, Sample
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.facts import Fact, Facts
from anfu.risk.label import Truth
from anfu.risk.models.queries import Told, stream_told
from anfu.storage.database import Database

# Rows of facts that wait as Python values.
_PACKED = 4_096


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
    gathered = Gathered(usable(facts, [fact.name for fact in facts]), wanted.groups)
    reasons: Counter[str] = Counter()
    async with database.transaction(readonly=True, snapshot=True) as tx:
        async for page in stream_told(
            tx, since=wanted.since, until=wanted.until, known_by=wanted.known_by
        ):
            for told in page:
                gathered.add(told.stored.at, told.catalogue.facts, told.facts, _fraud_at(told))
                reasons.update(told.stored.verdict.reasons)
    return gathered.sample(), dict(reasons)


def _fraud_at(told: Told) -> datetime | None:
    return told.told_at if told.truth is Truth.FRAUD else None


@dataclass(slots=True)
class Gathered:
    """Decisions on their way to a sample: packed, some at a time."""

    names: tuple[str, ...]
    groups: tuple[str, ...] = ()
    rows: list[list[Any]] = field(default_factory=list)
    matrices: list[np.ndarray] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    fraud_at: list[int] = field(default_factory=list)
    grouped: list[tuple[str, ...]] = field(default_factory=list)

    def add(
        self, at: datetime, facts: Sequence[Fact], values: Facts, fraud_at: datetime | None
    ) -> None:
        """One decision made at `at` from `values`, called fraud at `fraud_at`."""
        named = dict(zip((fact.name for fact in facts), values, strict=True))
        self.rows.append([named.get(name) for name in self.names])
        self.at.append(_us(at))
        self.amount.append(float(named["amount"]))
        self.fraud_at.append(NEVER if fraud_at is None else _us(fraud_at))
        self.grouped.append(tuple(str(named.get(group) or "") for group in self.groups))
        if len(self.rows) >= _PACKED:
            self._pack()

    def sample(self) -> Sample:
        """The rows in the order of their time."""
        self._pack()
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

    def _pack(self) -> None:
        if self.rows:
            self.matrices.append(np.array(self.rows, dtype=np.float32))
            self.rows.clear()


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
