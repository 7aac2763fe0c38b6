"""When a key is looked at to see whether it may go: once in the time it would need to die.

A key that was seen at `t` cannot be dead before `t` and the period; so it gets its turn then, and
another one if it was seen again. What is dead is gone after two periods at the latest, and a key
costs eight bytes and hardly any time.
"""

from __future__ import annotations

from collections import deque
from typing import Any

# Keys that came within this share of a period have their turn together.
_PARTS = 16


class Turns:
    """`period` in microseconds. `young` are keys that wait for no turn yet: append new ones."""

    __slots__ = ("_open", "_since", "_waiting", "period", "young")

    def __init__(self, period: int) -> None:
        self.period = period
        self.young: list[Any] = []
        self._since = 0
        self._waiting: deque[tuple[int, list[Any]]] = deque()
        self._open: list[Any] = []

    def due(self, at: int, most: int) -> list[Any]:
        """At most so many keys whose turn it is at `at`; append those that live on to `young`."""
        if at - self._since >= self.period // _PARTS:
            if self.young:
                self._waiting.append((at + self.period, self.young.copy()))
                self.young.clear()
            self._since = at
        if not self._open and self._waiting and self._waiting[0][0] <= at:
            self._open = self._waiting.popleft()[1]
        taken = self._open[-most:]
        del self._open[-most:]
        return taken

    def take_back(self, key: Any) -> None:
        """A key that came last is gone again."""
        if self.young and self.young[-1] == key:
            self.young.pop()

    def clear(self) -> None:
        """No key is left."""
        self.young.clear()
        self._waiting.clear()
        self._open.clear()
        self._since = 0
