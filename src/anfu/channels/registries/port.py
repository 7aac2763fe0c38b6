"""The port of outside verification.

A finding is DONE when the registry confirms, NOT_DONE when it contradicts, both in words whose
origin was verified; everything else is UNKNOWN: ask the same id again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from anfu.kernel.errors import Outcome


@dataclass(frozen=True, slots=True, repr=False)
class Inquiry:
    """Question `id`; `facts` are the only personal data that leave the house."""

    id: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """`source` names the firm whose records were looked at; `bank_grade` is I, II, III or CREDIT
    where the question is about a card; `reason` is None only for DONE."""

    outcome: Outcome
    reason: str | None
    source: str | None = None
    bank_grade: str | None = None


class Registry(Protocol):
    """One outside channel."""

    async def inquire(self, inquiry: Inquiry) -> Finding:
        """Idempotent by the question's id. Raises BrokenInvariant in an open transaction."""
