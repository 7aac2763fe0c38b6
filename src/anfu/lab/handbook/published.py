"""What was published of the stream: features of three weeks, and the quality of seven models.

Source: Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection - Practical
Handbook" (2022), chapters 3, 5, 6 and 7, and its transformed data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from anfu.lab.handbook.protocol import Quality
from anfu.lab.handbook.stream import PUBLISHED, Numbers, Stream, Values

SINGLE: Mapping[str, Quality] = {
    "logistic regression": Quality(0.871, 0.606, 0.291),
    "tree of depth 2": Quality(0.763, 0.496, 0.241),
    "random forest": Quality(0.867, 0.658, 0.287),
    "XGBoost": Quality(0.862, 0.639, 0.273),
}
FOUR: Mapping[str, Quality] = {
    "logistic regression": Quality(0.868, 0.623, 0.297),
    "random forest": Quality(0.870, 0.678, 0.299),
    "XGBoost": Quality(0.872, 0.687, 0.303),
    "neural network": Quality(0.876, 0.675, 0.303),
    "LSTM": Quality(0.876, 0.665, 0.297),
    "balanced bagging": Quality(0.879, 0.680, 0.305),
}
# Sums of the published means were kept in doubles of yuan, ours are whole numbers of fen.
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Compared:
    """One published column beside ours: how many rows, how many agree, and how many of the others
    are payments in the very second of another one of the same customer."""

    name: str
    rows: int
    agree: int
    same_second: int

    @property
    def unexplained(self) -> int:
        return self.rows - self.agree - self.same_second


def compare(data: Path, stream: Stream, names: tuple[str, ...], facts: Values) -> list[Compared]:
    """The published columns beside our facts; nothing when they are not there. Raises ValueError
    for a published payment that the stream lacks."""
    path = data / PUBLISHED
    if not path.is_file():
        return []
    with duckdb.connect() as connection:
        columns = connection.execute(
            "SELECT * FROM read_parquet($path) ORDER BY TRANSACTION_ID", {"path": str(path)}
        ).fetchnumpy()
    order = np.argsort(stream.number)
    numbers = np.asarray(columns["TRANSACTION_ID"])
    rows = order[np.searchsorted(stream.number, numbers, sorter=order).clip(max=len(order) - 1)]
    if (stream.number[rows] != numbers).any():
        raise ValueError("a published payment is not in the stream")
    ours = _ours(names, facts[rows])
    twins = _twins(stream)[rows]
    made = []
    for name, values in ours.items():
        agree = np.abs(np.asarray(columns[name]) - values) <= _TOLERANCE
        payer = name.startswith("CUSTOMER")
        same = int((~agree & twins).sum()) if payer else 0
        made.append(Compared(name, len(rows), int(agree.sum()), same))
    return made


def _ours(names: tuple[str, ...], facts: Values) -> dict[str, Values]:
    """Our facts under the published names and in their units."""

    def fact(name: str) -> Values:
        return facts[:, names.index(name)]

    made: dict[str, Values] = {}
    for days in (1, 7, 30):
        made[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = fact(f"payer_count_{days}d")
        made[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = fact(f"payer_mean_{days}d") / 100
    for days in (1, 7, 30):
        made[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = fact(f"terminal_known_{days}d")
        made[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = np.nan_to_num(fact(f"terminal_share_{days}d"))
    made["TX_DURING_WEEKEND"] = (fact("weekday") >= 6).astype(np.float64)
    made["TX_DURING_NIGHT"] = (fact("hour") <= 6).astype(np.float64)
    return made


def _twins(stream: Stream) -> npt.NDArray[np.bool_]:
    """Whether another payment of the same customer is of the same instant."""
    order: Numbers = np.lexsort((stream.at, stream.payer))
    at, payer = stream.at[order], stream.payer[order]
    same = (at[1:] == at[:-1]) & (payer[1:] == payer[:-1])
    twins = np.zeros(len(stream), bool)
    twins[order[1:][same]] = True
    twins[order[:-1][same]] = True
    return twins
