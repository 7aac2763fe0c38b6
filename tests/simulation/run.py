"""`python -m tests.simulation.run --seeds 500`: that many lives, on both cores.

A failing seed is printed with the command that replays it: `… --seed N --trace`. Stopped by Ctrl-C
it says from which seed to go on.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

import asyncpg
import uvloop
from tests.simulation.city import City, open_city
from tests.simulation.life import Life

from anfu.storage.embedded import EmbeddedServer
from anfu.storage.migrate import migrate

PROCESSES = 2
_SWEPT_EVERY = 100
_TOLD_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Lived:
    """How a life ended: `why` is None when every invariant held. `met` counts what it was made of,
    troubles and ends."""

    seed: int
    ticks: int
    why: str | None
    met: Counter[str]


async def live(city: City, seed: int, told: object = None) -> Lived:
    """One life, in a city that is empty before and after."""
    life = Life(city, seed, told or _silent)  # type: ignore[arg-type]
    try:
        await life.run()
    except Exception as error:
        if told is not None:
            traceback.print_exc()
        return Lived(seed, life.ticks, f"{type(error).__name__}: {error}", life.fate.met)
    finally:
        await life.end()
        await city.empty()
    return Lived(seed, life.ticks, None, life.fate.met)


async def live_all(url: str, seeds: Sequence[int], ends: Queue[Lived]) -> None:
    """Lives one after the other in a city of their own."""
    async with open_city(url) as city:
        for number, seed in enumerate(seeds, 1):
            ends.put(await live(city, seed))
            if number % _SWEPT_EVERY == 0:
                await city.sweep()


@contextmanager
def cities(count: int) -> Iterator[list[str]]:
    """The URLs of as many migrated databases on a server of our own. No test pulls the plug of the
    machine, so nothing is waited for on the disk."""
    with tempfile.TemporaryDirectory(prefix="anfu-life-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedServer(Path(folder) / "postgres") as server:
            place = server.place
            names = [f"life_{number}" for number in range(count)]
            asyncio.run(_found(place.url("postgres"), names))
            urls = [place.url(name) for name in names]
            for url in urls:
                asyncio.run(_migrated(url))
            yield urls


async def _found(url: str, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    for name in names:
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


async def _migrated(url: str) -> None:
    await migrate(url)


def _silent(_line: str) -> None:
    return


def run(seeds: Sequence[int], *, first_only: bool = False) -> list[Lived]:
    """All lives; those that failed. `first_only`: end with the first of them."""
    failed: list[Lived] = []
    with cities(PROCESSES) as urls:
        ends: Queue[Lived] = multiprocessing.Queue()
        shares = [seeds[n::PROCESSES] for n in range(PROCESSES)]
        workers = [
            multiprocessing.Process(target=_work, args=(url, share, ends), daemon=True)
            for url, share in zip(urls, shares, strict=True)
        ]
        for worker in workers:
            worker.start()
        try:
            met = _listen(seeds, ends, failed, first_only=first_only)
            print("\n".join(f"{count:9,} {what}" for what, count in sorted(met.items())))
        finally:
            for worker in workers:
                worker.terminate()
                worker.join()
    return failed


def _listen(
    seeds: Sequence[int], ends: Queue[Lived], failed: list[Lived], *, first_only: bool
) -> Counter[str]:
    """What all lives were made of; those that fail are added to `failed`."""
    began = told = time.monotonic()
    ticks, met, left = 0, Counter[str](), dict.fromkeys(seeds)
    try:
        while left:
            ended = ends.get(timeout=300)
            ticks, met = ticks + ended.ticks, met + ended.met
            del left[ended.seed]
            if ended.why is not None:
                failed.append(ended)
                _tell_failure(ended)
                if first_only:
                    break
            if time.monotonic() - told > _TOLD_EVERY_S or not left:
                told = time.monotonic()
                _tell(len(seeds) - len(left), len(seeds), ticks, told - began, len(failed))
    except KeyboardInterrupt:
        first = next(iter(left))
        print(f"stopped; {len(failed)} failed; go on from {first}: --seeds {seeds[-1] + 1 - first}"
              f" --from {first}", flush=True)  # fmt: skip
        sys.exit(130)
    return met


def _work(url: str, seeds: Sequence[int], ends: Queue[Lived]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us ends us
    uvloop.run(live_all(url, seeds, ends))


def _tell(number: int, count: int, ticks: int, took_s: float, failed: int) -> None:
    rate = number / took_s
    print(f"{number} of {count} lives, {ticks} ticks, {rate:.1f} lives a second,"
          f" {failed} failed", file=sys.stderr, flush=True)  # fmt: skip


def _tell_failure(ended: Lived) -> None:
    print(f"seed {ended.seed} failed after {ended.ticks} ticks: {ended.why}\n"
          f"  python -m tests.simulation.run --seed {ended.seed} --trace", flush=True)  # fmt: skip


async def _replay(url: str, seed: int, *, trace: bool) -> Lived:
    async with open_city(url) as city:
        return await live(city, seed, print if trace else None)


def main() -> None:
    """Exits with 1 when a life failed."""
    parser = argparse.ArgumentParser(prog="tests.simulation.run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many lives")
    parser.add_argument("--from", type=int, default=0, dest="start", help="the first seed")
    parser.add_argument("--first", action="store_true", help="end with the first failure")
    parser.add_argument("--seed", type=int, help="this life alone")
    parser.add_argument("--trace", action="store_true", help="tell all that happens in it")
    asked = parser.parse_args()
    logging.disable()  # of notices that lie and answers that contradict there are thousands
    if asked.seed is None:
        failed = run(range(asked.start, asked.start + asked.seeds), first_only=asked.first)
        sys.exit(1 if failed else 0)
    with cities(1) as urls:
        ended = uvloop.run(_replay(urls[0], asked.seed, trace=asked.trace))
    print(f"seed {ended.seed}: {ended.why or 'every invariant held'}, {ended.ticks} ticks")
    sys.exit(0 if ended.why is None else 1)


if __name__ == "__main__":
    main()
