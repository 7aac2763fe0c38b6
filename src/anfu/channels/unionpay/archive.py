"""The ZIP of a bill: its files by name, their rows in a stream, all within bounds."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date

from anfu.channels.bills.bill import BillFile
from anfu.channels.unionpay.layout import malformed
from anfu.channels.unionpay.rows import ErrorRow, TradeRow, read_error, read_trade
from anfu.kernel.errors import Refused

_ROW_MAX = 1024
_UNPACKED_MAX = 4 * 1024 * 1024 * 1024
# `INN17011988ZM_898111472980125`: the date as YYMMDD, a batch, the kind, the merchant.
_NAME = re.compile(r"INN(?P<date>[0-9]{6})[0-9]{2}(?P<kind>ZME?)_(?P<merchant>[0-9A-Za-z]{15})")


def trade_rows(file: BillFile, merchant: str) -> Iterator[TradeRow]:
    """The rows of the trade files. Raises Refused("bill_malformed")."""
    for place, row in _rows(file, "ZM", merchant):
        yield read_trade(row, place, day=file.day, merchant=merchant)


def error_rows(file: BillFile, merchant: str) -> Iterator[ErrorRow]:
    """The rows of the error files. Raises Refused("bill_malformed")."""
    for place, row in _rows(file, "ZME", merchant):
        yield read_error(row, place, day=file.day)


def _rows(file: BillFile, kind: str, merchant: str) -> Iterator[tuple[int, bytes]]:
    place = 0
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _UNPACKED_MAX:
                raise malformed(0, "size")
            for info in archive.infolist():
                if _kind(info.filename, file.day, merchant) != kind:
                    continue
                with archive.open(info) as lines:
                    while line := lines.readline(_ROW_MAX):
                        place += 1
                        yield place, line.rstrip(b"\r\n")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise Refused("bill_malformed", field=f"row {place + 1}: archive") from None


def _kind(name: str, day: date, merchant: str) -> str | None:
    """ZM, ZME, or None for a file of another kind. Raises for those of another day or merchant."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    if (found["date"], found["merchant"]) != (f"{day:%y%m%d}", merchant):
        raise malformed(0, name)
    return found["kind"]
