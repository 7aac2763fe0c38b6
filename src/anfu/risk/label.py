"""Labels: what a payment turned out to be, told late and by someone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.risk.event import Event


class Truth(StrEnum):
    """What the payment was."""

    FRAUD = "FRAUD"
    HONEST = "HONEST"


@dataclass(frozen=True, slots=True)
class Label:
    """`payment`, the event that `decision` was made on, was `truth`, as `source` (a case, a
    dispute, a refund) said at `at`. `told_at`: when we were told; another time than `at` only in a
    history, whose time is not ours."""

    payment: str
    truth: Truth
    at: datetime
    source: str
    decision: str
    told_at: datetime

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError("a label names its source")


@dataclass(frozen=True, slots=True)
class Told:
    """A label with its event: what profiles and graph learn from it."""

    event: Event
    label: Label

    @property
    def fraud(self) -> bool:
        return self.label.truth is Truth.FRAUD
