"""DuckDB: in this process, within a stated memory, the rest on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.lab.engines.port import Staged

MEMORY = "4GB"
THREADS = 2


class SingleMachine:
    """As `Offline`."""

    def __init__(self, *, memory: str = MEMORY, threads: int = THREADS) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="anfu-lab-")
        self._duckdb = duckdb.connect()
        for setting, value in (
            ("memory_limit", memory),
            ("temp_directory", self._spill.name),
            ("threads", threads),
            ("enable_progress_bar", "false"),
            ("preserve_insertion_order", "false"),
            ("TimeZone", "UTC"),
        ):
            self._duckdb.execute(f"SET {setting} = '{value}'")

    def table(self, name: str, files: Sequence[Path]) -> None:
        """As the port says."""
        listed = ", ".join(_text(str(file)) for file in files)
        self._do(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}], union_by_name=true)"
        )

    def view(self, name: str, sql: str) -> None:
        """As the port says."""
        self._do(f"CREATE VIEW {name} AS {sql}")

    def keep(self, name: str, staged: Staged) -> None:
        """As the port says."""
        self._do(f"CREATE TEMP TABLE {name} AS {staged.sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As the port says."""
        return self._do(sql).fetchall()

    def columns(self, name: str) -> dict[str, str]:
        """As the port says."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {name}")}

    def write(self, sql: str, folder: Path) -> list[Path]:
        """As the port says."""
        folder.mkdir(parents=True)
        file = folder / "part-0.parquet"
        self._do(f"COPY ({sql}) TO {_text(str(file))} (FORMAT parquet, COMPRESSION zstd)")
        return [file]

    def close(self) -> None:
        """As the port says."""
        self._duckdb.close()
        self._spill.cleanup()

    def _do(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._duckdb.execute(sql)
        except duckdb.Error as error:
            problem = str(error).splitlines()[0]
            raise OutsideFailure(Outcome.NOT_DONE, f"DuckDB: {problem}") from error


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
