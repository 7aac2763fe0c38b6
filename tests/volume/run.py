"""`make volume`: each query of the console's pages, at the size of millions of payments.

    python -m tests.volume.run --payments 5000000

A table on standard error, JSON on standard output; status 1 when a query takes longer than 200 ms
at its median.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from tests.journey.access.steps import Member, first, hired
from tests.journey.conftest import House, open_house
from tests.volume.asked import PAGES, WHY, Known, known_of
from tests.volume.fill import fill

from anfu.entrypoints.worker.rounds import carry_books, draw_targets
from anfu.kernel.clock import ManualClock
from anfu.kernel.ids import SeededEntropy
from anfu.operations.figures.count import count
from anfu.payments.tools import Policy
from anfu.storage.database import open_database
from anfu.storage.embedded import EmbeddedServer
from anfu.storage.migrate import migrate

NOTES = Console(stderr=True, width=120)
BOUND_MS = 200.0
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timed:
    """A query: how many rows it told, and what it took."""

    query: str
    rows: int
    p50_ms: float
    p95_ms: float


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[House, str]]:
    """A house on a database of its own, and the address of that."""
    with EmbeddedServer(folder / "postgres") as server:
        url = server.place.url("postgres")
        await migrate(url)
        database = await open_database(url)
        house = open_house(
            database, clock=ManualClock(NOW), entropy=SeededEntropy(7),
            policy=Policy(development=True),
        )  # fmt: skip
        try:
            async with house as running:
                yield running, url
        finally:
            await database.close()


async def run(folder: Path, *, payments: int, customers: int, repeats: int) -> list[Timed]:
    """Fill, do the worker's part, and ask each page's query `repeats` times."""
    async with opened(folder) as (house, url):
        await make(house, url, payments=payments, customers=customers)
        admins = await first(house, "admin.one"), await first(house, "admin.two")
        reviewer = await hired(house, admins, "li.wei", "reviewer")
        known = await known_of(house)
        house.http.event_hooks = {}  # what tests look at besides is not measured
        return [await timed(house, reviewer, page, known, repeats) for page in PAGES]


async def make(house: House, url: str, *, payments: int, customers: int) -> None:
    """Fill, and do what the worker does besides: count, carry forward, draw up."""
    payer = await house.office.customer(deposit=5_000)
    shop = await house.office.merchant("Hot shop")
    await house.office.pay(payer, shop, 100)  # a decision to take the facts of others from
    began = time.monotonic()
    await fill(house, url, payments=payments, customers=customers)
    NOTES.print(f"filled in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    while await count(house.tools, now=house.clock.now()):
        pass
    NOTES.print(f"counted in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    while await carry_books(house.tools, house.clock):
        pass
    NOTES.print(f"carried forward in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    await draw_targets(house.tools, house.clock)
    NOTES.print(f"drawn up in {time.monotonic() - began:.1f} s")


async def timed(
    house: House, member: Member, page: str, known: Known, repeats: int
) -> Timed:  # fmt: skip
    """One query, asked through the whole API in this process."""
    path = page.format(**asdict(known))
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        answer = await _ask(house, member, path)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.text)
    took.sort()
    rows = len(answer.json().get("data", ()))
    return Timed(page, rows, took[len(took) // 2], took[int(len(took) * 0.95)])


async def _ask(house: House, member: Member, path: str) -> httpx.Response:
    """By session where the page is for whoever is signed in, else by key: it holds every scope."""
    if path.startswith("/v1/search"):
        return await member.get(path, WHY)
    office = house.office
    bearer = {"Authorization": f"Bearer {office.key}.{office.secret}"}
    return await house.http.get(path, headers=bearer | WHY)


def show(found: list[Timed]) -> None:
    """The table."""
    table = Table("query", "rows", "p50 ms", "p95 ms")
    for one in found:
        table.add_row(one.query, str(one.rows), f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}")
    NOTES.print(table)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--payments", type=int, default=5_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=9)
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="anfu-volume-") as name:
        Path(name).chmod(0o711)
        found = asyncio.run(run(Path(name), **vars(wish)))
    show(found)
    print(json.dumps([asdict(one) for one in found]))
    return int(any(one.p50_ms > BOUND_MS for one in found))


if __name__ == "__main__":
    sys.exit(main())
