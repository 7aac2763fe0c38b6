"""What this process and its database take: memory at the most, looked at while they work, and
processor time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from anfu.storage.embedded import EmbeddedServer, running_pid

_EVERY_S = 0.1


class Memory:
    """`peak_mb` after the block: this process's resident memory and the anonymous memory of the
    database's processes together (what they share is counted once, as what it is: a cache)."""

    def __init__(self, server: EmbeddedServer | None) -> None:
        self.peak_mb = 0.0
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._stop.set()
        self._thread.join()

    def cpu_s(self) -> float:
        """Processor time so far, of this process and of the database's that run now."""
        ticks = sum(_ticks(pid) for pid in self._database())
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            whole = _kilobytes("self", "VmRSS:") + sum(
                _kilobytes(pid, "RssAnon:") for pid in self._database()
            )
            self.peak_mb = max(self.peak_mb, whole / 1024)

    def _database(self) -> Iterable[str]:
        parent = None if self._server is None else running_pid(self._server.place)
        if parent is None:
            return []
        children = Path(f"/proc/{parent}/task/{parent}/children")
        return [str(parent), *children.read_text("ascii").split()]


def _kilobytes(pid: str, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith(name)]
    return int(found[0]) if found else 0


def _ticks(pid: str) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:13]))
