"""Seeded histories of payments with frauds in them, for training tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
from pyarrow import parquet

from anfu.lab.training.sample import DAY_US, NEVER, Sample

START_US = 1_780_272_000_000_000  # 1 June 2026
NAMES = ("amount", "payer_count_1h", "payer_sum_24h", "hour", "distance_km")


def history(seed: int, *, rows: int = 6_000, days: int = 60) -> dict[str, Any]:
    """Columns by name: a twentieth is fraud, known one to six days later, larger, faster and
    farther from home than honest payments; `age_band` is a group with nothing in it."""
    source = np.random.default_rng(seed)
    fraud = source.random(rows) < 0.05
    at = START_US + np.sort(source.integers(0, days * DAY_US, rows))
    distance = np.exp(source.normal(1 + 2.5 * fraud, 1.0))
    distance[source.random(rows) < 0.1] = np.nan
    return {
        "event": np.array([f"pay_{i}" for i in range(rows)], dtype=object),
        "at": at,
        "amount": np.exp(source.normal(8 + 1.2 * fraud, 0.8)).astype(np.int64),
        "payer_count_1h": 1 + source.poisson(0.3 + 2.0 * fraud),
        "payer_sum_24h": np.exp(source.normal(9, 1, rows)).astype(np.int64),
        "hour": source.integers(0, 24, rows),
        "distance_km": distance,
        "age_band": np.array(["18-30", "31-60", "60+"], dtype=object)[source.integers(0, 3, rows)],
        "fraud": fraud,
        "labelled_at": at + (source.uniform(1, 6, rows) * DAY_US).astype(np.int64),
    }


def sample_of(columns: Mapping[str, Any]) -> Sample:
    """The sample `read_sample` would make of them."""
    told = np.where(columns["fraud"], columns["labelled_at"], NEVER)
    return Sample(
        NAMES,
        np.column_stack([columns[name] for name in NAMES]).astype(np.float32),
        columns["at"],
        columns["amount"].astype(np.float64),
        told,
        np.full(len(told), NEVER),
        {"age_band": columns["age_band"]},
    )


def write_history(columns: Mapping[str, Any], file: Path) -> None:
    """As Parquet; NaN as NULL."""
    parquet.write_table(pyarrow.table({n: pyarrow.array(v, from_pandas=True)
                                       for n, v in columns.items()}), file)  # fmt: skip
