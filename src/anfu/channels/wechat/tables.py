"""A bill's table: detail rows, then a header and one row of sums. Read in a stream.

UTF-8 with a byte order mark, lines ended by CRLF (LF is read too). Headers are plain; every value
has a backtick before it, so values part at `,` and a backtick, and may hold commas. Columns are
found by their name: kinds of bill leave some out.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from anfu.kernel.errors import Refused

_GZIP = b"\x1f\x8b"
_MARK = "\ufeff"


class Row(NamedTuple):
    """`number` counts detail rows from 1; 0 is the row of sums."""

    number: int
    values: Sequence[str]


class Table:
    """The bill in `content` (gzip or plain), whose sums begin with the column `sums`."""

    def __init__(self, content: bytes, sums: str) -> None:
        self._lines = _lines(content)
        self._sums = sums
        self.columns = self._header(next(self._lines, ""))
        self.totals: dict[str, str] = {}

    def rows(self) -> Iterator[Row]:
        """The detail rows; once they are at an end `totals` has the sums by column. Raises
        Refused("bill_malformed")."""
        width = len(self.columns)
        for number, line in enumerate(self._lines, start=1):
            if not line.startswith("`"):
                self._read_totals(line)
                return
            values = line[1:].split(",`")
            if len(values) != width:
                raise malformed(number, "columns")
            yield Row(number, values)
        raise malformed(0, self._sums)

    def picker(self, *names: str) -> Callable[[Sequence[str]], tuple[str, ...]]:
        """Takes the named columns (two or more) out of a row. Raises Refused("bill_malformed") for
        a name that is no column."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise malformed(0, missing[0])
        return itemgetter(*[self.columns[name] for name in names])

    def check(self, name: str, expected: object, read: Callable[[str], object]) -> None:
        """Raises Refused("bill_malformed") unless the sum `name`, where there is one, is
        `expected`."""
        text = self.totals.get(name)
        try:
            fits = text is None or read(text) == expected
        except ValueError:
            fits = False
        if not fits:
            raise malformed(0, name)

    def _header(self, line: str) -> dict[str, int]:
        names = line.removeprefix(_MARK).split(",")
        if len(set(names)) != len(names):
            raise malformed(0, "header")
        return {name: place for place, name in enumerate(names)}

    def _read_totals(self, line: str) -> None:
        names = line.split(",")
        values = next(self._lines, "").removeprefix("`").split(",`")
        if names[0] != self._sums or len(names) != len(values) or any(self._lines):
            raise malformed(0, self._sums)
        self.totals = dict(zip(names, values, strict=True))


def malformed(row: int, column: str) -> Refused:
    """A bill that cannot be believed; row 0 is the header or the sums."""
    return Refused("bill_malformed", field=f"row {row}: {column}")


def _lines(content: bytes) -> Iterator[str]:
    plain = io.BytesIO(content)
    raw = gzip.GzipFile(fileobj=plain) if content.startswith(_GZIP) else plain
    try:
        for line in io.TextIOWrapper(raw, "utf-8", newline="\n"):
            yield line.rstrip("\r\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise malformed(0, "file") from None
