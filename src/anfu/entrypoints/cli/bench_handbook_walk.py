"""The walk of the public stream, event by event in time order, as production would see it.

A payment is learned by the profile store; a fraud is told when its delay is over and not before;
at the first midnight of a test week the candidates are taught with what is known by then, and
serve that week inside the engine. What a score depends on has happened: nothing else is there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from time import perf_counter_ns, process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from anfu.lab.handbook.candidate import Candidate
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.fitting import fit
from anfu.lab.handbook.protocol import Fold
from anfu.lab.handbook.rules import RULES
from anfu.lab.handbook.stream import DELAY, Stream, Values, midnight
from anfu.risk.decision import Decision
from anfu.risk.engine import Engine
from anfu.risk.event import moment
from anfu.risk.facts import Facts
from anfu.risk.models.serving import Force, Scorer, Serving
from anfu.risk.profiles import Profiles

NAMES = ("amount", *(feature.name for feature in CATALOGUE.features))
"""The facts that are recorded: all a candidate may be taught with."""
_CHUNK = 4_096
_IN_THE_PATH = 2
_PLACES = {fact.name: i for i, fact in enumerate(CATALOGUE.facts)}
_taken = itemgetter(*(_PLACES[name] for name in NAMES))
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Walked:
    """`facts` of every payment, one column for each of NAMES, NULL as not-a-number; `scores` by
    candidate, not-a-number where not asked; `verdicts` (row, grade) of those decided;
    `latencies_ns` of every decision, `decided_s` of processor time for all of them."""

    facts: Values
    told: npt.NDArray[np.bool_]
    scores: dict[str, Values]
    verdicts: list[tuple[int, str]] = field(default_factory=list)
    latencies_ns: list[int] = field(default_factory=list)
    decided_s: list[float] = field(default_factory=list)


class Walk:
    """One passage. The first candidate acts, the second watches it; the others, taught at the same
    moments, are asked after each test week about the facts their payments were decided by."""

    def __init__(self, stream: Stream, candidates: Sequence[Candidate], *, seed: int) -> None:
        self.stream = stream
        self.candidates = candidates
        self.seed = seed
        self.scorers: list[Scorer] = []
        self.taught_at = 0
        self.serving = Serving(CATALOGUE)
        self.engine = Engine(CATALOGUE, RULES, Profiles(CATALOGUE), models=self.serving)
        rows = len(stream)
        self.walked = Walked(
            np.full((rows, len(NAMES)), np.nan), np.zeros(rows, bool),
            {candidate.name: np.full(rows, np.nan) for candidate in candidates},
        )  # fmt: skip

    async def run(self, folds: Sequence[Fold], say: Say) -> Walked:
        """Walk up to the end of the last fold; what happened of it."""
        stream, row = self.stream, 0
        frauds = np.flatnonzero(stream.fraud)
        known_at = stream.at[frauds] + DELAY
        for at, what in _stops(folds, known_at):
            row = await self._pass(row, int(np.searchsorted(stream.at, at)), folds)
            if not isinstance(what, int):
                self._ask_the_others(row)
            if isinstance(what, Fold):
                say(f"day {what.test[0] - int(stream.day[0])}: {row} payments, teaching")
                self._teach(what, row)
            elif what is not None:
                await self._tell(int(frauds[what]), at)
        return self.walked

    async def _pass(self, row: int, end: int, folds: Sequence[Fold]) -> int:
        while row < end:
            day = int(self.stream.day[row])
            until = min(end, int(np.searchsorted(self.stream.day, day + 1)), row + _CHUNK)
            if any(day in fold.test for fold in folds):
                await self._decide(row, until)
            else:
                events = [self.stream.event(i) for i in range(row, until)]
                self._keep(row, await self.engine.profiles.learn(events))
            row = until
        return row

    async def _decide(self, row: int, until: int) -> None:
        decide, timed = self.engine.decide, self.walked.latencies_ns.append
        rows = []
        began = process_time()
        for i in range(row, until):
            event = self.stream.event(i)
            start = perf_counter_ns()
            (decision,) = await decide((event,), (event.id,))
            timed(perf_counter_ns() - start)
            rows.append(decision.facts)
            self._note(i, decision)
        self.walked.decided_s.append(process_time() - began)
        self._keep(row, rows)

    def _keep(self, row: int, rows: Sequence[Facts]) -> None:
        values: list[Any] = [_taken(facts) for facts in rows]
        self.walked.facts[row : row + len(rows)] = np.array(values, dtype=np.float64)

    def _note(self, row: int, decision: Decision) -> None:
        given = {
            self.scorers[0].id: decision.facts[_PLACES["model_score"]],
            **dict(decision.watched),
        }
        taught = zip(self.candidates, self.scorers, strict=True)
        for candidate, scorer in islice(taught, _IN_THE_PATH):
            score = given.get(scorer.id)
            self.walked.scores[candidate.name][row] = np.nan if score is None else score
        self.walked.verdicts.append((row, decision.grade))

    def _ask_the_others(self, row: int) -> None:
        """About the payments since they were taught, up to `row`."""
        rows = slice(self.taught_at, row)
        taught = zip(self.candidates, self.scorers, strict=False)
        for candidate, scorer in islice(taught, _IN_THE_PATH, None):
            scores = scorer.scores(self._matrix(candidate, rows))
            self.walked.scores[candidate.name][rows] = scores

    def _matrix(self, candidate: Candidate, rows: slice) -> npt.NDArray[np.float32]:
        columns = [NAMES.index(fact) for fact in candidate.facts]
        return self.walked.facts[rows][:, columns].astype(np.float32)

    async def _tell(self, row: int, at: int) -> None:
        self.walked.told[row] = True
        await self.engine.label(self.stream.event(row), fraud=True, at=moment(at))

    def _teach(self, fold: Fold, row: int) -> None:
        """Put the candidates, taught with what is known now, in force."""
        self.taught_at, self.scorers = row, []
        for candidate in self.candidates:
            days = (fold.taught - candidate.days, fold.taught)
            rows = slice(*np.searchsorted(self.stream.day, days))
            facts, told = self._matrix(candidate, rows), self.walked.told[rows]
            declaration, onnx = fit(candidate, facts, told, seed=self.seed)
            self.scorers.append(Scorer(declaration, onnx, CATALOGUE.facts))
        acting, *watching = self.scorers[:_IN_THE_PATH]
        self.serving.use(Force(champion=acting, challengers=tuple(watching)))
        gc.collect()
        gc.freeze()  # as `anfu serve` does once its profiles are there


def _stops(
    folds: Sequence[Fold], known_at: npt.NDArray[np.int64]
) -> list[tuple[int, Fold | int | None]]:
    """Moments at which something else than a payment happens, in order: a label is told (by its
    place among the frauds), a fold is taught, the walk ends. What is told at the moment of a
    payment is known to it."""
    end = midnight(folds[-1].test.stop)
    stops: list[tuple[int, int, Fold | int | None]] = [(end, 2, None)]
    stops += [(int(at), 0, i) for i, at in enumerate(known_at) if at < end]
    stops += [(midnight(fold.test[0]), 1, fold) for fold in folds]
    return [(at, what) for at, _, what in sorted(stops, key=lambda stop: stop[:2])]
