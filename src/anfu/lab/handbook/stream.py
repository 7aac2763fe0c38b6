"""The public stream: card payments in time order, with what each turned out to be.

Source: Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card
Fraud Detection - Practical Handbook" (2022), its simulated data as one Parquet file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from anfu.kernel.errors import Refused
from anfu.risk.event import Event, moment

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]
TRANSACTIONS, PUBLISHED = "transactions.parquet", "published_features.parquet"
SECOND = 1_000_000
DAY = 86_400 * SECOND
DELAY = 7 * DAY
# The file's times name no zone; read as Shanghai's, its hours and days are the catalogue's.
_ZONE = 8 * 3_600 * SECOND
_READ = """
    SELECT TRANSACTION_ID AS number, epoch_us(TX_DATETIME) AS local, CUSTOMER_ID AS payer,
        TERMINAL_ID AS terminal, CAST(round(TX_AMOUNT * 100) AS BIGINT) AS amount,
        TX_FRAUD AS fraud
    FROM read_parquet($path) ORDER BY TX_DATETIME, TRANSACTION_ID
"""


@dataclass(frozen=True, slots=True)
class Stream:
    """Columns of one length, in order of time and then of `number`, the file's id. `at` in
    microseconds since 1970, `day` the civil day since 1970, `amount` in minor units. A fraud is
    told DELAY after it happened; of an honest payment nothing is ever told."""

    number: Numbers
    at: Numbers
    day: Numbers
    payer: Numbers
    terminal: Numbers
    amount: Numbers
    fraud: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.number)

    def event(self, row: int) -> Event:
        """The payment as the decision sees it: never with its label."""
        terminal = f"t{self.terminal[row]}"
        return Event(
            id=str(self.number[row]),
            payer=f"c{self.payer[row]}",
            payee=terminal,
            amount=int(self.amount[row]),
            currency="CNY",
            method="card",
            card=None,
            at=moment(int(self.at[row])),
            terminal=terminal,
        )

    def before(self, day: int) -> Stream:
        """The payments before that day."""
        end = int(np.searchsorted(self.day, day))
        return Stream(*(getattr(self, name)[:end] for name in self.__slots__))


def read_stream(data: Path) -> Stream:
    """Raises Refused: handbook_missing."""
    path = data / TRANSACTIONS
    if not path.is_file():
        raise Refused("handbook_missing", field="data", path=str(path))
    with duckdb.connect() as connection:
        columns = connection.execute(_READ, {"path": str(path)}).fetchnumpy()
    return stream_of(columns)


def stream_of(columns: Mapping[str, npt.NDArray[np.int64]]) -> Stream:
    """From the columns number, local (microseconds of civil time), payer, terminal, amount and
    fraud, in order of time."""
    local = np.asarray(columns["local"], np.int64)
    return Stream(
        number=np.asarray(columns["number"], np.int64),
        at=local - _ZONE,
        day=local // DAY,
        payer=np.asarray(columns["payer"], np.int64),
        terminal=np.asarray(columns["terminal"], np.int64),
        amount=np.asarray(columns["amount"], np.int64),
        fraud=np.asarray(columns["fraud"]).astype(bool),
    )


def midnight(day: int) -> int:
    """Its first microsecond."""
    return day * DAY - _ZONE
