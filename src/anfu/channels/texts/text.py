"""A text to a telephone, as it waits and as it goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PREFIX = "txt"
PATH = "/v1/texts"


@dataclass(frozen=True, slots=True)
class Text:
    """`body` for `number`. Neither is ever shown or logged."""

    id: str
    number: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text in the queue: `sealed` holds customer and body, never the number. Worth nothing from
    `expires_at` on."""

    id: str
    sealed: bytes = field(repr=False)
    expires_at: datetime


class Handed(StrEnum):
    """ACCEPTED: the gateway has it. REJECTED: it will not take it, ever. UNKNOWN: it did not say;
    asking again under the same id sends no second text."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
