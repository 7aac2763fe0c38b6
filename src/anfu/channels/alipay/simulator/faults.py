"""What goes wrong at the simulated network, decided by a seed (`sandbox.faults`). Pure.

Payers' codes act by their last four digits: 0001 has too little money, 0002 waits for the payer's
password, 0003 is no longer valid, 0004 is over a limit; all others pay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from anfu.channels.sandbox.faults import Fault, Faults

CODES: Mapping[str, str] = {
    "0001": "ACQ.BUYER_BALANCE_NOT_ENOUGH",
    "0003": "ACQ.PAYMENT_AUTH_CODE_INVALID",
    "0004": "ACQ.TOTAL_FEE_EXCEED",
}
WAITING_CODE = "0002"


class WireFault(StrEnum):
    """Beside those of the sandbox. CONTRADICT: a notice that the trade was closed, before the one
    that it was paid. LATE_SUCCESS: a closed order is paid all the same. RATE_LIMIT: too many calls.
    FORGE: an answer signed by somebody else. The last three: a row of a bill is left out, stands
    there though nothing happened, or has another amount."""

    CONTRADICT = "contradict"
    LATE_SUCCESS = "late_success"
    RATE_LIMIT = "rate_limit"
    FORGE = "forge"
    BILL_MISSING = "bill_missing"
    BILL_EXTRA = "bill_extra"
    BILL_CHANGED = "bill_changed"


@dataclass(frozen=True, slots=True)
class WireFaults:
    """`faults` for those of the sandbox, and `rates` from 0 to 1 for the others; one seed."""

    faults: Faults = field(default_factory=Faults)
    rates: Mapping[WireFault, float] = field(default_factory=dict)

    def hits(self, fault: Fault | WireFault, about: str) -> bool:
        """Whether `fault` strikes `about`."""
        if isinstance(fault, Fault):
            return self.faults.hits(fault, about)
        return self.faults.roll(fault, about) < self.rates.get(fault, 0.0)
