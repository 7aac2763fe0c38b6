"""What goes wrong at this network besides `sandbox.faults`, from the same seed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from anfu.channels.sandbox.faults import Faults


class Mishap(StrEnum):
    """RATE_LIMIT: a query is answered 37. CONTRADICTION: a notice that says failed, before the
    right one. LATE_SUCCESS: the payer gets through after payTimeout. ROW_MISSING, ROW_EXTRA,
    ROW_CHANGED: in the bill."""

    RATE_LIMIT = "rate_limit"
    CONTRADICTION = "contradiction"
    LATE_SUCCESS = "late_success"
    ROW_MISSING = "row_missing"
    ROW_EXTRA = "row_extra"
    ROW_CHANGED = "row_changed"


@dataclass(frozen=True, slots=True)
class Mishaps:
    """`rates` from 0 to 1 by mishap; none by default."""

    faults: Faults = field(default_factory=Faults)
    rates: Mapping[Mishap, float] = field(default_factory=dict)

    def hits(self, mishap: Mishap, about: str) -> bool:
        return self.faults.roll(mishap, about) < self.rates.get(mishap, 0.0)
