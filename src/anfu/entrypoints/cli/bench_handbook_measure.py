"""What `anfu bench handbook` measures, and under which conditions."""

from __future__ import annotations

import asyncio
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_handbook_walk import NAMES, Say, Walk, Walked
from anfu.kernel.errors import Refused
from anfu.lab.handbook.candidate import BOOK, own
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.offline import differences
from anfu.lab.handbook.protocol import (
    Fold,
    Quality,
    asked_rows,
    ceiling,
    folds_of,
    mean_quality,
    quality,
)
from anfu.lab.handbook.published import FOUR, SINGLE, Compared, compare
from anfu.lab.handbook.rules import RULES
from anfu.lab.handbook.stream import Stream, read_stream
from anfu.risk.rules import Grade

# The weeks the settings were chosen on end before the first day of the book's four folds: two
# weeks of the folds between overlap them.
_SELECTED_ON, _BETWEEN = 6, 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    data: Path
    folds: int
    days: int
    selection: bool
    offline: bool
    seed: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate: on each fold, and their mean."""

    name: str
    days: int
    folds: list[Quality]
    mean: Quality


@dataclass(frozen=True, slots=True)
class Graded:
    """What the verdicts of the test weeks were: payments, and frauds among them, by grade."""

    grade: str
    payments: int
    frauds: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one decision: facts learned and read, all models asked, rules, canonical bytes; on the
    wall's clock but `cpu_us`, which is the processor's, the making of the event included."""

    decisions: int
    p50_us: float
    p99_us: float
    p999_us: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`ceiling`: CP@100 of who knows every fraud. `selection`: on the weeks the settings were
    chosen on. `offline`: rows that differ from SQL, by feature; None when not compared."""

    folds: list[str]
    payments: int
    published: dict[str, Quality]
    candidates: list[Scored]
    ceiling: float
    selection: list[Scored]
    features: list[Compared]
    offline: dict[str, int] | None
    grades: list[Graded]
    latency: Latency
    seconds: float
    conditions: dict[str, str | int]
    faults: list[str]


async def measure(wish: Wish, say: Say) -> Figures:
    """Raises Refused: handbook_missing, handbook_short."""
    began = monotonic()
    stream = await asyncio.to_thread(read_stream, wish.data)
    tested, chosen = _folds(stream, wish)
    stream = stream.before(tested[-1].test.stop)
    candidates = (own(wish.days), *BOOK)
    say(f"{len(stream)} payments, {len(CATALOGUE.features)} features, {len(RULES.rules)} rules")
    walked = await Walk(stream, candidates, seed=wish.seed).run([*chosen, *tested], say)
    compared = compare(wish.data, stream, NAMES, walked.facts)
    offline = None
    if wish.offline:
        say("the same features as SQL")
        offline = await asyncio.to_thread(differences, CATALOGUE, stream, NAMES, walked.facts)
    days = {candidate.name: candidate.days for candidate in candidates}
    return Figures(
        folds=[str(np.datetime64(fold.start, "D")) for fold in tested],
        payments=len(stream),
        published=dict(FOUR if wish.folds == 4 else SINGLE),
        candidates=_scored(stream, walked, tested, days),
        ceiling=float(np.mean([ceiling(stream, asked_rows(stream, fold)) for fold in tested])),
        selection=_scored(stream, walked, chosen, days) if chosen else [],
        features=compared,
        offline=offline,
        grades=_graded(stream, walked),
        latency=_latency(walked),
        seconds=round(monotonic() - began, 1),
        conditions=_conditions(),
        faults=_faults(compared, offline),
    )


def _folds(stream: Stream, wish: Wish) -> tuple[list[Fold], list[Fold]]:
    """Those of the book that are asked for, and those before them."""
    tested = folds_of(stream, 4)[: wish.folds]
    chosen = folds_of(stream, _SELECTED_ON, skip=4 + _BETWEEN) if wish.selection else []
    if tested[0].taught - wish.days < int(stream.day[0]):
        raise Refused("handbook_short", field="days", days=wish.days)
    return tested, chosen


def _scored(
    stream: Stream, walked: Walked, folds: Sequence[Fold], days: dict[str, int]
) -> list[Scored]:
    made = []
    for name, scores in walked.scores.items():
        parts = []
        for fold in folds:
            rows = asked_rows(stream, fold)
            parts.append(quality(stream, rows, scores[rows]))
        made.append(Scored(name, days[name], parts, mean_quality(parts)))
    return made


def _graded(stream: Stream, walked: Walked) -> list[Graded]:
    payments = Counter(grade for _, grade in walked.verdicts)
    frauds = Counter(grade for row, grade in walked.verdicts if stream.fraud[row])
    return [Graded(grade, payments[grade], frauds[grade]) for grade in Grade]


def _latency(walked: Walked) -> Latency:
    taken = [ns / 1_000 for ns in walked.latencies_ns]
    cpu = sum(walked.decided_s) / len(taken) * 1e6
    p50, p99, p999 = (round(percentile(taken, share), 1) for share in (0.5, 0.99, 0.999))
    return Latency(len(taken), p50, p99, p999, round(cpu, 1))


def _conditions() -> dict[str, str | int]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0]),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "features": len(CATALOGUE.features),
        "rules": len(RULES.rules),
    }


def _faults(compared: Sequence[Compared], offline: dict[str, int] | None) -> list[str]:
    faults = [f"{c.name}: {c.unexplained} rows differ" for c in compared if c.unexplained]
    wrong = {name: n for name, n in (offline or {}).items() if n}
    return faults + [f"{name}: {n} rows differ from SQL" for name, n in wrong.items()]
