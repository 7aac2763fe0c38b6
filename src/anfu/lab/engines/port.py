"""What the lab asks of an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Staged:
    """A query over `tables` of its own, each a name and a query over those before it."""

    tables: tuple[tuple[str, str], ...]
    query: str

    @property
    def sql(self) -> str:
        """As one statement."""
        named = ", ".join(f"{name} AS ({body})" for name, body in self.tables)
        return f"WITH {named} {self.query}" if named else self.query


class Offline(Protocol):
    """Runs SQL of DuckDB's dialect over Parquet files. Not shared between threads; one contract
    battery. Raises OutsideFailure(NOT_DONE) when the engine cannot do it."""

    def table(self, name: str, files: Sequence[Path]) -> None:
        """The rows of Parquet files, by column name, as a table; at least one file."""

    def view(self, name: str, sql: str) -> None:
        """A name for what `sql` gives whenever it is asked for."""

    def keep(self, name: str, staged: Staged) -> None:
        """The rows `staged` gives, computed once, as a table."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What `sql` gives."""

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table and their types, in DuckDB's words."""

    def write(self, sql: str, folder: Path) -> list[Path]:
        """What `sql` gives as Parquet files in a new folder."""

    def close(self) -> None:
        """Let go of everything."""
