"""Rules and rule sets: immutable, versioned by their content."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from anfu.kernel.canonical import canonical_bytes, digest
from anfu.kernel.errors import Refused

_ID = re.compile(r"[a-z][a-z0-9_]{1,63}")
_REASON = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_POINTS_MAX = 1_000


class Outcome(StrEnum):
    """What risk asks for, weakest first."""

    ALLOW = "ALLOW"
    CHALLENGE = "CHALLENGE"
    REVIEW = "REVIEW"
    BLOCK = "BLOCK"


SEVERITY: Mapping[Outcome, int] = {outcome: i for i, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class Rule:
    """When `condition` is TRUE: at least `outcome`, `points` more of score, and `reason`.

    A rule of outcome ALLOW is a weak signal: it only adds points. `en` and `zh` say the reason.
    """

    id: str
    condition: str
    outcome: Outcome
    points: int
    reason: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score from which on an outcome is asked for, whatever rules gave it."""

    challenge: int
    review: int
    block: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules, the strongest first. Build with `make_rule_set`."""

    version: str
    thresholds: Thresholds
    rules: tuple[Rule, ...]

    @property
    def body(self) -> bytes:
        """The canonical form, to be stored beside decisions made with it."""
        return canonical_bytes(_form(self.thresholds, self.rules))


def make_rule_set(rules: Iterable[Rule], thresholds: Thresholds) -> RuleSet:
    """Raises Refused: rule_id_invalid, rule_id_repeated, rule_reason_invalid, rule_points_invalid,
    rule_text_missing, thresholds_invalid. Conditions are read when the set meets a catalogue."""
    given = tuple(rules)
    for rule in given:
        _check(rule)
    if len({rule.id for rule in given}) < len(given):
        raise Refused("rule_id_repeated", field="id")
    if not 0 < thresholds.challenge <= thresholds.review <= thresholds.block:
        raise Refused("thresholds_invalid", field="thresholds")
    ordered = tuple(sorted(given, key=lambda r: (-SEVERITY[r.outcome], -r.points, r.id)))
    return RuleSet(digest(_form(thresholds, ordered)).hex()[:16], thresholds, ordered)


def read_rule_set(body: bytes) -> RuleSet:
    """The rule set whose `body` this is."""
    document = json.loads(body)
    rules = [_rule(values) for values in document["rules"]]
    return make_rule_set(rules, Thresholds(**document["thresholds"]))


def parse_rule_set(text: str) -> RuleSet:
    """A rule set in TOML: `[thresholds]` and `[[rule]]` tables. Raises Refused for a wrong one."""
    try:
        document = tomllib.loads(text)
        rules = [_rule(values) for values in document["rule"]]
        thresholds = Thresholds(**document["thresholds"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Refused("rule_set_unreadable", field="rules", problem=str(error)) from None
    return make_rule_set(rules, thresholds)


@cache
def default_rule_set() -> RuleSet:
    """The rules Anfu ships."""
    return parse_rule_set((resources.files("anfu.risk") / "rules/default.toml").read_text("utf-8"))


def reason_text(code: str, rule_set: RuleSet | None = None) -> dict[str, str]:
    """`{"en": ..., "zh": ...}` for a reason code. Raises Refused("reason_not_found")."""
    for rule in (rule_set or default_rule_set()).rules:
        if rule.reason == code:
            return {"en": rule.en, "zh": rule.zh}
    raise Refused("reason_not_found", field="reason", reason=code)


def _rule(values: dict[str, Any]) -> Rule:
    return Rule(**{**values, "outcome": Outcome(values["outcome"])})


def _form(thresholds: Thresholds, rules: Iterable[Rule]) -> dict[str, Any]:
    return {"v": 1, "thresholds": asdict(thresholds), "rules": [asdict(rule) for rule in rules]}


def _check(rule: Rule) -> None:
    if not _ID.fullmatch(rule.id):
        raise Refused("rule_id_invalid", field="id", id=rule.id)
    if not _REASON.fullmatch(rule.reason):
        raise Refused("rule_reason_invalid", field="reason", id=rule.id)
    if type(rule.points) is not int or not 0 <= rule.points <= _POINTS_MAX:
        raise Refused("rule_points_invalid", field="points", id=rule.id)
    if not (rule.en.strip() and rule.zh.strip()):
        raise Refused("rule_text_missing", field="en", id=rule.id)
