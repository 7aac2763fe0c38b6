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
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.risk.features import Purpose

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


class Grade(StrEnum):
    """How dangerous, least first (分级预警). LOW passes, MIDDLE is challenged, GENERAL is blocked,
    HIGH is held for a person, unless the rule set's outcomes say otherwise."""

    LOW = "LOW"
    MIDDLE = "MIDDLE"
    GENERAL = "GENERAL"
    HIGH = "HIGH"


OUTCOMES: Mapping[Grade, Outcome] = {
    Grade.LOW: Outcome.ALLOW,
    Grade.MIDDLE: Outcome.CHALLENGE,
    Grade.GENERAL: Outcome.BLOCK,
    Grade.HIGH: Outcome.REVIEW,
}


class RuleState(StrEnum):
    """A SHADOW rule is evaluated on live traffic and never acts."""

    LIVE = "LIVE"
    SHADOW = "SHADOW"


@dataclass(frozen=True, slots=True)
class Rule:
    """When `condition` is TRUE: at least `grade`, `points` more of score, and `reason`, which `en`
    and `zh` say. A rule of grade LOW is a weak signal: it only adds points.

    `outcome` asks for at least that much whatever the grade, as where law commands it. `rollout`
    is the share of payers, in percent, that a LIVE rule acts on. A rule of a purpose other than
    ANTI_FRAUD may not read what is locked to that purpose.
    """

    id: str
    condition: str
    grade: Grade
    points: int
    reason: str
    en: str
    zh: str
    outcome: Outcome | None = None
    state: RuleState = RuleState.LIVE
    rollout: int = 100
    typology: str | None = None
    purpose: Purpose = Purpose.ANTI_FRAUD


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The score from which on a grade is given, whatever rules gave it."""

    middle: int
    general: int
    high: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules, the strongest first, and the policy of grades. Build with `make_rule_set`."""

    version: str
    thresholds: Thresholds
    outcomes: Mapping[Grade, Outcome]
    rules: tuple[Rule, ...]

    @property
    def body(self) -> bytes:
        """The canonical form, to be stored beside decisions made with it."""
        return canonical_bytes(_form(self.thresholds, self.outcomes, self.rules))

    def grade_of(self, score: int) -> Grade:
        """The grade a score gives by itself."""
        limits = self.thresholds
        if score >= limits.high:
            return Grade.HIGH
        if score >= limits.general:
            return Grade.GENERAL
        return Grade.MIDDLE if score >= limits.middle else Grade.LOW


def make_rule_set(
    rules: Iterable[Rule],
    thresholds: Thresholds,
    outcomes: Mapping[Grade, Outcome] = OUTCOMES,
) -> RuleSet:
    """Raises Refused: rule_id_invalid, rule_id_repeated, rule_reason_invalid, rule_points_invalid,
    rule_rollout_invalid, rule_text_missing, thresholds_invalid, outcomes_invalid. Conditions are
    read when the set meets a catalogue."""
    given = tuple(rules)
    for rule in given:
        check_rule(rule)
    if len({rule.id for rule in given}) < len(given):
        raise Refused("rule_id_repeated", field="id")
    if not 0 < thresholds.middle <= thresholds.general <= thresholds.high:
        raise Refused("thresholds_invalid", field="thresholds")
    if set(outcomes) != set(Grade) or outcomes[Grade.LOW] is not Outcome.ALLOW:
        raise Refused("outcomes_invalid", field="outcomes")
    ordered = tuple(sorted(given, key=_strength))
    version = digest(_form(thresholds, outcomes, ordered)).hex()[:16]
    return RuleSet(version, thresholds, outcomes, ordered)


def read_rule_set(body: bytes) -> RuleSet:
    """The rule set whose `body` this is. Raises BrokenInvariant for a form of another version."""
    document = json.loads(body)
    if document["v"] != _VERSION:
        raise BrokenInvariant(f"a rule set of form {document['v']}, not {_VERSION}")
    return _read(document, document["rules"])


def read_rule(values: dict[str, Any]) -> Rule:
    """The rule these values name, as `asdict` gives them. Raises TypeError, ValueError and KeyError
    for what is none."""
    outcome = values.get("outcome")
    return Rule(
        **{
            **values,
            "grade": Grade(values["grade"]),
            "outcome": None if outcome is None else Outcome(outcome),
            "state": RuleState(values.get("state", RuleState.LIVE)),
            "purpose": Purpose(values.get("purpose", Purpose.ANTI_FRAUD)),
        }
    )


def parse_rule_set(text: str) -> RuleSet:
    """A rule set in TOML: `[thresholds]`, `[outcomes]` (optional) and `[[rule]]` tables. Raises
    Refused for a wrong one."""
    try:
        document = tomllib.loads(text)
        return _read(document, document["rule"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise Refused("rule_set_unreadable", field="rules", problem=str(error)) from None


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


def _read(document: Mapping[str, Any], rules: Iterable[dict[str, Any]]) -> RuleSet:
    given = document.get("outcomes", OUTCOMES)
    outcomes = {Grade(grade): Outcome(outcome) for grade, outcome in given.items()}
    return make_rule_set(map(read_rule, rules), Thresholds(**document["thresholds"]), outcomes)


def _strength(rule: Rule) -> tuple[int, int, str]:
    return (-list(Grade).index(rule.grade), -rule.points, rule.id)


_VERSION = 2


def _form(
    thresholds: Thresholds, outcomes: Mapping[Grade, Outcome], rules: Iterable[Rule]
) -> dict[str, Any]:
    return {
        "v": _VERSION,
        "thresholds": asdict(thresholds),
        "outcomes": dict(outcomes),
        "rules": [asdict(rule) for rule in rules],
    }


def check_rule(rule: Rule) -> None:
    """Raises Refused: rule_id_invalid, rule_reason_invalid, rule_points_invalid,
    rule_rollout_invalid, rule_text_missing."""
    if not _ID.fullmatch(rule.id):
        raise Refused("rule_id_invalid", field="id", id=rule.id)
    if not _REASON.fullmatch(rule.reason):
        raise Refused("rule_reason_invalid", field="reason", id=rule.id)
    if type(rule.points) is not int or not 0 <= rule.points <= _POINTS_MAX:
        raise Refused("rule_points_invalid", field="points", id=rule.id)
    if type(rule.rollout) is not int or not 0 <= rule.rollout <= 100:
        raise Refused("rule_rollout_invalid", field="rollout", id=rule.id)
    if not (rule.en.strip() and rule.zh.strip()):
        raise Refused("rule_text_missing", field="en", id=rule.id)
