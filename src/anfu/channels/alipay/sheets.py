"""A sheet of a bill: lines that begin with `#`, a header, rows, and `#` lines with sums. Pure.

Columns are found by the header's names, never by their place. Every value may end with a tab.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from anfu.channels.alipay.signing import read_time
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR

_PLAIN = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")
# `#交易合计：2笔，商家实收共28.79元，…` and `#收入合计：36笔，共3478.19元`
_SUM = re.compile(r"#+\s*(交易|退款|收入|支出)合计[：:]\s*(\d+)笔[，,]\D*?共(-?[\d.]+)元")


class Row(NamedTuple):
    """One row: `number` counts from 1; `columns` is the header, by name the place in `values`. A
    tuple, since a day has millions."""

    number: int
    columns: dict[str, int]
    values: Sequence[str]

    def text(self, column: str) -> str:
        """Raises Refused(bill_malformed) where the sheet has no such column."""
        try:
            return self.values[self.columns[column]].strip()
        except KeyError:
            raise self.wrong(column) from None

    def fen(self, column: str) -> int:
        """Yuan in fen, with its sign; 0 for an empty value. Raises Refused(bill_malformed)."""
        text = self.text(column)
        minor = fen(text) if text else 0
        if minor is None:
            raise self.wrong(column)
        return minor

    def time(self, column: str) -> datetime:
        """Raises Refused(bill_malformed)."""
        try:
            return read_time(self.text(column), column)
        except Refused:
            raise self.wrong(column) from None

    def wrong(self, column: str) -> Refused:
        return Refused("bill_malformed", field=f"row {self.number}, {column}")


@dataclass(slots=True)
class Sheet:
    """`rows` is read once, numbered from `first`; afterwards `sums` holds what the sheet itself
    says: by 交易, 退款, 收入, 支出 the count and the fen."""

    lines: Iterable[str]
    first: int = 1
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        """Raises Refused(bill_malformed)."""
        number, columns = self.first - 1, dict[str, int]()
        try:
            for cells in csv.reader(self._table()):
                if not columns:
                    columns = {name.strip(): place for place, name in enumerate(cells)}
                    continue
                number += 1
                if len(cells) < len(columns) or any(cells[len(columns) :]):
                    raise Refused("bill_malformed", field=f"row {number}")
                yield Row(number, columns, cells)
        except (csv.Error, UnicodeDecodeError, zipfile.BadZipFile, EOFError):
            raise Refused("bill_malformed", field=f"row {number + 1}") from None
        if not columns:
            raise Refused("bill_malformed", field="header")

    def _table(self) -> Iterator[str]:
        """The lines that are header and rows; the sums are kept."""
        for line in self.lines:
            if not line.startswith("#"):
                if line.strip():
                    yield line
            elif (found := _SUM.match(line)) is not None:
                amount = fen(found[3])
                if amount is None:
                    raise Refused("bill_malformed", field=f"{found[1]}合计")
                self.sums[found[1]] = int(found[2]), amount


def fen(text: str) -> int | None:
    """`-12.34` yuan as -1234; None for what is no amount in whole fen."""
    if _PLAIN.fullmatch(text):  # nearly always; a day has millions
        return int(text.replace(".", ""))
    try:
        minor = Decimal(text) * 100
        whole = int(minor)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return whole if whole == minor and abs(whole) <= MAX_MINOR else None
