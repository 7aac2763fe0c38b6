"""Messages kept instead of sent. INSECURE BY INTENT: the API gives one-time codes away. In the
table they are sealed, as everything else is.

A developer without an SMS gateway reads there what a payer would have been sent. It is wired only
when the operator switches development mode on; a production system never writes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DevelopmentMessage:
    """What `recipient` (a telephone number, an address) would have been sent, sealed for the id
    `msg_…`."""

    id: str
    recipient: str
    kind: str
    sealed: bytes
    at: datetime

    def __repr__(self) -> str:
        return f"DevelopmentMessage(id={self.id!r}, kind={self.kind!r})"
