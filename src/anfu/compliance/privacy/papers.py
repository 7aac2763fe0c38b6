"""Log and export files, read in a stream: text of any kind, gzip, zip (and with it xlsx), Parquet.

A file is never held whole. What is read next to the end of a piece is read again with the
piece after it, so that nothing is cut in two.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import duckdb

from anfu.compliance.privacy.finding import Finding, Tally
from anfu.compliance.privacy.patterns import find

_Bytes = IO[bytes] | gzip.GzipFile
_PIECE = 1 << 20
# More than any value found and what stands before it take.
_OVERLAP = 8_192
_ROWS = 1_000
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"


def list_papers(paths: list[Path]) -> list[Path]:
    """The files, those in folders among them. Raises FileNotFoundError for what is not there."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(file for file in path.rglob("*") if file.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(path)
    return found


def read_paper(path: Path, tally: Tally, told: Callable[[int], None]) -> None:
    """Add what a file holds to `tally`; `told` hears of the bytes as they are done. Raises OSError,
    and zipfile.BadZipFile or duckdb.Error for a file that is broken."""
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic == _PARQUET:
            _read_parquet(path, tally)
        elif magic == _ZIP:
            with zipfile.ZipFile(file) as archive:
                for member in archive.namelist():
                    with archive.open(member) as inner:
                        _read(inner, f"{path}!{member}", tally)
        elif magic[:2] == _GZIP:
            with gzip.open(file) as inner:
                _read(inner, str(path), tally)
        else:
            _read(file, str(path), tally, told)
            return
    told(path.stat().st_size)


def _read(
    file: _Bytes, place: str, tally: Tally, told: Callable[[int], None] = lambda _: None
) -> None:
    reader = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace", newline="")
    # `text` is what was read and not left behind; before `done` everything is told already.
    text, done, line, piece = "", 0, 1, "-"
    while piece:
        piece = reader.read(_PIECE)
        text += piece
        stop = max(done, len(text) - _OVERLAP) if piece else len(text)
        at, seen = line, 0
        for match in sorted(find(text), key=lambda match: match.start):
            if done <= match.start < stop:
                at, seen = at + text.count("\n", seen, match.start), match.start
                tally.add(Finding(match.kind, place, str(at), match.sample))
        cut = max(0, stop - _OVERLAP)
        line += text.count("\n", 0, cut)
        text, done = text[cut:], stop - cut
        told(len(piece))
    reader.detach()


def _encoding(file: _Bytes) -> str:
    """UTF-8 or UTF-16; what is neither is taken for GB 18030, as spreadsheets write here."""
    head = file.read(_PIECE)
    file.seek(0)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _read_parquet(path: Path, tally: Tally) -> None:
    with duckdb.connect() as engine:
        rows = engine.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in rows.description or ()]
        number = 0
        while page := rows.fetchmany(_ROWS):
            for row in page:
                number += 1
                for name, value in zip(names, row, strict=True):
                    for match in find(_text(value), name=name):
                        place = f"{path}:{name}"
                        tally.add(Finding(match.kind, place, str(number), match.sample))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if isinstance(value, str) else ""
