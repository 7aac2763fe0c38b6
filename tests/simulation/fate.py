"""Fate: what goes wrong in one life, thrown by its seed, in the order in which things happen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.storage.database import Database


class Crash(BaseException):  # nothing but the life itself may catch it
    """The process was killed at the point named."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How likely each trouble is, each time it may happen. `line`: a call to the network meets one
    of its faults; `post`: a notice is lost, repeated, late or wrong; `database`: a connection is
    lost; `crash`: the process dies; `shop`: the merchant's endpoint is down."""

    line: float
    post: float
    database: float
    crash: float
    shop: float


CALM = Rates(0, 0, 0, 0, 0)


def rates_of(dice: random.Random) -> Rates:
    """Some lives are calm in one respect and stormy in another, so that each fault is also met
    alone."""
    pick = dice.choice
    return Rates(
        line=pick((0, 0.1, 0.25, 0.5)),
        post=pick((0, 0.2, 0.6)),
        database=pick((0, 0, 0.01, 0.04)),
        crash=pick((0, 0, 0.01, 0.04)),
        shop=pick((0, 0.1, 0.5)),
    )


class Fate:
    """`point` is passed wherever a process may die or lose its database; `trace` is told of all
    that strikes, and `met` counts it."""

    def __init__(self, dice: random.Random, trace: Callable[[str], None]) -> None:
        self.dice, self._trace = dice, trace
        self.rates = rates_of(dice)
        self.met: Counter[str] = Counter()

    def trace(self, kind: str, detail: str) -> None:
        """Tell and count a trouble."""
        self.met[kind] += 1
        self._trace(f"  {kind}: {detail}")

    def strikes(self, rate: float) -> bool:
        """Whether a trouble of this rate happens now."""
        return self.dice.random() < rate

    def point(self, name: str) -> None:
        """Raises Crash."""
        if self.rates.crash and self.strikes(self.rates.crash):
            self.trace("crash", name)
            raise Crash(name)

    def connection(self, name: str) -> None:
        """Raises Crash, or OutsideFailure where the database is lost."""
        self.point(name)
        if self.rates.database and self.strikes(self.rates.database):
            self.trace("database lost", name)
            raise OutsideFailure(Outcome.UNKNOWN, "database: lost by the simulation")


class FrailDatabase(Database):
    """The real one; its connection is lost, or its client killed, before a transaction, before the
    commit, and after the commit, when nobody is told any more that it happened."""

    def __init__(self, database: Database, fate: Fate) -> None:
        super().__init__(database._pool)
        self._fate = fate

    @asynccontextmanager
    async def transaction(self, *, readonly: bool = False, snapshot: bool = False) -> Any:
        """As the real one, struck by fate."""
        self._fate.connection("before the transaction")
        async with super().transaction(readonly=readonly, snapshot=snapshot) as tx:
            yield tx
            if not readonly:
                self._fate.connection("before the commit")
        if not readonly:
            self._fate.connection("after the commit")
