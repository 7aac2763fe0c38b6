"""What the API answers. Fields that a later version adds are passed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")


class ReasonText(Struct, frozen=True):
    """A reason in words."""

    code: str
    en: str
    zh: str


class Decision(Struct, frozen=True):
    """A verdict. `reasons` are codes, the strongest first; `degraded` is not empty when something
    was not ready within the deadline; `id` is None after a dry run."""

    id: str | None
    event: str
    outcome: Literal["ALLOW", "CHALLENGE", "REVIEW", "BLOCK"]
    grade: Literal["LOW", "MIDDLE", "GENERAL", "HIGH"]
    score: int
    reasons: tuple[str, ...]
    list_hits: tuple[str, ...]
    model_score: float | None
    degraded: tuple[str, ...]
    dry_run: bool
    catalogue: str
    rule_set: str
    occurred_at: datetime
    facts: dict[str, Any] = {}
    reason_texts: tuple[ReasonText, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.outcome == "ALLOW"


class Observed(Struct, frozen=True):
    """Behaviour as it was kept."""

    id: str
    event: str
    kind: str
    payer: str
    occurred_at: datetime


class Labelled(Struct, frozen=True):
    """A label as it was kept."""

    payment: str
    decision: str
    label: Literal["FRAUD", "HONEST"]
    source: str
    created_at: datetime


class Several(Struct, Generic[T], frozen=True):
    """A list."""

    data: list[T]
