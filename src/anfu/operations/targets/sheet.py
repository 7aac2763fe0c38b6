"""The sheet: all targets of one currency, as they were drawn up at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from anfu.operations.targets.target import Measured

MONTH = timedelta(days=29)
"""Thirty civil days begin so long before the start of today."""
FRESH = timedelta(minutes=1)
"""How old a sheet may be before the worker draws it up again."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the targets came to of what began since `since`, the start of a civil day."""

    since: datetime
    targets: Sequence[Measured]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`counted_until`: up to when payments were counted then; None is not at all yet."""

    drawn_at: datetime
    counted_until: datetime | None
    today: Drawn
    month: Drawn


def write_sheet(sheet: Sheet) -> bytes:
    """As it is kept."""
    return msgspec.json.encode(sheet)


def read_sheet(body: bytes) -> Sheet:
    """As `write_sheet` wrote it."""
    return msgspec.json.decode(body, type=Sheet)
