"""Behaviour: what a payer did besides paying, as it was told to us."""

from __future__ import annotations

from dataclasses import dataclass

from anfu.risk.event import BEHAVIOUR, Event


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`event` under an `id` of ours. Raises ValueError for a payment."""

    id: str
    event: Event

    def __post_init__(self) -> None:
        if self.event.kind not in BEHAVIOUR:
            raise ValueError("a payment is decided on, not observed")
