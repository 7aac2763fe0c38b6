"""What callers send and learn of rules and rule sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Limit, Request, Text
from anfu.entrypoints.api.errors import PROBLEMS, fill
from anfu.payments.document import rfc3339
from anfu.risk.features import Purpose
from anfu.risk.rules import Grade, Outcome, Rule, RuleSet
from anfu.risk.ruling.check import Remark, Severity
from anfu.risk.ruling.life import Draft, Known, Life, Move, Step

RuleId = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{1,63}$", max_length=64)]
Reason = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{1,63}$", max_length=64)]
Condition = Annotated[str, Meta(min_length=1, max_length=4_000)]
Points = Annotated[int, Meta(ge=0, le=1_000)]
Version = Annotated[int, Meta(ge=0, le=1_000_000)]
Percent = Annotated[int, Meta(ge=1, le=100, description="Share of payers.")]
Score = Annotated[int, Meta(ge=1, le=1_000_000)]


class RuleForm(Request, frozen=True, kw_only=True):
    """What a rule shall say: an SQL condition over facts, and what follows when it is TRUE."""

    id: RuleId
    condition: Condition
    grade: Grade
    points: Points
    reason: Reason
    en: Text
    zh: Text
    outcome: Outcome | None = None
    typology: Id | None = None
    purpose: Purpose = Purpose.ANTI_FRAUD


class DraftForm(RuleForm, frozen=True, kw_only=True):
    """A new draft of a rule; `replaces` is the version of the draft it was written from, 0 where
    a shipped rule has none."""

    replaces: Version


class WhyForm(Request, frozen=True):
    """Why it is proposed."""

    why: Text


class LiveForm(Request, frozen=True):
    """Let a watched rule act on a share of payers; the rule `replaces` retires with it."""

    why: Text
    rollout: Percent = 100
    replaces: RuleId | None = None


class ThresholdsForm(Request, frozen=True):
    """The score from which on a grade is given."""

    middle: Score
    general: Score
    high: Score


class PolicyForm(Request, frozen=True):
    """Other thresholds, other outcomes of grades; what is left out stays."""

    why: Text
    thresholds: ThresholdsForm | None = None
    outcomes: dict[Grade, Outcome] | None = None


class RuleQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """By id; `after` is the last id of the page before."""

    limit: Limit = 20
    after: Id | None = None
    state: Life | None = None


class RemarkDocument(Struct, frozen=True):
    """What a static check says of a rule. `position` is [start, end) in the condition."""

    code: str
    severity: Severity
    rule: str
    field: str
    position: list[int] | None
    en: str
    zh: str
    remedy_en: str
    remedy_zh: str
    details: dict[str, Any]


class DraftDocument(Struct, frozen=True):
    """A version of a rule as somebody wrote it."""

    version: int
    author: str
    created_at: datetime
    condition: str
    grade: Grade
    points: int
    reason: str
    en: str
    zh: str
    outcome: Outcome | None
    typology: str | None
    purpose: Purpose


class MoveDocument(Struct, frozen=True):
    """What became of a rule: when, by which rule set, and who wanted it."""

    state: Life
    rollout: int
    step: int
    rule_set: str
    created_at: datetime
    proposal: str | None
    author: str | None
    approved_by: str | None
    why: str | None


class RuleDocument(Struct, frozen=True):
    """A rule as it stands: what is in force, else the draft, else what it last said. `drafts` and
    `moves` only where one rule is read, newest first."""

    id: str
    object: Literal["rule"]
    state: Life
    rollout: int
    condition: str
    grade: Grade
    points: int
    reason: str
    en: str
    zh: str
    outcome: Outcome | None
    typology: str | None
    purpose: Purpose
    draft: DraftDocument | None
    remarks: list[RemarkDocument] = []
    drafts: list[DraftDocument] = []
    moves: list[MoveDocument] = []


class RuleList(Struct, frozen=True):
    """A page of rules."""

    object: Literal["list"]
    data: list[RuleDocument]
    more: bool


class CheckDocument(Struct, frozen=True):
    """Everything the static checks say; `valid` when there is no error."""

    object: Literal["rule_check"]
    valid: bool
    remarks: list[RemarkDocument]


class StepDocument(Struct, frozen=True):
    """A rule set that came into force."""

    object: Literal["rule_set_step"]
    step: int
    rule_set: str
    created_at: datetime
    proposal: str | None
    author: str | None
    approved_by: str | None
    why: str | None


class StepList(Struct, frozen=True):
    """A page of steps."""

    object: Literal["list"]
    data: list[StepDocument]
    more: bool


class RuleSetDocument(Struct, frozen=True):
    """A rule set, whole."""

    version: str
    object: Literal["rule_set"]
    thresholds: dict[str, int]
    outcomes: dict[Grade, Outcome]
    rules: list[dict[str, Any]]


class DifferenceDocument(Struct, frozen=True):
    """What the second set says otherwise than the first: rules by id, each before and after."""

    object: Literal["rule_set_difference"]
    before: str
    after: str
    rules: dict[str, dict[str, Any]]
    policy: list[dict[str, Any]] | None


def rule_of(form: RuleForm) -> Rule:
    """The rule a form describes."""
    return Rule(
        id=form.id, condition=form.condition, grade=form.grade, points=form.points,
        reason=form.reason, en=form.en, zh=form.zh, outcome=form.outcome, typology=form.typology,
        purpose=form.purpose,
    )  # fmt: skip


def rule_document(known: Known, remarks: Sequence[Remark] = ()) -> dict[str, Any]:
    """What a caller learns of a rule."""
    return {
        "id": known.content.id,
        "object": "rule",
        "state": known.state,
        "rollout": known.content.rollout if known.state is Life.LIVE else 0,
        **_content(known.content),
        "draft": known.draft and draft_document(known.draft),
        "remarks": [remark_document(remark) for remark in remarks],
    }


def draft_document(draft: Draft) -> dict[str, Any]:
    """What a caller learns of a draft."""
    at = rfc3339(draft.at)
    head = {"version": draft.version, "author": draft.author, "created_at": at}
    return {**head, **_content(draft.rule)}


def move_document(move: Move) -> dict[str, Any]:
    """What a caller learns of a move."""
    rollout = move.content.rollout if move.state is Life.LIVE else 0
    return {"state": move.state, "rollout": rollout, **_step(move.step)}


def step_document(step: Step) -> dict[str, Any]:
    """What a caller learns of a step."""
    return {"object": "rule_set_step", **_step(step)}


def rule_set_document(rule_set: RuleSet) -> dict[str, Any]:
    """A rule set as JSON values."""
    return {
        "version": rule_set.version,
        "object": "rule_set",
        "thresholds": asdict(rule_set.thresholds),
        "outcomes": dict(rule_set.outcomes),
        "rules": [asdict(rule) for rule in rule_set.rules],
    }


def remark_document(remark: Remark) -> dict[str, Any]:
    """A remark with its texts in both languages."""
    problem = PROBLEMS[remark.code]
    words = {**remark.details, "field": remark.place, "rule": remark.rule}
    return {
        "code": remark.code,
        "severity": remark.severity,
        "rule": remark.rule,
        "field": remark.place,
        "position": remark.position,
        "en": fill(problem.title, words),
        "zh": fill(problem.title_zh, words),
        "remedy_en": fill(problem.remedy, words),
        "remedy_zh": fill(problem.remedy_zh, words),
        "details": dict(remark.details),
    }


def _content(rule: Rule) -> dict[str, Any]:
    return {k: v for k, v in asdict(rule).items() if k not in ("id", "state", "rollout")}


def _step(step: Step) -> dict[str, Any]:
    values = asdict(step)
    at = values.pop("at")
    return {**values, "created_at": rfc3339(at)}
