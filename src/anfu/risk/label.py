"""Labels: what a payment turned out to be, told late and by someone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Truth(StrEnum):
    """What the payment was."""

    FRAUD = "FRAUD"
    HONEST = "HONEST"


@dataclass(frozen=True, slots=True)
class Label:
    """`payment` was `truth`, as `source` (a case, a dispute, a refund) said at `at`."""

    payment: str
    truth: Truth
    at: datetime
    source: str

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError("a label names its source")
