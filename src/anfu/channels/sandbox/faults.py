"""What goes wrong at the network, decided by a seed and never by the order of arrival. Pure.

Each roll is a hash of the seed, the fault and what it is about, so that two runs with one seed
fail alike however their requests interleave.

Cards are tokens. Any token pays, except these, which always decline with the reason in the name:
`tok_insufficient_funds`, `tok_stolen_card`, `tok_expired_card`; and these, which bring one fault
about at the first sending of each payment: `tok_lose_request`, `tok_lose_answer`, `tok_late`,
`tok_late_success`, `tok_processing`, `tok_server_error`, `tok_wrong_amount`, `tok_repeat_notice`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist
from types import MappingProxyType

REASONS = ("insufficient_funds", "stolen_card", "expired_card")
DECLINING_CARDS = MappingProxyType({f"tok_{reason}": reason for reason in REASONS})


class Fault(StrEnum):
    """LOSE_REQUEST: no work, no answer. LATE: the work is done only after the caller has given up.
    LATE_SUCCESS (迟到成功): no answer; once it is closed, the payment is paid all the same.
    LOSE_ANSWER: the work is done, the connection dies. SERVER_ERROR: an unsigned 503, before or
    after the work. PROCESSING: says so once, though it is done. WRONG_AMOUNT: a notice with another
    amount, before the right one. REORDER_NOTICE: held back so that a later one overtakes."""

    LOSE_REQUEST = "lose_request"
    LATE = "late"
    LATE_SUCCESS = "late_success"
    LOSE_ANSWER = "lose_answer"
    SERVER_ERROR = "server_error"
    PROCESSING = "processing"
    DECLINE = "decline"
    REPEAT_NOTICE = "repeat_notice"
    REORDER_NOTICE = "reorder_notice"
    LOSE_NOTICE = "lose_notice"
    WRONG_AMOUNT = "wrong_amount"


FAULTY_CARDS = MappingProxyType(
    {
        f"tok_{fault}": fault
        for fault in (
            Fault.LOSE_REQUEST,
            Fault.LATE,
            Fault.LATE_SUCCESS,
            Fault.LOSE_ANSWER,
            Fault.SERVER_ERROR,
            Fault.PROCESSING,
            Fault.WRONG_AMOUNT,
            Fault.REPEAT_NOTICE,
        )
    }
)


@dataclass(frozen=True, slots=True)
class Faults:
    """`rates` from 0 to 1 by fault; none by default.

    Answers are delayed by a log-normal time: median `delay_ms`, sigma `delay_sigma`. Late work
    comes after `late_ms`, a notice held back after `reorder_ms`.
    """

    seed: int = 0
    rates: Mapping[Fault, float] = field(default_factory=dict)
    delay_ms: float = 0.0
    delay_sigma: float = 0.0
    late_ms: float = 1000.0
    reorder_ms: float = 200.0

    def hits(self, fault: Fault, about: str) -> bool:
        """Whether `fault` strikes `about`."""
        return self.roll(fault, about) < self.rates.get(fault, 0.0)

    def roll(self, what: str, about: str) -> float:
        """A number in [0, 1) that follows from the seed."""
        text = f"{self.seed}\n{what}\n{about}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:6], "big") / (1 << 48)

    def delay_s(self, about: str) -> float:
        if self.delay_ms == 0:
            return 0.0
        place = NormalDist().inv_cdf(min(max(self.roll("delay", about), 1e-9), 1 - 1e-9))
        return self.delay_ms / 1000 * math.exp(self.delay_sigma * place)

    def decline_reason(self, payment: str, card: str | None) -> str | None:
        """Why the payment is declined, None when it is paid."""
        if (reason := DECLINING_CARDS.get(card or "")) is not None:
            return reason
        if not self.hits(Fault.DECLINE, payment):
            return None
        return REASONS[int(self.roll("reason", payment) * len(REASONS))]
