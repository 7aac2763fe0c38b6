"""Apache Spark: the same SQL on many machines, when an address names a master.

Every worker must reach the history under the same path, as on a shared file system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from anfu.kernel.errors import Outcome, OutsideFailure
from anfu.lab.engines.port import Staged
from anfu.risk.offline import Dialect, translated

# Answers as DuckDB gives them: overflow is an error, times are UTC, nothing is guessed.
_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.parquet.mergeSchema": "true",
}
_TYPES = {"bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE", "string": "VARCHAR",
          "boolean": "BOOLEAN"}  # fmt: skip


class Cluster:
    """As `Offline`, on the Spark `master`, e.g. `spark://host:7077`; `settings` are Spark's own."""

    def __init__(self, master: str, settings: Mapping[str, str]) -> None:
        builder = SparkSession.builder.master(master).appName("anfu lab")
        for name, value in {**_SETTINGS, **settings}.items():
            builder = builder.config(name, value)
        self._spark = builder.getOrCreate()
        self._kept: list[DataFrame] = []

    def table(self, name: str, files: Sequence[Path]) -> None:
        """As the port says."""
        self._spark.read.parquet(*map(str, files)).createOrReplaceTempView(name)

    def view(self, name: str, sql: str) -> None:
        """As the port says."""
        self._ask(sql).createOrReplaceTempView(name)

    def keep(self, name: str, staged: Staged) -> None:
        """As the port says. Spark writes a table out wherever it is named, so each is kept."""
        for table, sql in (*staged.tables, (name, staged.query)):
            frame = self._ask(sql).localCheckpoint()
            frame.createOrReplaceTempView(table)
            self._kept.append(frame)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As the port says."""
        try:
            return [tuple(row) for row in self._ask(sql).collect()]
        except PySparkException as error:
            raise _failed(error) from error

    def columns(self, name: str) -> dict[str, str]:
        """As the port says."""
        return {column: _TYPES.get(kind, kind.upper())
                for column, kind in self._spark.table(name).dtypes}  # fmt: skip

    def workers(self) -> int:
        """How many executors there are, the driver not counted."""
        status = self._spark.sparkContext._jsc.sc().getExecutorMemoryStatus()
        return int(status.size()) - 1

    def write(self, sql: str, folder: Path) -> list[Path]:
        """As the port says."""
        self._ask(sql).write.parquet(str(folder))
        return sorted(folder.glob("*.parquet"))

    def close(self) -> None:
        """As the port says."""
        for frame in self._kept:
            frame.unpersist()
        self._spark.stop()

    def _ask(self, sql: str) -> DataFrame:
        try:
            return self._spark.sql(translated(sql, Dialect.SPARK))
        except PySparkException as error:
            raise _failed(error) from error


def _failed(error: PySparkException) -> OutsideFailure:
    return OutsideFailure(Outcome.NOT_DONE, f"Spark: {str(error).splitlines()[0][:200]}")
