"""What a back-test's figures speak for: a proposal gets them only where they are of its change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from anfu.kernel.errors import Refused
from anfu.lab.backtests.wish import Wish
from anfu.risk.features import Purpose
from anfu.risk.proposals.proposal import Proposal, Subject
from anfu.risk.rules import Rule, RuleState
from anfu.risk.ruling.change import Change, changed, policy_of, read_change


def check_tested(proposal: Proposal, wish: Wish) -> None:
    """Rules on their own must be all the rules that the change puts into the set, word for word; a
    whole set must be the one in force with the change in it. Raises
    Refused("backtest_other_change")."""
    change = read_change(proposal.body) if proposal.subject is Subject.RULES else None
    if change is None:
        raise Refused("backtest_other_change", field="proposal", changes=[proposal.subject])
    if not (_is_whole(change, wish) if wish.whole else _is_each(change, wish)):
        named = [*sorted(change.rules), *(["policy"] if change.policy else [])]
        raise Refused("backtest_other_change", field="proposal", changes=named)


def _is_whole(change: Change, wish: Wish) -> bool:
    made = changed(change, wish.live)
    same = _tested(made.rules) == _tested(wish.tested.rules)
    return same and policy_of(made) == policy_of(wish.tested)


def _is_each(change: Change, wish: Wish) -> bool:
    """Alone, a rule is tested on every payer wherever it stands."""
    put = [turn.after for turn in change.rules.values() if turn.after is not None]
    if not put or change.policy is not None:
        return False
    return _tested(map(_alone, put)) == _tested(map(_alone, wish.tested.rules))


def _alone(rule: Rule) -> Rule:
    return replace(rule, state=RuleState.LIVE, rollout=100)


def _tested(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """By id, without the purpose, which no figure depends on."""
    return {rule.id: replace(rule, purpose=Purpose.ANTI_FRAUD) for rule in rules}
