"""Sheets: the cells of a CSV or Excel file, and back. A file is untrusted.

Numbered as they are tried: 1 its size, 2 for Excel: that it is an archive of a bearable size
without macros and without a DOCTYPE, 3 its rows and columns, 4 cells: no formula, no date, none too
long. Nothing in a file is ever evaluated.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from anfu.kernel.errors import Refused

CONTENT_MOST = 1 << 20
ROWS_MOST, COLUMNS_MOST, CELL_MOST = 500, 64, 4_000
_UNPACKED_MOST, _MEMBERS_MOST = 16 << 20, 200
# A text that begins so is run by the program that opens the file.
_RUN = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"
_BLANK = " \t\r\n\u3000"
# As XML has it in UTF-8 and in UTF-16 of either order.
_DOCTYPE = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


class Form(StrEnum):
    """What the file is."""

    CSV = "CSV"
    XLSX = "XLSX"


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong at a row (from 1) and column (a name or a number; empty: the whole row)."""

    row: int
    column: str
    code: str
    details: dict[str, Any] = field(default_factory=dict)


Rows = list[list[str]]


def read_sheet(content: bytes, form: Form) -> tuple[Rows, list[CellError]]:
    """The rows of the first sheet, trimmed cells as text, and what is wrong with cells.

    Raises Refused: sheet_too_large, sheet_unreadable.
    """
    if len(content) > CONTENT_MOST:  # 1
        raise Refused("sheet_too_large", field="content", most=CONTENT_MOST)
    rows: Rows = []
    errors: list[CellError] = []
    for number, cells in enumerate(_cells(content, form), start=1):
        if number > ROWS_MOST or len(cells) > COLUMNS_MOST:  # 3
            raise Refused("sheet_too_large", field="content", rows=ROWS_MOST, columns=COLUMNS_MOST)
        rows.append([text for text, _ in cells])
        errors += [
            CellError(number, str(place), code)
            for place, (text, problem) in enumerate(cells, start=1)
            if (code := problem or ("cell_too_long" if len(text) > CELL_MOST else None))  # 4
        ]
    return rows, errors


def runs(text: str) -> bool:
    """Whether a spreadsheet would run the text."""
    return text.startswith(_RUN)


def guarded(text: str) -> str:
    """The text as it is safe in a file."""
    return _GUARD + text if runs(text) else text


def unguarded(text: str) -> str:
    """The text a guarded one stands for."""
    return text[1:] if text[:1] == _GUARD and runs(text[1:]) else text


def write_sheet(rows: Iterable[Sequence[str]], form: Form) -> bytes:
    """A file of these rows. CSV with a byte order mark, without which Excel takes Chinese for
    something else."""
    safe = [[guarded(cell) for cell in row] for row in rows]
    if form is Form.CSV:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(safe)
        return b"\xef\xbb\xbf" + text.getvalue().encode()
    book, content = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("rules")
    for row in safe:
        sheet.append(row)
    book.save(content)
    return content.getvalue()


_Cell = tuple[str, str | None]
"""The text of a cell, and the code of what is wrong with it."""


def _cells(content: bytes, form: Form) -> Iterator[list[_Cell]]:
    return _of_csv(content) if form is Form.CSV else _of_xlsx(content)


def _of_csv(content: bytes) -> Iterator[list[_Cell]]:
    """UTF-8, or GB 18030 as Excel writes it on a Chinese desk."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("sheet_unreadable", field="content", problem="neither UTF-8 nor GB 18030")
    if "\0" in text:
        raise Refused("sheet_unreadable", field="content", problem="a NUL character")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [(cell.strip(_BLANK), None) for cell in row]
    except csv.Error as error:
        raise Refused("sheet_unreadable", field="content", problem=str(error)) from None


def _of_xlsx(content: bytes) -> Iterator[list[_Cell]]:
    _check_archive(content)  # 2
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # What the file says of its own size is a claim.
        sheet.reset_dimensions()
        rows = [[_excel(cell) for cell in row] for row in sheet.iter_rows(
            max_row=ROWS_MOST + 1, max_col=COLUMNS_MOST + 1)]  # fmt: skip
    except Exception as error:  # the library raises what its parts raise
        problem = f"{type(error).__name__}: {error}"[:200]
        raise Refused("sheet_unreadable", field="content", problem=problem) from None
    # The library fills up to the limits; what is empty at the end is no part of the sheet.
    while rows and not any(map(any, rows[-1])):
        rows.pop()
    for row in rows:
        yield _trimmed(row)


def _trimmed(row: list[_Cell]) -> list[_Cell]:
    end = len(row)
    while end and not any(row[end - 1]):
        end -= 1
    return row[:end]


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if len(members) > _MEMBERS_MOST or size > _UNPACKED_MOST:
                raise Refused("sheet_too_large", field="content", most=_UNPACKED_MOST)
            for member in members:
                if "vbaproject" in member.filename.lower():
                    raise Refused("sheet_unreadable", field="content", problem="macros")
                with archive.open(member) as file:  # never more than it said it was
                    unpacked = file.read(_UNPACKED_MOST)
                    if any(sign in unpacked for sign in _DOCTYPE):
                        raise Refused("sheet_unreadable", field="content", problem="a DOCTYPE")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        problem = f"not a workbook: {error}"[:200]
        raise Refused("sheet_unreadable", field="content", problem=problem) from None


def _excel(cell: Any) -> _Cell:
    value = cell.value
    if cell.data_type == "f":
        return "", "cell_formula"
    if isinstance(value, str):
        return value.strip(_BLANK), None
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, (int, float)):
        number = Decimal(repr(value))
        return f"{number.to_integral_value() if number == int(number) else number:f}", None
    return "", None if value is None else "cell_not_text"
