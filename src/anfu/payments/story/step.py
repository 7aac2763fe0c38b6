"""A step of a payment's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from anfu.payments.document import rfc3339
from anfu.payments.story.texts import TITLES


class Part(StrEnum):
    """What a step belongs to; each part is read by a scope of its own."""

    PAYMENT = "payment"
    LIMITS = "limits"
    DECISION = "decision"
    CASE = "case"
    CHANNEL = "channel"
    LEDGER = "ledger"
    EVENTS = "events"
    DELIVERIES = "deliveries"
    TASKS = "tasks"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Step:
    """`kind` names its title; `data` says the rest, with amounts in minor units."""

    at: datetime
    part: Part
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


def step_document(step: Step) -> dict[str, Any]:
    """A step as JSON values."""
    en, zh = TITLES[step.kind]
    return {
        "at": rfc3339(step.at),
        "part": step.part,
        "kind": step.kind,
        "title": {"en": en, "zh": zh},
        "data": dict(step.data),
    }
