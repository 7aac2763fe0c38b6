"""What is to be tested, and on which part of history."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.condition import Condition, read_condition
from anfu.risk.features import Catalogue
from anfu.risk.rules import (
    Rule,
    RuleSet,
    Thresholds,
    make_rule_set,
    parse_rule_set,
    read_rule_set,
)

PREFIX = "bkt"
# A payer finds a fraud on the statement and disputes it; most have done so after a month.
LABEL_DELAY = timedelta(days=30)
# Rules on their own are compared with what was decided, not weighed with others.
_APART = Thresholds(middle=1_000, general=1_000, high=1_000)


@dataclass(frozen=True, slots=True)
class Wish:
    """`tested` on the payments from `start` (included) to `end` (not included), by the labels said
    up to `cutoff`; a payment is judged once it is `label_delay` older than that. `whole`: a rule
    set with its thresholds and outcomes; else rules, each on its own. `live` is what they are
    compared with. Raises Refused("backtest_span_invalid")."""

    tested: RuleSet
    live: RuleSet
    whole: bool
    start: datetime
    end: datetime
    cutoff: datetime
    label_delay: timedelta = LABEL_DELAY

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise Refused("backtest_span_invalid", field="from")
        if self.label_delay < timedelta(0):
            raise Refused("backtest_span_invalid", field="label_delay_days")

    @property
    def body(self) -> bytes:
        """Canonical bytes, to be stored."""
        moments = {name: getattr(self, name).isoformat() for name in _MOMENTS}
        return canonical_bytes(
            {
                "v": 1,
                "version": self.tested.version,
                "tested": json.loads(self.tested.body),
                "live": json.loads(self.live.body),
                "whole": self.whole,
                "label_delay_s": int(self.label_delay.total_seconds()),
                **moments,
            }
        )


_MOMENTS = ("start", "end", "cutoff")


def read_wish(body: bytes) -> Wish:
    """The wish whose `body` this is."""
    document = json.loads(body)
    return Wish(
        tested=read_rule_set(canonical_bytes(document["tested"])),
        live=read_rule_set(canonical_bytes(document["live"])),
        whole=document["whole"],
        label_delay=timedelta(seconds=document["label_delay_s"]),
        **{name: datetime.fromisoformat(document[name]) for name in _MOMENTS},
    )


def parse_tested(text: str) -> tuple[RuleSet, bool]:
    """A TOML file of `[[rule]]` tables, and whether it is a whole rule set: with `[thresholds]`.

    Raises Refused as `parse_rule_set` does.
    """
    try:
        whole = "thresholds" in tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("rule_set_unreadable", field="rules", problem=str(error)) from None
    if whole:
        return parse_rule_set(text), True
    apart = "\n".join(f"{name} = {value}" for name, value in asdict(_APART).items())
    return parse_rule_set(f"{text}\n[thresholds]\n{apart}\n"), False


def rules_apart(rules: Iterable[Rule]) -> RuleSet:
    """Rules on their own. Raises Refused as `make_rule_set` does."""
    return make_rule_set(rules, _APART)


def conditions_of(catalogue: Catalogue, rule_set: RuleSet) -> Mapping[str, Condition]:
    """The conditions by rule. Raises Refused as `read_condition` does, naming the rule."""
    found: dict[str, Condition] = {}
    for rule in rule_set.rules:
        try:
            found[rule.id] = read_condition(rule.condition, catalogue.facts)
        except Refused as refusal:
            details: dict[str, Any] = {**refusal.details, "rule": rule.id}
            raise Refused(refusal.code, field=refusal.field, **details) from None
    return found
