"""The arithmetic of `anfu bench`: percentiles, rates, processor time. Pure, but for /proc."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TPS = re.compile(r"^tps = ([0-9]+(?:\.[0-9]+)?)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them do not exceed (nearest rank).

    Raises ValueError without values or for a share outside (0, 1].
    """
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs values and a share above 0 and up to 1")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def read_tps(text: str) -> float:
    """The transactions per second that pgbench prints. Raises ValueError when there are none or
    when some have failed."""
    found, failed = _TPS.search(text), _FAILED.search(text)
    if found is None or (failed is not None and failed[1] != "0"):
        raise ValueError("pgbench gave no figure")
    return float(found[1])


@dataclass(frozen=True, slots=True)
class ProcessTime:
    """One process as /proc tells it: seconds of processor time of its own, and of children it has
    waited for."""

    pid: int
    parent: int
    own_s: float
    ended_children_s: float


def read_stat(text: str) -> ProcessTime:
    """What a line of /proc/<pid>/stat says (proc(5): fields 1, 4 and 14 to 17). The name in
    brackets may hold anything, brackets too."""
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return ProcessTime(
        pid=int(head.split(" ", 1)[0]),
        parent=int(fields[1]),
        own_s=(user + system) / _TICKS_PER_S,
        ended_children_s=(children_user + children_system) / _TICKS_PER_S,
    )


def family_seconds(processes: Sequence[ProcessTime], pid: int) -> float:
    """The processor time of `pid`, of its living children and of those that have ended."""
    own = sum(p.own_s + p.ended_children_s for p in processes if p.pid == pid)
    return own + sum(p.own_s for p in processes if p.parent == pid)


def processes() -> list[ProcessTime]:
    """Every process of the machine that can be read."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found.append(read_stat((folder / "stat").read_text("utf-8", errors="replace")))
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended in the meantime
    return found
