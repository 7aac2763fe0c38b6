"""The port of face checks (人脸核验).

The customer's device gives the picture to the firm, bound to 32 bytes of ours, and gets a
`capture`: a reference that is all we ever see. An answer is DONE when the firm knows the face and
saw it alive, NOT_DONE when it did not; everything else is UNKNOWN, and proves and counts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from anfu.kernel.errors import Outcome


@dataclass(frozen=True, slots=True, repr=False)
class Look:
    """Question `id` about a `capture` that was made for the bytes `bound`: is it the face that the
    firm knows as `face`? Without `face`: is it that of the person whom `facts` name, so that it is
    known from now on? They are the only personal data that leave the house."""

    id: str
    capture: str
    bound: bytes
    face: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """`reference` is the firm's of this check, `face` of the face it was compared with. `alive`:
    no picture, screen or mask. `score`: likeness in thousandths. `reason` is None only for DONE."""

    outcome: Outcome
    reason: str | None
    reference: str = ""
    face: str = ""
    alive: bool = False
    score: int = 0


class FaceFirm(Protocol):
    """One firm."""

    async def look(self, look: Look) -> Sight:
        """Idempotent by the question's id. Raises BrokenInvariant in an open transaction."""
