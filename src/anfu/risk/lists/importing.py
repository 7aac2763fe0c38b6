"""CSV in and out: entries as rows, wrong rows told one by one.

Columns: `value` (needed), `expires_at` (RFC 3339, or a day, which is counted to its end in
Asia/Shanghai), `reason`, `source`; `added_at` and `added_by` of an export are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from anfu.kernel.errors import Refused
from anfu.kernel.periods import SHANGHAI
from anfu.risk.lists.change import Entry, Item
from anfu.risk.lists.declaration import Declaration
from anfu.risk.lists.values import Blind, read_value

COLUMNS = ("value", "expires_at", "reason", "source", "added_at", "added_by")
TOLD_MOST = 20
_TEXT_MOST = 200
_YEARS_MOST = 100
# What a spreadsheet takes for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RowError:
    """Row 1 is the heading; `code` is that of a problem."""

    row: int
    column: str
    code: str


@dataclass(frozen=True, slots=True)
class Given:
    """What rows do not say for themselves."""

    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one list; `now`: nothing is added that has expired already."""

    declaration: Declaration
    blind: Blind
    given: Given
    now: datetime

    def item(
        self, value: str, expires: str | datetime | None = None, reason: str = "", source: str = ""
    ) -> Item:
        """One entry. Raises Refused: as `read_value`, list_expiry_invalid, list_expiry_past,
        list_text_invalid."""
        return Item(
            read_value(self.declaration, value, self.blind),
            check_text(source or self.given.source, "source"),
            check_text(reason or self.given.reason, "reason"),
            self._expiry(expires),
        )

    def rows(self, lines: Iterable[str]) -> Iterator[Item | RowError]:
        """Entries and errors as they come. Raises Refused("list_columns_invalid") for another
        heading, before the first row."""
        rows = csv.reader(lines, strict=True)
        heading = _heading(rows)
        seen: set[str] = set()
        try:
            for number, cells in enumerate(rows, start=2):
                yield self._row(number, heading, cells, seen)
        except csv.Error:
            yield RowError(rows.line_num, "", "list_row_unreadable")

    def _row(
        self, number: int, heading: Sequence[str], cells: Sequence[str], seen: set[str]
    ) -> Item | RowError:
        if len(cells) != len(heading):
            return RowError(number, "", "list_row_unreadable")
        named = dict(zip(heading, cells, strict=True))
        try:
            item = self.item(
                named["value"], named.get("expires_at") or None, named.get("reason", ""),
                named.get("source", ""),
            )  # fmt: skip
        except Refused as refusal:
            return RowError(number, refusal.field or "", refusal.code)
        if item.value in seen:
            return RowError(number, "value", "list_value_repeated")
        seen.add(item.value)
        return item

    def _expiry(self, expires: str | datetime | None) -> datetime | None:
        if expires is None:
            return None
        try:
            moment = expires if isinstance(expires, datetime) else _moment(expires)
        except ValueError:
            raise Refused("list_expiry_invalid", field="expires_at") from None
        if moment.tzinfo is None or moment.year > self.now.year + _YEARS_MOST:
            raise Refused("list_expiry_invalid", field="expires_at")
        if moment <= self.now:
            raise Refused("list_expiry_past", field="expires_at")
        return moment


def batches(reader: Reader, lines: Iterable[str], *, most: int, size: int) -> Iterator[list[Item]]:
    """Every row, `size` at a time, and after the last one a refusal if there was a wrong one: who
    writes batches as they come must throw them away then. Raises Refused: list_columns_invalid;
    list_too_large; list_rows_invalid, with the first wrong rows: nothing is half imported."""
    batch: list[Item] = []
    errors: list[RowError] = []
    for count, row in enumerate(reader.rows(lines), start=1):
        if count > most:
            raise Refused("list_too_large", field="csv", most=most)
        if isinstance(row, RowError):
            errors.append(row)
        elif not errors:
            batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if errors:
        told = [{"row": e.row, "column": e.column, "code": e.code} for e in errors[:TOLD_MOST]]
        raise Refused("list_rows_invalid", field="csv", count=len(errors), rows=told)
    if batch:
        yield batch


def check_text(text: str, field: str) -> str:
    """Raises Refused("list_text_invalid"): empty, longer than 200, not printable, or a formula."""
    plain = text.strip()
    if not 0 < len(plain) <= _TEXT_MOST or not plain.isprintable() or plain.startswith(_FORMULA):
        raise Refused("list_text_invalid", field=field)
    return plain


def heading_line() -> str:
    """The first line of an export."""
    return _line(COLUMNS)


def entry_line(entry: Entry) -> str:
    """One line of an export; read again, it is the same entry."""
    item = entry.item
    ends = "" if item.expires is None else item.expires.isoformat()
    return _line((item.value, ends, item.reason, item.source, entry.at.isoformat(), entry.by))


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _heading(rows: Iterator[list[str]]) -> list[str]:
    try:
        heading = [cell.strip().removeprefix("\ufeff").lower() for cell in next(rows, [])]
    except csv.Error:
        heading = []
    known = len(set(heading)) == len(heading) and set(heading) <= set(COLUMNS)
    if not known or "value" not in heading:
        raise Refused("list_columns_invalid", field="csv", known=list(COLUMNS))
    return heading


def _moment(text: str) -> datetime:
    if len(text) == len("2026-11-28"):
        day = date.fromisoformat(text) + timedelta(days=1)
        return datetime.combine(day, time(0), SHANGHAI).astimezone(UTC)
    return datetime.fromisoformat(text)
