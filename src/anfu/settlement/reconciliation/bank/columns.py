"""A bank's own CSV: which of its columns say what is agreed in the TOML file of the terms.

[bank]
encoding = "gb18030"
day = "交易日期"
day_form = "%Y%m%d"
credit = "贷方发生额"      # money that came in
debit = "借方发生额"       # money that went out
references = ["流水号", "附言"]
text = ["对方户名", "摘要"]
currency = "CNY"
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from anfu.kernel.errors import Refused
from anfu.kernel.periods import SHANGHAI
from anfu.settlement.reconciliation.bank.camt import minor_units
from anfu.settlement.reconciliation.bank.statement import (
    FILE_MAX,
    BankLine,
    Statement,
    malformed,
)

_FIELD_MAX = 4096


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """The names of a bank's columns. A line has one of credit and debit, the other empty or 0."""

    day: str
    credit: str
    debit: str
    references: tuple[str, ...]
    text: tuple[str, ...] = ()
    day_form: str = "%Y-%m-%d"
    currency: str = "CNY"
    encoding: str = "utf-8-sig"
    delimiter: str = ","


def columns_of(text: str) -> Columns:
    """The table `bank` of the file of the terms. Raises Refused(setting_invalid)."""
    try:
        return msgspec.convert(tomllib.loads(text).get("bank", {}), Columns)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        name = "reconciliation.toml"
        raise Refused("setting_invalid", field=name, allowed=[str(error)]) from None


def read_columns(content: bytes, columns: Columns, *, name: str) -> Statement:
    """Raises Refused(bill_malformed)."""
    if len(content) > FILE_MAX:
        raise malformed("file", f"more than {FILE_MAX} bytes")
    try:
        text = content.decode(columns.encoding)
    except (UnicodeDecodeError, LookupError):
        raise malformed("encoding", columns.encoding) from None
    lines = tuple(_lines(text, columns))
    if not lines:
        raise malformed("row 1", "no line")
    days = [line.day for line in lines]
    return Statement(name, min(days), max(days), lines)


def _lines(text: str, columns: Columns) -> Iterator[BankLine]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=columns.delimiter, strict=True)
    needed = {columns.day, columns.credit, columns.debit, *columns.references, *columns.text}
    try:
        missing = sorted(needed - set(reader.fieldnames or ()))
        if missing:
            raise malformed("head", f"no column {missing[0]}")
        for row, values in enumerate(reader, 1):
            yield _line(row, {k: (v or "").strip() for k, v in values.items() if k}, columns)
    except (csv.Error, AttributeError):
        raise malformed("text", "no CSV") from None


def _line(row: int, values: Mapping[str, str], columns: Columns) -> BankLine:
    place = f"row {row}"
    if any(len(value) > _FIELD_MAX for value in values.values()) or columns.day not in values:
        raise malformed(place, "a field too long or missing")
    came, went = (
        minor_units(values.get(c, "").replace(",", "") or "0", columns.currency, place=place)
        for c in (columns.credit, columns.debit)
    )
    if (came == 0) == (went == 0) or min(came, went) < 0:
        raise malformed(place, "one of credit and debit, not negative")
    try:
        moment = datetime.strptime(values[columns.day], columns.day_form)  # noqa: DTZ007
    except ValueError:
        raise malformed(place, columns.day) from None
    return BankLine(
        row, moment.replace(tzinfo=SHANGHAI).date(), came - went, columns.currency,
        tuple(values[c] for c in columns.references if values.get(c)),
        " ".join(values[c] for c in columns.text if values.get(c)),
    )  # fmt: skip
