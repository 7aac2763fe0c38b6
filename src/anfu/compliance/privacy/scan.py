"""Scan: look through database, logs and exports for what must not lie about readable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anfu.compliance.privacy.finding import Finding, Tally
from anfu.compliance.privacy.papers import read_paper
from anfu.compliance.privacy.patterns import find, redact
from anfu.storage.sweep import Row, Table, open_sweep

Told = Callable[[int], None]


@dataclass(slots=True)
class Scan:
    """What was looked at and what was found. `unread` are tables and files that could not be read:
    with one of them nothing is certain."""

    tally: Tally = field(default_factory=Tally)
    tables: int = 0
    columns: int = 0
    rows: int = 0
    files: int = 0
    unread: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.tally.total and not self.unread


async def scan_database(scan: Scan, url: str, begin: Told, told: Told) -> None:
    """Every text, JSON and bytes column of every table, in read-only transactions. `begin` hears
    how many pages there are, `told` of those done. Raises OutsideFailure."""
    async with open_sweep(url) as sweep:
        begin(sum(table.pages for table in sweep.tables if table.readable and table.columns))
        for table in sweep.tables:
            if not table.columns:
                continue
            if not table.readable:
                scan.unread.append(table.title)
                continue
            scan.tables += 1
            scan.columns += len(table.columns)
            async for row in sweep.rows(table, told):
                scan.rows += 1
                _look(scan.tally, table, row)


async def scan_files(scan: Scan, files: Sequence[Path], told: Told) -> None:
    """Files, one after the other; `told` hears of bytes."""
    for file in files:
        try:
            await asyncio.to_thread(read_paper, file, scan.tally, told)
        except Exception as error:  # whatever a broken file makes its reader say
            scan.unread.append(f"{file}: {type(error).__name__}")
        else:
            scan.files += 1


def _look(tally: Tally, table: Table, row: Row) -> None:
    for name, value in zip(table.columns, row.values, strict=True):
        if not value:
            continue
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for match in find(text, name=name):
            place = f"{table.title}.{name}"
            tally.add(Finding(match.kind, place, redact(row.key), match.sample))
