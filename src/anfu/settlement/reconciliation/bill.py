"""A bill as it is kept: which version of which day, by its SHA-256, and what it came to."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from anfu.channels.bills.bill import BillFile
from anfu.kernel.canonical import digest
from anfu.kernel.periods import SHANGHAI, Period, civil_day
from anfu.kernel.states import Moves

PREFIX, PART_PREFIX = "bil", "blp"
BANK = "BANK"
"""The kind of our own bank's statements; besides those of `BillKind`."""
PART_BYTES = 4 << 20
FILE_MAX = 1 << 30


class Version(StrEnum):
    """The first file of a day is in force at once; another one is proposed, and replaces it when a
    second person agrees."""

    PROPOSED = "PROPOSED"
    IN_FORCE = "IN_FORCE"
    REPLACED = "REPLACED"
    REFUSED = "REFUSED"


VERSION_MOVES: Moves[Version] = MappingProxyType(
    {
        Version.PROPOSED: frozenset({Version.IN_FORCE, Version.REFUSED}),
        Version.IN_FORCE: frozenset({Version.REPLACED}),
        Version.REPLACED: frozenset(),
        Version.REFUSED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class KeptBill:
    """`digest`: SHA-256 of the raw file of `size` bytes; 0 where the channel said that there is
    none. `fee_entries`: what its fees were booked by."""

    id: str
    channel: str
    kind: str
    day: date
    state: Version
    name: str
    digest: bytes
    size: int
    at: datetime
    by: str
    decided_by: str | None = None
    decided_at: datetime | None = None
    fee_entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one class and currency; sums in minor units, refunds negative."""

    cls: str
    currency: str
    lines: int
    line_sum: int
    fee_sum: int
    ours: int
    our_sum: int


def parts(content: bytes) -> Iterator[bytes]:
    """The file compressed, in parts of a size that a row takes well; of no file none."""
    if not content:
        return
    packed = zlib.compress(content, 1)
    for start in range(0, len(packed), PART_BYTES):
        yield packed[start : start + PART_BYTES]


def whole(pieces: Sequence[bytes]) -> bytes:
    """What `parts` took apart."""
    return zlib.decompress(b"".join(pieces)) if pieces else b""


def period_of(day: date, begins: timedelta) -> Period:
    """The channel's day, which begins so long before our midnight."""
    natural = civil_day(datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI))
    assert natural.end is not None
    return Period(natural.start - begins, natural.end - begins)


def no_file(channel: str, kind: str, day: date) -> bytes:
    """What stands for the hash of a file that does not exist: that the channel has none."""
    return digest({"no_bill": "EMPTY", "channel": channel, "kind": kind, "day": day.isoformat()})


def file_name(file: BillFile) -> str:
    """The name as it may be kept: one line of at most 200 characters."""
    return "".join(c for c in file.name if c.isprintable())[:200] or "bill"
