"""A back-test counts what the rules, run one payment at a time, give."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.property.lab.lab_histories import Past, day, random_history, written

from anfu.lab.backtests.figures import Figures, Sum
from anfu.lab.backtests.interval import share_of
from anfu.lab.backtests.trial import trial
from anfu.lab.backtests.wish import Wish, read_wish, rules_apart
from anfu.lab.engines.single import SingleMachine
from anfu.lab.history.opened import open_archive
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import make_judge
from anfu.risk.event import EPOCH, MICROSECOND
from anfu.risk.rules import (
    SEVERITY,
    Grade,
    Outcome,
    Rule,
    RuleState,
    default_rule_set,
    make_rule_set,
)

NAMES = [fact.name for fact in CATALOGUE.facts]
LIVE = default_rule_set()
PROBE = Rule("probe", "amount > 5000 AND payer_count_1h >= 2", Grade.MIDDLE, 10, "PROBE", "p", "探")


def wish(**other: object) -> Wish:
    asked = Wish(
        tested=rules_apart([PROBE]), live=LIVE, whole=False, start=day(3), end=day(50),
        cutoff=day(55), label_delay=timedelta(days=10),
    )  # fmt: skip
    return replace(asked, **other)  # type: ignore[arg-type]


def tried(past: list[Past], asked: Wish, folder: Path) -> Figures:
    engine = SingleMachine()
    try:
        assert open_archive(engine, written(past, CATALOGUE, folder / "history"))
        return trial(engine, CATALOGUE, asked)
    finally:
        engine.close()


class Naive:
    """One payment after the other."""

    def __init__(self, past: list[Past], asked: Wish) -> None:
        self.wish = asked
        start, end = (self.us(moment) for moment in (asked.start, asked.end))
        self.past = [p for p in past if start <= self.get(p, "at") < end]
        self.judge = make_judge(CATALOGUE, asked.tested)

    @staticmethod
    def us(moment: object) -> int:
        return (moment - EPOCH) // MICROSECOND  # type: ignore[operator]

    @staticmethod
    def get(p: Past, name: str) -> int:
        return int(p.facts[NAMES.index(name)])

    def verdict(self, p: Past) -> int:
        if self.wish.whole:
            return SEVERITY[self.judge(p.facts).outcome]
        return int(bool(self.judge(p.facts).reasons))

    def fraud(self, p: Past) -> bool | None:
        said = [(at, fraud) for at, fraud in p.said if at <= self.us(self.wish.cutoff)]
        return max(said)[1] if said else None

    def truth(self, p: Past) -> str:
        if self.get(p, "at") > self.us(self.wish.cutoff - self.wish.label_delay):
            return "OPEN"
        if self.fraud(p):
            return "FRAUD"
        passed = p.state == "SUCCEEDED" or (p.state is None and p.outcome == "ALLOW")
        return "HONEST" if self.fraud(p) is False or passed else "OPEN"

    def sum(self, chosen: object) -> Sum:
        found = [p for p in self.past if chosen(p)]  # type: ignore[operator]
        return Sum(len(found), sum(self.get(p, "amount") for p in found))


def assert_counted(figures: Figures, naive: Naive) -> None:
    acted = lambda p: naive.verdict(p) > 0  # noqa: E731
    assert figures.everything.all == naive.sum(lambda p: True)
    assert figures.acted.all == naive.sum(acted)
    assert figures.acted.disputed == naive.sum(lambda p: acted(p) and naive.fraud(p))
    assert figures.acted.blocked == naive.sum(lambda p: acted(p) and p.outcome == "BLOCK")
    back = [p.refunded for p in naive.past if acted(p) and p.refunded]
    assert figures.acted.refunded == Sum(len(back), sum(back))
    judged = figures.judged
    assert judged.caught == naive.sum(lambda p: acted(p) and naive.truth(p) == "FRAUD")
    assert judged.missed == naive.sum(lambda p: not acted(p) and naive.truth(p) == "FRAUD")
    assert judged.alarms == naive.sum(lambda p: acted(p) and naive.truth(p) == "HONEST")
    assert judged.precision == share_of(
        judged.caught.count, judged.caught.count + judged.alarms.count
    )
    assert figures.span.open == naive.sum(lambda p: naive.truth(p) == "OPEN")
    assert sum(d.all.count for d in figures.days) == len(naive.past)
    assert sum(d.alarms.value for d in figures.days) == judged.alarms.value
    worst = sorted((naive.get(p, "amount") for p in naive.past
                    if acted(p) and naive.truth(p) == "HONEST"), reverse=True)  # fmt: skip
    assert [alarm.amount for alarm in figures.worst] == worst[:20]


def test_a_rule_is_counted_payment_by_payment(tmp_path: Path) -> None:
    past = random_history(CATALOGUE, 1, 3_000)
    figures = tried(past, wish(), tmp_path)
    assert figures.judged.caught.count > 10
    naive = Naive(past, wish())
    assert_counted(figures, naive)
    assert figures.turns == []
    assert [r.held for r in figures.rules] == [figures.acted.all]


@pytest.mark.parametrize("rollout", [100, 37])
def test_a_rule_set_is_counted_as_the_judge_judges(rollout: int, tmp_path: Path) -> None:
    rules = [replace(rule, rollout=rollout) for rule in LIVE.rules]
    rules += [replace(PROBE, state=RuleState.SHADOW, outcome=Outcome.BLOCK)]
    tested = make_rule_set(rules, LIVE.thresholds, LIVE.outcomes)
    asked = wish(tested=tested, whole=True)
    past = random_history(CATALOGUE, 2, 3_000)
    figures = tried(past, asked, tmp_path)
    naive = Naive(past, asked)
    assert_counted(figures, naive)
    mine = Counter((p.outcome, list(Outcome)[naive.verdict(p)]) for p in naive.past)
    assert {(t.then, t.now): t.sum.count for t in figures.turns} == mine


def test_the_overlap_with_each_rule_in_force_is_counted(tmp_path: Path) -> None:
    past = random_history(CATALOGUE, 3, 2_000)
    figures = tried(past, wish(), tmp_path)
    naive = Naive(past, wish())
    assert [o.rule for o in figures.overlap] == [rule.id for rule in LIVE.rules]
    for overlap, rule in zip(figures.overlap, LIVE.rules, strict=True):
        holds = make_judge(CATALOGUE, rules_apart([replace(rule, rollout=100)]))
        counts = Counter((bool(holds(p.facts).reasons), naive.verdict(p)) for p in naive.past)
        found = (overlap.both.count, overlap.live_only.count, overlap.tested_only.count)
        assert found == (counts[True, 1], counts[True, 0], counts[False, 1])


def test_no_label_said_after_the_cut_off_is_used(tmp_path: Path) -> None:
    past = random_history(CATALOGUE, 4, 1_000)
    early = wish(cutoff=day(20))
    told_late = [
        replace(p, said=(*p.said, (Naive.us(day(20)) + 1, not Naive(past, early).fraud(p))))
        for p in past
    ]
    assert tried(past, early, tmp_path / "a") == tried(told_late, early, tmp_path / "b")


def test_a_wish_is_read_back() -> None:
    assert read_wish(wish().body) == wish()
