"""Health: how well each channel has answered lately, as this process has seen it.

A channel's rate is that of calls it was heard on, weighted by age: after `HALF_LIFE_S` a call
counts half. To it come `PRIOR` calls that went well, so that a channel nobody has asked for a while
is believed to be well again, and is tried.

After `STRIKES` calls in a row without a word the circuit breaker (熔断) opens: the channel is left
alone for `REST_S`, then one call after the other may find out, and the first word closes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HALF_LIFE_S = 60.0
PRIOR = 20.0
STRIKES = 5
REST_S = 10.0


@dataclass(slots=True)
class _Seen:
    at: datetime
    heard: float = 0.0
    calls: float = 0.0
    strikes: int = 0
    open_until: datetime | None = None

    def weigh(self, *, now: datetime) -> float:
        """How much what was seen until now still counts."""
        return math.pow(0.5, max(0.0, (now - self.at).total_seconds()) / HALF_LIFE_S)


@dataclass(slots=True)
class Health:
    """What was seen, by channel."""

    _seen: dict[str, _Seen] = field(default_factory=dict)

    def note(self, channel: str, *, heard: bool, now: datetime) -> None:
        """A call has ended: the network was heard, whatever it said, or was not."""
        seen = self._seen.setdefault(channel, _Seen(now))
        weight = seen.weigh(now=now)
        seen.heard = seen.heard * weight + heard
        seen.calls = seen.calls * weight + 1
        seen.at = now
        seen.strikes = 0 if heard else seen.strikes + 1
        rests = seen.strikes >= STRIKES
        seen.open_until = now + timedelta(seconds=REST_S) if rests else None

    def rate(self, channel: str, *, now: datetime) -> float:
        """The share of calls that were heard, 0 to 1."""
        seen = self._seen.get(channel)
        if seen is None:
            return 1.0
        weight = seen.weigh(now=now)
        return (seen.heard * weight + PRIOR) / (seen.calls * weight + PRIOR)

    def is_open(self, channel: str, *, now: datetime) -> bool:
        """Whether the breaker is open, for who only looks: nobody finds out by it."""
        seen = self._seen.get(channel)
        return seen is not None and seen.open_until is not None and now < seen.open_until

    def resting(self, channel: str, *, now: datetime) -> bool:
        """Whether the breaker is open. Once its rest is over it lets a call through, and rests on
        until that has ended or a rest has gone by."""
        seen = self._seen.get(channel)
        if seen is None or seen.open_until is None:
            return False
        if now < seen.open_until:
            return True
        seen.open_until = now + timedelta(seconds=REST_S)
        return False
