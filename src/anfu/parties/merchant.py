"""A merchant: a firm that is paid."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties.party import Status

_MCC = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Merchant:
    """`mcc` is its category by ISO 18245, four digits, where it is known; `enrolled_at` since when
    it takes part (入网), None for one nobody has approved."""

    id: str
    name: str
    mcc: str | None
    status: Status
    created_at: datetime
    enrolled_at: datetime | None


def check_mcc(mcc: str | None) -> None:
    """Raises Refused `mcc_invalid` for anything that is not four digits or None."""
    if mcc is not None and _MCC.fullmatch(mcc) is None:
        raise Refused("mcc_invalid", field="mcc")
