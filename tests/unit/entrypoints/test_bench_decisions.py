"""The parts of `anfu bench decisions`: what is decided on, and with what."""

from __future__ import annotations

from anfu.entrypoints.cli.bench_parts import RULES, rules
from anfu.entrypoints.cli.bench_stream import Stream
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import make_judge
from anfu.risk.event import Kind


def test_the_stream_is_the_same_for_a_seed_and_no_event_is_like_another() -> None:
    one, other = (list(Stream(50, 1.0, 7).payments(500)) for _ in range(2))
    assert one == other
    events = [event for event, _, _ in one]
    assert len({event.id for event in events}) == len({event.at for event in events}) == 500
    assert sorted(events, key=lambda e: e.at) == events
    assert {b.kind for _, before, _ in one for b in before} <= set(Kind) - {Kind.PAYMENT}
    assert 0 < sum(fraud for _, _, fraud in one) < 25


def test_there_are_a_hundred_rules_and_all_fit_the_catalogue() -> None:
    rule_set = rules(CATALOGUE)
    assert len(rule_set.rules) == RULES == 100
    make_judge(CATALOGUE, rule_set)
