"""The walk: nothing a score is made of was unknown when it was made."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cache

import numpy as np
from tests.handbook_stream import Size, made_stream

from anfu.entrypoints.cli.bench_handbook_walk import NAMES, Walk, Walked
from anfu.lab.handbook.candidate import BOOK, Learner, own
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.offline import differences
from anfu.lab.handbook.protocol import Fold, folds_of
from anfu.lab.handbook.stream import DELAY, Stream, midnight

# The first acts, the second watches it, the third is asked after the week.
CANDIDATES = (replace(own(28), learner=Learner.EXACT_BOOSTING), BOOK[1], BOOK[0])
STREAM = made_stream(1, Size(payers=80, days=56))
(FOLD,) = folds_of(STREAM, 1)
MIDDLE = midnight(FOLD.test[3])
BEFORE = STREAM.at < MIDDLE
ASKED = np.isin(STREAM.day, list(FOLD.test))


def walk(stream: Stream, fold: Fold) -> Walked:
    return asyncio.run(Walk(stream, CANDIDATES, seed=1).run([fold], lambda _text: None))


@cache
def undisturbed() -> Walked:
    return walk(STREAM, FOLD)


def poisoned(known_after: int) -> Stream:
    """The same payments; every label that is told after that moment says the opposite."""
    return replace(STREAM, fraud=STREAM.fraud ^ (STREAM.at + DELAY > known_after))


def test_labels_that_are_not_told_yet_change_no_feature_no_score_and_no_verdict() -> None:
    found, other = undisturbed(), walk(poisoned(MIDDLE), FOLD)
    np.testing.assert_array_equal(found.facts[BEFORE], other.facts[BEFORE])
    assert (found.facts[~BEFORE] != other.facts[~BEFORE]).any()
    for name, scores in found.scores.items():
        assert np.isfinite(scores[ASKED]).all()
        np.testing.assert_array_equal(scores[BEFORE], other.scores[name][BEFORE])
        assert (scores[ASKED & ~BEFORE] != other.scores[name][ASKED & ~BEFORE]).any()
    known = int((ASKED & BEFORE).sum())
    assert found.verdicts[:known] == other.verdicts[:known]
    assert found.verdicts != other.verdicts


def test_what_is_told_is_what_the_delay_has_let_out() -> None:
    known = STREAM.fraud & (STREAM.at + DELAY < midnight(FOLD.test.stop))
    np.testing.assert_array_equal(undisturbed().told, known)


def test_teaching_ends_where_labels_end() -> None:
    """The last day that teaches is wholly known by the first midnight of the test, no later one
    is: candidates learn from what was told, and have no other source of labels."""
    known_by = STREAM.at + DELAY < midnight(FOLD.test[0])
    assert known_by[STREAM.day == FOLD.taught - 1].all()
    assert not known_by[STREAM.day == FOLD.taught].any()


def test_online_is_what_sql_over_the_whole_stream_gives_value_for_value() -> None:
    facts = undisturbed().facts
    found = differences(CATALOGUE, STREAM, NAMES, facts)
    assert found == {feature.name: 0 for feature in CATALOGUE.features}
    spoiled = facts.copy()
    row = int(np.flatnonzero(spoiled[:, NAMES.index("payer_mean_7d")] > 100)[-1])
    spoiled[row, NAMES.index("payer_mean_7d")] += 1e-9
    assert differences(CATALOGUE, STREAM, NAMES, spoiled)["payer_mean_7d"] == 1


def test_every_payment_of_the_test_week_is_decided_once_and_no_other() -> None:
    found, rows = undisturbed(), np.flatnonzero(ASKED).tolist()
    assert [row for row, _ in found.verdicts] == rows
    assert len(found.latencies_ns) == len(rows) > 0
    for scores in found.scores.values():
        assert np.flatnonzero(np.isfinite(scores)).tolist() == rows


def test_a_second_walk_says_the_same() -> None:
    found, again = undisturbed(), walk(STREAM, FOLD)
    assert found.verdicts == again.verdicts
    for name, scores in found.scores.items():
        np.testing.assert_array_equal(scores, again.scores[name])
