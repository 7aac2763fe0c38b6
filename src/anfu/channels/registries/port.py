"""The port of outside verification.

A finding is DONE when the registry confirms, NOT_DONE when it contradicts, both in words whose
origin was verified; everything else is UNKNOWN: ask the same id again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from anfu.kernel.errors import Outcome

# The registry of firms (企业登记机关), which also says how a firm stands.
FIRM_REGISTRY = "FIRM_REGISTRY"


class FirmState(StrEnum):
    """How a firm stands in the registry of firms: of several, the last of this list."""

    IN_BUSINESS = "IN_BUSINESS"  # 存续
    ABNORMAL = "ABNORMAL"  # 列入经营异常名录
    DISHONEST = "DISHONEST"  # 列入严重违法失信名单
    REVOKED = "REVOKED"  # 吊销
    CANCELLED = "CANCELLED"  # 注销


@dataclass(frozen=True, slots=True, repr=False)
class Inquiry:
    """Question `id`; `facts` are the only personal data that leave the house: of a person
    `document_number`, `name` and what else the channel needs, of a firm `credit_code` (GB 32100),
    `name` and, as a name, `representative`."""

    id: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """`source` names the firm whose records were looked at; `bank_grade` is I, II, III or CREDIT
    where the question is about a card, `firm_state` what the registry of firms says of a firm it
    has; `reason` is None only for DONE."""

    outcome: Outcome
    reason: str | None
    source: str | None = None
    bank_grade: str | None = None
    firm_state: FirmState | None = None


class Registry(Protocol):
    """One outside channel."""

    async def inquire(self, inquiry: Inquiry) -> Finding:
        """Idempotent by the question's id. Raises BrokenInvariant in an open transaction."""
