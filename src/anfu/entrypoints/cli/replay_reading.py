"""A payment history as a stream of rows in the order of time, CSV or Parquet, read by DuckDB.

Memory stays within `MEMORY` whatever the size of the file: what does not fit is sorted on disk.
A row that cannot be understood comes as a `BadRow` and does not end the reading.
"""

from __future__ import annotations

import math
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from anfu.entrypoints.cli.replay_map import FileMap, MapError, check_columns
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.money import MAX_MINOR

MEMORY = "512MB"
PAGE = 2_000
_FIELDS = ("id", "at", "payer", "payee", "amount", "currency", "card", "device", "address",
           "latitude", "longitude", "description")  # fmt: skip
_NEEDED = ("id", "payer", "payee", "amount")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A binary number written with two decimals is off by far less than this part of a minor unit.
_BINARY_SLACK = Decimal("0.000001")
_TIMES = {
    "iso": "epoch_us(try_cast({} AS TIMESTAMPTZ))",
    "unix_s": "CAST(round(try_cast({} AS DOUBLE) * 1e6) AS BIGINT)",
    "unix_ms": "CAST(round(try_cast({} AS DOUBLE) * 1e3) AS BIGINT)",
}
_CSV = "read_csv(?, header=true, all_varchar=true, store_rejects=true)"


@dataclass(frozen=True, slots=True)
class Row:
    """One payment; `number` counts the rows of the file from 1, `amount` is in minor units."""

    number: int
    id: str
    at: datetime
    payer: str
    payee: str
    amount: int
    currency: str
    card: str | None = None
    device: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no payment, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of the history: from `start` (included) to `end` (not included); None: open.
    A time without a zone is one of the map's zone; a date is its first moment."""

    start: str | None = None
    end: str | None = None


class History:
    """An open file. Use as a context manager: it raises MapError for a file or map that is none."""

    def __init__(self, path: Path, map_: FileMap, span: Span) -> None:
        self._path = path
        self._map = map_
        self._span = span
        self._is_text = path.suffix not in (".parquet", ".pq")
        self._source = _CSV if self._is_text else "read_parquet(?)"
        self._columns: dict[str, str] = {}
        self._slack = Decimal(0)
        self._rejected: list[BadRow] = []

    def __enter__(self) -> History:
        self._folder = tempfile.TemporaryDirectory(prefix="anfu-replay-")
        self._duckdb = duckdb.connect()
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def count(self) -> int:
        """How many rows there are to come."""
        found = self._ask("SELECT count(*) FROM history").fetchone()
        return len(self._rejected) + (int(found[0]) if found else 0)

    def pages(self) -> Iterator[list[Row | BadRow]]:
        """The rows by time, then in the order of the file; before them those whose time is not
        known."""
        if self._rejected:
            yield [*self._rejected]
        gaps = sorted(bad.number for bad in self._rejected)
        found = self._ask("SELECT * FROM history ORDER BY moment NULLS FIRST, n")
        while page := found.fetchmany(PAGE):
            yield [self._read(values, gaps) for values in page]

    def _read(self, values: Sequence[Any], gaps: Sequence[int]) -> Row | BadRow:
        number = int(values[0])
        while (counted := values[0] + bisect_right(gaps, number)) != number:
            number = counted  # the rows that could not be read have numbers too
        fields = dict(zip(_FIELDS, values[1:], strict=True))
        return read_row(number, fields, self._map, self._slack)

    def _open(self) -> None:
        self._settle()
        types = self._types()
        self._columns = check_columns(self._map, list(types))
        if types[self._columns["amount"]] in ("DOUBLE", "FLOAT"):
            self._slack = _BINARY_SLACK
        where, bounds = self._bounded(self._span)
        query = f"CREATE TEMP TABLE history AS SELECT * FROM ({self._rows()}) WHERE {where}"
        self._ask(query, str(self._path), *bounds)
        self._rejected = self._rejects()

    def _close(self) -> None:
        self._duckdb.close()
        self._folder.cleanup()

    def _settle(self) -> None:
        for setting, value in (
            ("memory_limit", MEMORY),
            ("temp_directory", self._folder.name),
            ("threads", 2),
            ("enable_progress_bar", "false"),
            ("TimeZone", self._map.times.zone),
        ):
            self._duckdb.execute(f"SET {setting} = '{value}'")

    def _ask(self, query: str, *values: object) -> duckdb.DuckDBPyConnection:
        try:
            return self._duckdb.execute(query, list(values))
        except duckdb.Error as error:
            raise MapError(f"{self._path}: {str(error).splitlines()[0]}") from None

    def _types(self) -> dict[str, str]:
        if not self._path.exists():
            raise MapError(f"{self._path}: there is no such file")
        described = self._ask(f"DESCRIBE SELECT * FROM {self._source}", str(self._path)).fetchall()
        return {row[0]: row[1] for row in described}

    def _rows(self) -> str:
        """Every column as text, times in microseconds; `n` counts the rows that could be read."""
        chosen = ["row_number() OVER () AS n"]
        for field in _FIELDS:
            column = self._columns.get(field)
            quoted = "NULL" if column is None else '"' + column.replace('"', '""') + '"'
            form = _TIMES[self._map.times.form] if field == "at" else "CAST({} AS VARCHAR)"
            name = "moment" if field == "at" else f'"{field}"'
            chosen.append(f"{form.format(quoted)} AS {name}")
        return f"SELECT {', '.join(chosen)} FROM {self._source}"

    def _bounded(self, span: Span) -> tuple[str, list[str]]:
        """Rows whose time is not known lie within every span: they must be told of."""
        bounds = {">=": span.start, "<": span.end}
        given = {sign: bound for sign, bound in bounds.items() if bound is not None}
        for bound in given.values():
            try:
                self._duckdb.execute("SELECT CAST(? AS TIMESTAMPTZ)", [bound])
            except duckdb.Error:
                raise MapError(f"{bound!r} is no date or time") from None
        tests = [f"moment {sign} epoch_us(CAST(? AS TIMESTAMPTZ))" for sign in given]
        return (f"moment IS NULL OR ({' AND '.join(tests)})" if tests else "true"), list(
            given.values()
        )

    def _rejects(self) -> list[BadRow]:
        """Lines that are no rows, wherever in time they would have been."""
        if not self._is_text:
            return []
        query = "SELECT line, min(error_type) FROM reject_errors GROUP BY line ORDER BY line"
        return [BadRow(line - 1, str(kind).lower()) for line, kind in self._ask(query).fetchall()]


def read_row(number: int, fields: dict[str, Any], map_: FileMap, slack: Decimal) -> Row | BadRow:
    """A row from its texts, `at` in microseconds. `slack`: by how much of a minor unit an amount
    may be off, for files that keep amounts as binary numbers."""
    for name in _NEEDED:
        if fields[name] is None or not str(fields[name]).strip():
            return BadRow(number, f"{name} is missing")
    if fields["at"] is None:
        return BadRow(number, "at is missing or no time")
    try:
        currency = fields["currency"] or map_.amounts.currency
        return Row(
            number=number,
            id=fields["id"],
            at=_EPOCH + timedelta(microseconds=fields["at"]),
            payer=fields["payer"],
            payee=fields["payee"],
            amount=minor_units(fields["amount"], currency, map_.amounts.unit, slack),
            currency=currency,
            card=fields["card"] or map_.payments.card,
            device=fields["device"],
            address=fields["address"],
            latitude=_degrees(fields["latitude"], "latitude"),
            longitude=_degrees(fields["longitude"], "longitude"),
            description=fields["description"],
        )
    except (ValueError, OverflowError) as error:
        return BadRow(number, str(error))


def minor_units(text: str, currency: str, unit: str, slack: Decimal) -> int:
    """The amount in minor units. Raises ValueError for what is no amount of that currency, zero
    among it: nothing was paid."""
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        raise ValueError(f"{currency} is no currency")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"amount {text!r} is no number") from None
    if not amount.is_finite():
        raise ValueError(f"amount {text!r} is no number")
    scaled = amount.scaleb(exponent) if unit == "major" else amount
    whole = scaled.to_integral_value()
    if abs(scaled - whole) > slack:
        raise ValueError(f"amount {text} has more decimals than {currency}")
    if not 0 < whole <= MAX_MINOR:
        raise ValueError(
            f"amount {text} is not above 0" if whole <= 0 else f"amount {text} is huge"
        )
    return int(whole)


def _degrees(text: str | None, name: str) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= (90 if name == "latitude" else 180):
        raise ValueError(f"{name} {text!r} is no place")
    return degrees
