"""The archive: a folder of Parquet files, and the note of how far it reaches.

`decisions`: `seq` (order of arrival), the facts of the catalogue by name, and the columns
`DECIDED`. `moves`: where payments stood later, `n` counting upwards. `labels`: everything said.
A file is written aside and moved into place, and the note last: a writer that dies leaves files
nobody names, which the next one writes over.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from anfu.kernel.errors import Refused
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue

DECISIONS, MOVES, LABELS = "decisions", "moves", "labels"
DECIDED: Mapping[str, Type] = {
    "decision": Type.TEXT,
    "score": Type.INTEGER,
    "outcome": Type.TEXT,
    "grade": Type.TEXT,
    "reasons": Type.TEXT,
    "shadow": Type.TEXT,
    "catalogue": Type.TEXT,
    "rule_set": Type.TEXT,
    "state": Type.TEXT,
    "refunded": Type.INTEGER,
}
MOVED = {"event": Type.TEXT, "state": Type.TEXT, "refunded": Type.INTEGER, "n": Type.INTEGER}
SAID = {"event": Type.TEXT, "at": Type.INTEGER, "fraud": Type.BOOLEAN, "source": Type.TEXT}
_NOTE = "archive.json"
_NUMPY = {Type.INTEGER: np.int64, Type.DOUBLE: np.float64, Type.BOOLEAN: np.bool_}


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an archive reaches: `last` is the last decision in it, `rows` how many there are,
    `moved_us` since when moves must be looked for, `files` how many of each kind."""

    catalogue: str
    last: str = ""
    rows: int = 0
    moved_us: int = 0
    decisions: int = 0
    moves: int = 0
    labels: int = 0


class Archive:
    """One folder; one writer at a time. A catalogue with other facts begins it anew."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder = folder
        self.columns: dict[str, Type] = {"seq": Type.INTEGER}
        self.columns |= {fact.name: fact.type for fact in catalogue.facts}
        self.columns |= DECIDED
        self.reach = self._read(catalogue.version)

    def files(self, kind: str) -> list[Path]:
        """The files of a kind, oldest first; of labels the newest alone, which has all of them."""
        count = getattr(self.reach, kind)
        first = max(count - 1, 0) if kind == LABELS else 0
        return [self._file(kind, number) for number in range(first, count)]

    def add(self, kind: str, added: Sequence[Sequence[Any]], **reached: Any) -> None:
        """One more file of the rows `added`, and the note that says what is `reached` with it."""
        number = getattr(self.reach, kind)
        if added:
            self._write(self._file(kind, number), _TYPES.get(kind, self.columns), added)
            reached[kind] = number + 1
        self._note(**reached)
        if kind == LABELS and number:
            self._file(kind, number - 1).unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes within the block. Raises Refused("history_in_use")."""
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refused("history_in_use") from None
            self.reach = self._read(self.reach.catalogue)
            if not self.reach.last:
                for file in self.folder.glob("*.parquet"):
                    file.unlink()
            yield

    def _note(self, **reached: Any) -> None:
        self.reach = replace(self.reach, **reached)
        staged = self.folder / f".{_NOTE}"
        staged.write_text(json.dumps(asdict(self.reach)), "utf-8")
        staged.rename(self.folder / _NOTE)

    def _read(self, version: str) -> Reach:
        note = self.folder / _NOTE
        if note.exists():
            reach = Reach(**json.loads(note.read_text("utf-8")))
            if reach.catalogue == version:
                return reach
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Reach(version)

    def _file(self, kind: str, number: int) -> Path:
        return self.folder / f"{kind}-{number:06}.parquet"

    def _write(
        self, file: Path, columns: Mapping[str, Type], rows: Sequence[Sequence[Any]]
    ) -> None:
        staged = file.with_name(f".{file.name}")
        gathered = {
            name: _array(kind, values)
            for (name, kind), values in zip(columns.items(), zip(*rows, strict=True), strict=True)
        }
        with duckdb.connect() as connection:
            connection.register("gathered", gathered)
            quoted = str(staged).replace("'", "''")
            connection.execute(
                f"COPY (SELECT * FROM gathered) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)"
            )
        staged.rename(file)


_TYPES = {MOVES: MOVED, LABELS: SAID}


def _array(kind: Type, values: Sequence[Any]) -> Any:
    if kind is Type.TEXT:
        return np.array(values, dtype=object)
    missing = np.fromiter((value is None for value in values), bool, len(values))
    filled = [0 if value is None else value for value in values]
    return np.ma.array(np.array(filled, dtype=_NUMPY[kind]), mask=missing)
