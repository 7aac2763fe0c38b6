"""A face check, as the firm that looked says it went. No picture comes here (个保法 art. 28)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

# Likeness in thousandths. The firm has a threshold of its own, which may change without us.
LEAST_SCORE = 900


@dataclass(frozen=True, slots=True)
class Seen:
    """One check: made for the bytes `signed`, compared with the firm's `face`; `reference` is the
    firm's of the check, `score` the likeness in thousandths."""

    signed: bytes
    face: str
    reference: str
    matched: bool
    alive: bool
    score: int

    def shows(self, face: str, signed: bytes) -> bool:
        """Whether it was that face, alive and like enough, before these very bytes."""
        same = hmac.compare_digest(self.face.encode(), face.encode())
        bound = hmac.compare_digest(self.signed, signed)
        return same and bound and self.matched and self.alive and self.score >= LEAST_SCORE
