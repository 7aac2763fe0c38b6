"""`anfu bench decisions --valkey`: the same decisions with profiles shared through Valkey."""

from __future__ import annotations

import gc
import platform
import time
from dataclasses import dataclass
from typing import Any

from anfu.entrypoints.cli.bench_figures import percentile
from anfu.entrypoints.cli.bench_parts import rules
from anfu.entrypoints.cli.bench_stream import Stream
from anfu.kernel.ids import SystemEntropy
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.engine import Engine
from anfu.risk.shared.store import SharedProfiles
from anfu.storage.valkey import Line, read_address

# A bench waits for every answer: what is late is a figure, not a loss.
_LIMIT_S = 5.0
_STATS = ("INFO", "commandstats"), ("INFO", "memory"), ("DBSIZE",)


@dataclass(frozen=True, slots=True)
class Shared:
    """Without a model. `valkey_us` is time of the server for a decision, `late` how many batches
    took longer than the limit of production, `bytes_per_key` what a key of a log takes there."""

    batch: int
    decisions_per_s: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    valkey_us: float
    round_trips_per_decision: float
    late: int
    bytes_per_key: float
    python: str


async def bench_shared(url: str, count: int, payers: int, seed: int) -> list[Shared]:
    """Batches of 1, 8 and 32, on a server of which nothing else is asked meanwhile. It begins with
    no profiles, and its keys are let go of afterwards."""
    line, name = Line(read_address(url)), SystemEntropy().bytes(8).hex()
    profiles = SharedProfiles(CATALOGUE, line, name=name, limit_s=_LIMIT_S, building=name)
    engine = Engine(CATALOGUE, rules(CATALOGUE), profiles)
    stream = Stream(payers, rate_per_s=max(1.0, payers / 20_000), seed=seed)
    gc.freeze()
    try:
        return [await _shared(engine, profiles, line, stream, (count, n)) for n in (1, 8, 32)]
    finally:
        await line.sweep(f"{profiles.marker}:{name}:*", "-", limit_s=_LIMIT_S)
        await line.aclose()


async def _shared(
    engine: Engine, profiles: SharedProfiles, line: Line, stream: Stream, size: tuple[int, int]
) -> Shared:
    count, batch = size
    many = [event for event, _, _ in stream.payments(count)]
    times: list[float] = []
    before, trips = await line.run(_STATS, limit_s=_LIMIT_S), profiles.round_trips
    used = time.process_time()
    for at in range(0, count - count % batch, batch):
        events = many[at : at + batch]
        began = time.perf_counter()
        await engine.decide(events, [f"dec_{event.id}" for event in events])
        times.append(time.perf_counter() - began)
    processor = time.process_time() - used
    after, decided = await line.run(_STATS, limit_s=_LIMIT_S), len(times) * batch
    grown = after[1]["used_memory"] - before[1]["used_memory"]
    return Shared(
        batch=batch,
        decisions_per_s=round(decided / sum(times), 1),
        cpu_us=round(processor / decided * 1e6, 1),
        p50_ms=round(percentile(times, 0.5) * 1e3, 3),
        p99_ms=round(percentile(times, 0.99) * 1e3, 3),
        valkey_us=round((_spent(after[0]) - _spent(before[0])) / decided, 1),
        round_trips_per_decision=round((profiles.round_trips - trips) / decided, 3),
        late=sum(seconds > 0.05 for seconds in times),
        bytes_per_key=round(grown / max(after[2] - before[2], 1), 1),
        python=platform.python_version(),
    )


def _spent(stats: dict[str, Any]) -> float:
    return float(stats.get("cmdstat_exec", {}).get("usec", 0))
