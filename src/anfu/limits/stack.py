"""The stack of limits held against a batch of uses, in sequence: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from anfu.kernel.errors import BrokenInvariant
from anfu.kernel.periods import civil_date
from anfu.limits.breach import Breach, Reserved
from anfu.limits.counter import (
    Counter,
    Meters,
    Metric,
    Window,
    merchant_counter,
    resets_at,
    weight,
)
from anfu.limits.rule import Rule, Step
from anfu.limits.use import Code, Use

# The limits of each merchant and customer that has any.
OwnRules = Mapping[str, Sequence[Rule]]
_MERCHANT_DAY = (Metric.INCOMING, Window.NATURAL_DAY)


@dataclass(slots=True)
class Stack:
    """Rules, and the sums as they stand. `take` answers one use after another and adds what it
    lets through to `sums`, which has to hold every counter that the uses feed."""

    rules: Sequence[Rule]
    own: OwnRules
    sums: dict[Counter, int]
    _bounding: dict[tuple[Any, ...], tuple[Rule, ...]] = field(default_factory=dict)

    def take(self, uses: Sequence[tuple[Use, Meters]]) -> Reserved:
        """Greedily: a use that breaks a limit is left out, the next one is still tried."""
        breaches: dict[str, Breach] = {}
        alerts: dict[str, Breach] = {}
        liable: dict[str, str] = {}
        for use, payer_meters in uses:
            meters = self._with_merchant(use, payer_meters)
            rules = self._rules_of(use)
            broken = self._broken(rules, use, meters)
            if broken:
                hard = [one for one in broken if one[0].blocks]
                soft = [one for one in broken if not one[0].blocks]
                if soft:
                    alerts[use.id] = self._breach(use, meters, soft)
                if hard:
                    breaches[use.id] = self._breach(use, meters, hard)
                    continue
            for (metric, _), counter in meters.items():
                self.sums[counter] += weight(metric, use)
            for rule in rules:
                if rule.liable and rule.blocks:
                    liable[use.id] = rule.id
        return Reserved(breaches, liable, alerts)

    def _with_merchant(self, use: Use, meters: Meters) -> Meters:
        if counts_for_merchant(use, self.own):
            return {**meters, _MERCHANT_DAY: merchant_counter(use)}
        return meters

    def _broken(self, rules: Sequence[Rule], use: Use, meters: Meters) -> list[tuple[Rule, int]]:
        """The rules that `use` breaks, each with the sum before it."""
        broken = []
        for rule in rules:
            counter = meters.get((rule.metric, rule.window))
            if counter is None and rule.window is not Window.PAYMENT:
                raise BrokenInvariant(f"{rule.id} bounds a sum that is not kept")
            used = 0 if counter is None else self.sums[counter]
            if used + weight(rule.metric, use) > rule.most:
                broken.append((rule, used))
        return broken

    def _rules_of(self, use: Use) -> tuple[Rule, ...]:
        day = civil_date(use.at)
        sort = (use.account_class, use.factors, use.strong, use.kind, use.currency, day, use.code,
                use.debit, use.bank_verified)  # fmt: skip
        rules = self._bounding.get(sort)
        if rules is None:
            rules = tuple(rule for rule in self.rules if rule.bounds(use, day))
            self._bounding[sort] = rules
        return rules + own_rules(use, self.own, day) if self.own else rules

    def _breach(self, use: Use, meters: Meters, broken: Sequence[tuple[Rule, int]]) -> Breach:
        rule, used = min(broken, key=lambda b: (b[0].most - b[1], b[0].maximum, b[0].id))
        law = rule.law
        return Breach(
            rule=rule.id,
            law=law.number if law else None,
            article=law.article if law else None,
            quote=law.quote if law else None,
            title_en=rule.title_en,
            title_zh=rule.title_zh,
            limit=rule.maximum,
            currency=rule.currency,
            used=used,
            remaining=max(0, rule.most - used),
            resets_at=resets_at(rule.window, use.at) or rule.ends_at,
            on_breach=rule.on_breach,
            raise_by=tuple(step for step in rule.raise_by if self._helps(step, use, meters)),
        )

    def _helps(self, step: Step, use: Use, meters: Meters) -> bool:
        if step is Step.AGREED_LIMIT:
            broken = self._broken(self._rules_of(use), use, meters)
            return all(step in rule.raise_by for rule, _ in broken if rule.blocks)
        for raised in raised_uses(step, use):
            broken = self._broken(self._rules_of(raised), raised, meters)
            if not any(rule.blocks for rule, _ in broken):
                return True
        return False


def raised_uses(step: Step, use: Use) -> list[Use]:
    """`use` as it would be after the customer took `step`."""
    if step is Step.SECOND_FACTOR:
        return [replace(use, factors=max(2, use.factors))]
    if step is Step.CERTIFICATE:
        return [replace(use, factors=max(2, use.factors), strong=True)]
    if step is Step.DYNAMIC_CODE:
        return [replace(use, code=Code.DYNAMIC)]
    if step is Step.BANK_VERIFICATION:
        return [replace(use, bank_verified=True)]
    return [replace(use, account_class=c) for c in range((use.account_class or 3) + 1, 4)]


def own_rules(use: Use, own: OwnRules, day: date) -> tuple[Rule, ...]:
    """The limits that its customer agreed and its merchant set, as far as they bound `use`."""
    rules = own.get(use.customer, ())
    if use.merchant is not None:
        rules = (*rules, *own.get(use.merchant, ()))
    return tuple(rule for rule in rules if rule.bounds(use, day))


def counts_for_merchant(use: Use, own: OwnRules) -> bool:
    """Whether `use` adds to the day's sum of its merchant: only where it has such a limit."""
    if not own or use.merchant not in own:
        return False
    rules = own_rules(use, own, civil_date(use.at))
    return any((rule.metric, rule.window) == _MERCHANT_DAY for rule in rules)
