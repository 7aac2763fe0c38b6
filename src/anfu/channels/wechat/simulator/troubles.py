"""What goes wrong at this network beyond the faults of the sandbox, by the same seed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from anfu.channels.sandbox.faults import Fault, Faults


class Trouble(StrEnum):
    """RATE_LIMIT: refused with 429. CONTRADICTION: before the notice that it was paid, one that it
    failed. LATE_SUCCESS: closed, and paid all the same a moment later. ABNORMAL_REFUND: the payer's
    card takes no money. The rows are those of the trade bill."""

    RATE_LIMIT = "rate_limit"
    CONTRADICTION = "contradiction"
    LATE_SUCCESS = "late_success"
    ABNORMAL_REFUND = "abnormal_refund"
    MISSING_ROW = "missing_row"
    EXTRA_ROW = "extra_row"
    CHANGED_ROW = "changed_row"


@dataclass(frozen=True, slots=True)
class Troubles:
    """`faults` as of the sandbox; `rates` from 0 to 1 of what is here."""

    faults: Faults = field(default_factory=Faults)
    rates: Mapping[Trouble, float] = field(default_factory=dict)

    def hits(self, trouble: Trouble | Fault, about: str) -> bool:
        """Whether it strikes `about`."""
        rate = (
            self.faults.rates.get(trouble, 0.0)
            if isinstance(trouble, Fault)
            else self.rates.get(trouble, 0.0)
        )
        return self.faults.roll(trouble, about) < rate
