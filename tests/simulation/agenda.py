"""What will happen in a life, in the order of virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation.line import Work


@dataclass(order=True)
class Entry:
    """Something on the agenda. `process`: the number of the process in whose memory it is, None for
    what happens outside."""

    at: datetime
    order: int
    name: str = field(compare=False)
    work: Work = field(compare=False)
    process: int | None = field(compare=False, default=None)
