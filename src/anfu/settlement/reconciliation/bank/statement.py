"""A statement of our bank account: what came and went, whoever wrote it and however."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from anfu.kernel.errors import Refused

FILE_MAX = 64 << 20


class BankLine(NamedTuple):
    """One booked movement. `amount` in minor units, positive when money came in; `references` are
    the numbers the bank or the payer gave it; `text` is what it says besides."""

    row: int
    day: date
    amount: int
    currency: str
    references: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """`closing` is the booked balance at the end of the last day, by currency where it is told."""

    name: str
    first: date
    last: date
    lines: tuple[BankLine, ...]
    closing: tuple[tuple[str, int], ...] = ()


def malformed(place: str, reason: str) -> Refused:
    """The refusal of a statement that cannot be read."""
    return Refused("bill_malformed", field=place, reason=reason)
