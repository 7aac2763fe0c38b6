"""A seeded stream of card payments of the shape of the public one, in small: payers with habits,
terminals, and the three kinds of fraud. No row of the public stream is in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from anfu.lab.handbook.stream import TRANSACTIONS, Stream, stream_of

DAY_S = 86_400
FIRST_DAY = 17_622  # 2018-04-01
BEYOND = 22_000


@dataclass(frozen=True)
class Size:
    payers: int = 120
    terminals: int = 150
    days: int = 84
    a_day: float = 1.2


def made_stream(seed: int, size: Size = Size()) -> Stream:
    """Columns drawn from `seed` alone."""
    rng = np.random.default_rng(seed)
    habit = rng.uniform(500, 10_000, size.payers)
    often = rng.uniform(0.2, 2 * size.a_day, size.payers)
    rows: list[tuple[int, int, int, int]] = []
    for day in range(size.days):
        for payer in range(size.payers):
            for _ in range(rng.poisson(often[payer])):
                second = int(rng.normal(DAY_S / 2, DAY_S / 5)) % DAY_S
                amount = max(0, int(rng.normal(habit[payer], habit[payer] / 2)))
                at = (FIRST_DAY + day) * DAY_S + second
                rows.append((at, payer, int(rng.integers(size.terminals)), amount))
    rows.sort()
    local, payer, terminal, amount = (np.array(column) for column in zip(*rows, strict=True))
    amount, fraud = _defrauded(rng, size, local // DAY_S - FIRST_DAY, payer, terminal, amount)
    return stream_of(
        {
            "number": np.arange(len(rows)) + 7,
            "local": local * 1_000_000,
            "payer": payer,
            "terminal": terminal,
            "amount": amount,
            "fraud": fraud,
        }
    )


def _defrauded(
    rng: np.random.Generator,
    size: Size,
    day: npt.NDArray[np.int64],
    payer: npt.NDArray[np.int64],
    terminal: npt.NDArray[np.int64],
    amount: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Amounts and frauds: amounts beyond a limit; a terminal in wrong hands for four weeks; a
    third of a card's payments for two weeks at five times the amount."""
    amount = amount.copy()
    fraud = amount > BEYOND
    for start in range(0, size.days, 5):
        bad = rng.integers(size.terminals)
        fraud |= (terminal == bad) & (day >= start) & (day < start + 28)
        stolen = np.flatnonzero(
            (payer == rng.integers(size.payers)) & (day >= start) & (day < start + 14)
        )
        used = rng.choice(stolen, len(stolen) // 3, replace=False)
        amount[used] *= 5
        fraud[used] = True
    return amount, fraud


def write_stream(stream: Stream, folder: Path) -> None:
    """As `transactions.parquet`, with the public file's columns."""
    columns = {
        "number": stream.number,
        "local": stream.at + 8 * 3_600 * 1_000_000,
        "payer": stream.payer,
        "terminal": stream.terminal,
        "amount": stream.amount,
        "fraud": stream.fraud.astype(np.int8),
    }
    with duckdb.connect() as connection:
        connection.register("columns", columns)
        connection.execute(
            "COPY (SELECT CAST(number AS INTEGER) AS TRANSACTION_ID,"
            " make_timestamp(local) AS TX_DATETIME, CAST(payer AS INTEGER) AS CUSTOMER_ID,"
            " CAST(terminal AS INTEGER) AS TERMINAL_ID, amount / 100 AS TX_AMOUNT,"
            f" fraud AS TX_FRAUD FROM columns) TO '{folder / TRANSACTIONS}' (FORMAT parquet)"
        )
