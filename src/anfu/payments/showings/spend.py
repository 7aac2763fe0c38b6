"""Spend: a code that was shown becomes a payment, in the transaction that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.payments.payment import Payment
from anfu.payments.showings.showing import ShownCode


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a merchant has scanned: a code of that `showing`, by its digest."""

    digest: bytes
    showing: str

    @property
    def leaf(self) -> dict[str, object]:
        """What the evidence keeps of it."""
        return {"showing": self.showing}


@dataclass(slots=True)
class Codes:
    """The codes that were scanned, their showings locked; `claim` spends each but once."""

    found: dict[bytes, ShownCode]
    spent: set[str]

    def claim(self, scanned: Scanned | None, *, now: datetime) -> None:
        """Raises Refused(payer_code_invalid), also for the second code of one showing."""
        if scanned is None:
            return
        code = self.found.get(scanned.digest)
        if code is None or code.showing.id in self.spent:
            raise Refused("payer_code_invalid", field="method.payer_code")
        code.check(now=now)
        self.spent.add(code.showing.id)


def scope_of(scanned: Scanned | None, merchant: str | None) -> str | None:
    """In whose scope the device session of a payment was opened: of a device that shows our codes
    in the institution's, else in that of the caller, a `merchant` or None."""
    return merchant if scanned is None else None


def spent_by(
    scanned: Sequence[Scanned | None], payments: Sequence[Payment]
) -> list[tuple[bytes, str]]:
    """What is noted of payments by a code: digest, payment."""
    both = zip(scanned, payments, strict=True)
    return [(one.digest, payment.id) for one, payment in both if one is not None]
