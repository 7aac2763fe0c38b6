"""The walk: nothing a score is made of was unknown when it was made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from tests.handbook_stream import Size, made_stream

from anfu.entrypoints.cli import bench_handbook_walk
from anfu.entrypoints.cli.bench_handbook_walk import NAMES, Walk, Walked
from anfu.lab.handbook.candidate import BOOK, Candidate, Learner, own
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.offline import differences
from anfu.lab.handbook.protocol import Fold, folds_of
from anfu.lab.handbook.stream import DAY, DELAY, Stream, midnight

CANDIDATES = (replace(own(28), learner=Learner.EXACT_BOOSTING), BOOK[1])
SMALL = Size(days=63)


async def walk(
    stream: Stream, fold: Fold, candidates: tuple[Candidate, ...] = CANDIDATES
) -> Walked:
    return await Walk(stream, candidates, seed=1).run([fold], lambda _text: None)


def flipped(stream: Stream, known_after: int) -> Stream:
    """The same payments; every label that is told after that moment says the opposite."""
    late = stream.at + DELAY > known_after
    return replace(stream, fraud=stream.fraud ^ late)


async def test_labels_that_are_not_told_yet_change_no_score_and_no_feature() -> None:
    stream = made_stream(1, SMALL)
    (fold,) = folds_of(stream, 1)
    middle = midnight(fold.test[3])
    honest, poisoned = await walk(stream, fold), await walk(flipped(stream, middle), fold)
    before = stream.at < middle
    asked = np.isin(stream.day, list(fold.test))
    for candidate in CANDIDATES:
        a, b = honest.scores[candidate.name], poisoned.scores[candidate.name]
        assert np.isfinite(a[asked]).all()
        np.testing.assert_array_equal(a[before], b[before])
        assert (a[asked & ~before] != b[asked & ~before]).any()
    np.testing.assert_array_equal(honest.facts[before], poisoned.facts[before])


async def test_a_label_told_a_day_early_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = made_stream(1, SMALL)
    (fold,) = folds_of(stream, 1)
    middle = midnight(fold.test[3])
    before = stream.at < middle
    with told_early(monkeypatch):
        honest, poisoned = await walk(stream, fold), await walk(flipped(stream, middle), fold)
    told = honest.told != poisoned.told
    assert told.any()
    # The catalogue looks behind the delay even then: the second lock on the same door.
    np.testing.assert_array_equal(honest.facts[before], poisoned.facts[before])


@contextmanager
def told_early(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(bench_handbook_walk, "DELAY", DELAY - DAY)
        yield


async def test_online_is_what_sql_over_the_whole_stream_gives_value_for_value() -> None:
    stream = made_stream(2, SMALL)
    (fold,) = folds_of(stream, 1)
    walked = await walk(stream, fold)
    found = differences(CATALOGUE, stream, NAMES, walked.facts)
    assert found == dict.fromkeys(found, 0)
    assert list(found) == [feature.name for feature in CATALOGUE.features]
    spoiled = walked.facts.copy()
    spoiled[17, NAMES.index("payer_mean_7d")] += 1e-9
    assert differences(CATALOGUE, stream, NAMES, spoiled)["payer_mean_7d"] == 1


async def test_every_payment_of_the_test_week_is_decided_once_and_no_other() -> None:
    stream = made_stream(3, SMALL)
    (fold,) = folds_of(stream, 1)
    walked = await walk(stream, fold, (*CANDIDATES, BOOK[0]))
    asked = np.flatnonzero(np.isin(stream.day, list(fold.test)))
    assert [row for row, _ in walked.verdicts] == asked.tolist()
    assert len(walked.latencies_ns) == len(asked) > 0
    for scores in walked.scores.values():
        np.testing.assert_array_equal(np.flatnonzero(np.isfinite(scores)), asked)
    known = stream.fraud & (stream.at + DELAY < midnight(fold.test.stop))
    np.testing.assert_array_equal(walked.told, known)


async def test_the_same_seed_gives_the_same_scores() -> None:
    stream = made_stream(4, SMALL)
    (fold,) = folds_of(stream, 1)
    first, again = await walk(stream, fold), await walk(stream, fold)
    for name, scores in first.scores.items():
        np.testing.assert_array_equal(scores, again.scores[name])
