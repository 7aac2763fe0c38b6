"""A bill's ZIP: names in GBK without the flag that says so, and sizes that are bounded. Pure.

It holds sheets of details (明细) and of sums (汇总), in any order. What it is unpacked to is
bounded before anything is unpacked, so that a small file cannot fill the machine (zip bomb).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from anfu.kernel.errors import Refused

ENTRIES_MOST = 32
BYTES_MOST = 2 << 30  # a million rows are about 300 MB
_FLAG_SECRET, _FLAG_UTF8 = 0x1, 0x800
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SUMS = "汇总"


@dataclass(frozen=True, slots=True)
class Archive:
    """`details` and `sums` are the entries by their names, the parts of a long day in order."""

    file: zipfile.ZipFile
    details: tuple[zipfile.ZipInfo, ...]
    sums: tuple[zipfile.ZipInfo, ...]

    def lines(self, entry: zipfile.ZipInfo) -> IO[str]:
        """The sheet as text, read as it is asked for. Reading raises UnicodeDecodeError and
        zipfile.BadZipFile."""
        return io.TextIOWrapper(self.file.open(entry), "gb18030", newline="")


@contextmanager
def opened(content: bytes) -> Iterator[Archive]:
    """Raises Refused(bill_malformed)."""
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused("bill_malformed", field="file") from None
    with file:
        entries = sorted((e for e in file.infolist() if not e.is_dir()), key=entry_name)
        if len(entries) > ENTRIES_MOST or sum(e.file_size for e in entries) > BYTES_MOST:
            raise Refused("bill_malformed", field="size")
        if any(e.flag_bits & _FLAG_SECRET or e.compress_type not in _METHODS for e in entries):
            raise Refused("bill_malformed", field="file")
        sums = tuple(entry for entry in entries if _SUMS in entry_name(entry))
        details = tuple(entry for entry in entries if entry not in sums)
        if not details:
            raise Refused("bill_malformed", field="file")
        yield Archive(file, details, sums)


def entry_name(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant. What is not flagged as UTF-8, zipfile has read as code page 437."""
    if entry.flag_bits & _FLAG_UTF8:
        return entry.filename
    return entry.filename.encode("cp437", "replace").decode("gb18030", "replace")
