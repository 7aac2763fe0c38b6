"""Whose paper the figures of a back-test may become: of the proposal that changes just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.lab.backtests.gate import check_tested
from anfu.lab.backtests.wish import Wish, rules_apart
from anfu.risk.features import Purpose
from anfu.risk.proposals.proposal import Proposal, Subject
from anfu.risk.rules import Grade, Outcome, Rule, RuleSet, RuleState, Thresholds, make_rule_set
from anfu.risk.ruling.change import Change, Turn, changed, difference

NOW = datetime(2026, 11, 28, tzinfo=UTC)
OLD = Rule("old", "amount > 5", Grade.LOW, 5, "OLD", "Old", "旧")
NEW = Rule("new", "amount > 9", Grade.MIDDLE, 9, "NEW", "New", "新", state=RuleState.SHADOW)
LIVE = make_rule_set([OLD, NEW], Thresholds(10, 20, 30))
LOWER = make_rule_set([OLD, NEW], Thresholds(9, 20, 30))
ACTS = replace(NEW, state=RuleState.LIVE, rollout=10)
TO_LIVE = Change(LIVE.version, "seen", {"new": Turn(NEW, ACTS)})
INSTEAD = replace(TO_LIVE, rules={**TO_LIVE.rules, "old": Turn(OLD, None)})
POLICY = difference(LIVE, LOWER, why="too many")
RETIRED = Change(LIVE.version, "old", {"old": Turn(OLD, None)})


def check(change: Change, tested: RuleSet, *, whole: bool) -> None:
    proposal = Proposal("prp_1", Subject.RULES, "t", change.body, "key", NOW)
    check_tested(proposal, Wish(tested, LIVE, whole, NOW - timedelta(days=1), NOW, NOW))


@pytest.mark.parametrize(
    ("change", "tested", "whole"),
    [
        (TO_LIVE, rules_apart([NEW]), False),
        (TO_LIVE, rules_apart([ACTS]), False),
        (TO_LIVE, rules_apart([replace(NEW, purpose=Purpose.GENERAL)]), False),
        (INSTEAD, rules_apart([NEW]), False),
        (TO_LIVE, changed(TO_LIVE, LIVE), True),
        (INSTEAD, make_rule_set([ACTS], LIVE.thresholds), True),
        (POLICY, LOWER, True),
        (RETIRED, make_rule_set([NEW], LIVE.thresholds), True),
    ],
)
def test_what_it_changes_is_let_through(change: Change, tested: RuleSet, whole: bool) -> None:
    check(change, tested, whole=whole)


@pytest.mark.parametrize(
    ("change", "tested", "whole", "changes"),
    [
        (TO_LIVE, rules_apart([OLD]), False, ["new"]),
        (TO_LIVE, rules_apart([OLD, NEW]), False, ["new"]),
        (TO_LIVE, rules_apart([replace(NEW, condition="amount > 9000")]), False, ["new"]),
        (TO_LIVE, rules_apart([replace(NEW, id="newer")]), False, ["new"]),
        (TO_LIVE, rules_apart([replace(NEW, outcome=Outcome.BLOCK)]), False, ["new"]),
        (TO_LIVE, rules_apart([]), False, ["new"]),
        (TO_LIVE, LIVE, True, ["new"]),
        (TO_LIVE, make_rule_set([OLD, replace(ACTS, rollout=20)], LIVE.thresholds), True, ["new"]),
        (TO_LIVE, make_rule_set([OLD, ACTS], LOWER.thresholds), True, ["new"]),
        (POLICY, LIVE, True, ["policy"]),
        (POLICY, make_rule_set([OLD], LOWER.thresholds), True, ["policy"]),
        (POLICY, rules_apart([OLD, NEW]), False, ["policy"]),
        (RETIRED, rules_apart([]), False, ["old"]),
        (RETIRED, rules_apart([OLD]), False, ["old"]),
    ],
)
def test_anything_else_is_refused(
    change: Change, tested: RuleSet, whole: bool, changes: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        check(change, tested, whole=whole)
    found = refused.value
    assert (found.code, found.field, found.details) == (
        "backtest_other_change", "proposal", {"changes": changes},
    )  # fmt: skip


def test_a_proposal_about_something_else_gets_no_figures_of_rules() -> None:
    proposal = Proposal("prp_1", Subject.MODEL, "mdl_1", b"{}", "key", NOW)
    tested = rules_apart([NEW])
    with pytest.raises(Refused) as refused:
        check_tested(proposal, Wish(tested, LIVE, False, NOW - timedelta(days=1), NOW, NOW))
    assert refused.value.details == {"changes": ["MODEL"]}
