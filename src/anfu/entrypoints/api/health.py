"""Health, readiness and metrics: for the operator's probes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.metrics import (
    CASES_LATE,
    CASES_OLDEST,
    CASES_OPEN,
    OVERDUE,
    WAITING,
    exposition,
)
from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.payments.queries import oldest_overdue
from anfu.risk.cases.figures import Standing
from anfu.risk.cases.queries import get_standing
from anfu.risk.rules import Grade
from anfu.storage.idempotency import Answer


class HealthDocument(Struct, frozen=True):
    """The process runs."""

    status: Literal["ok"]
    version: str


async def health(call: Call) -> Answer:
    """Whether the process runs."""
    return Answer(200, encode({"status": "ok", "version": call.desk.version}))


async def ready(call: Call) -> Answer:
    """Whether it can take payments: the database answers."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await tx.fetchval("SELECT 1")
    return await health(call)


async def metrics(call: Call) -> Answer:
    """Figures in the text format of Prometheus."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        OVERDUE.set(await oldest_overdue(tx, now=call.now))
        _measure_cases(await get_standing(tx, now=call.now))
    WAITING.set(len(call.desk.paying))
    return Answer(200, exposition())


def _measure_cases(standing: Standing) -> None:
    for grade in Grade:
        CASES_OPEN.labels(grade).set(sum(c.count for c in standing.counts if c.grade is grade))
    CASES_LATE.set(standing.late)
    CASES_OLDEST.set(standing.oldest_s)


OPERATIONS = (
    Operation("get_health", "GET", "/health", "Does the process run?", health,
              answer=HealthDocument),
    Operation("get_readiness", "GET", "/ready", "Can it take payments?", ready,
              answer=HealthDocument),
    Operation("get_metrics", "GET", "/metrics", "Figures for Prometheus.", metrics,
              media="text/plain; version=0.0.4; charset=utf-8"),
)  # fmt: skip
