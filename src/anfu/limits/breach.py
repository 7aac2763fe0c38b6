"""What is told when a limit says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from anfu.limits.rule import Step


@dataclass(frozen=True, slots=True)
class Breach:
    """The limit that stood in the way, with its law, and what would help.

    Amounts are minor units of `currency`. `used` is the sum before this use, `remaining` what could
    still have been paid. `resets_at` is aware UTC, None if never. `raise_by`: any one of these
    steps alone would let this very use pass. `law`, `article` and `quote` are None for a limit the
    merchant set for itself.
    """

    rule: str
    law: str | None
    article: str | None
    quote: str | None
    title_en: str
    title_zh: str
    limit: int
    currency: str
    used: int
    remaining: int
    resets_at: datetime | None
    on_breach: tuple[str, ...]
    raise_by: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reserved:
    """The answer to a batch of uses. An id in `breaches` was not counted; every other one was.

    `liable`: counted uses whose loss the institution has to bear in full, with the rule that says
    so. `alerts`: what rules that may not block would have said.
    """

    breaches: Mapping[str, Breach]
    liable: Mapping[str, str]
    alerts: Mapping[str, Breach]
