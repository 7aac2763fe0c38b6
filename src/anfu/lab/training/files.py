"""History from files: Parquet with a column a fact, and what was said of the payments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from anfu.kernel.errors import Refused
from anfu.lab.training.sample import NEVER, Sample
from anfu.risk.facts import Fact, Type
from anfu.risk.models.matrix import Matrix
from anfu.risk.models.model import REFUSED_FACTS

_LABELLED = ("fraud", "labelled_at")


def read_sample(
    history: str, labels: str | None, facts: Sequence[Fact], *, groups: Sequence[str], cutoff: int
) -> Sample:
    """The sample in Parquet files named by the pattern `history`: `at` (microseconds or a
    timestamp), `event`, `amount` and whatever other numeric facts it has. What was said is in its
    columns `fraud` and `labelled_at`, or in the files `labels` (`event`, `at`, `fraud`), which are
    read only as far as `cutoff`.

    Raises Refused: history_unreadable, history_columns (with what is missing).
    """
    with duckdb.connect() as connection:
        try:
            found = connection.execute(
                "SELECT * FROM read_parquet($1, union_by_name => true) LIMIT 0", [history]
            ).description
            have = [column[0] for column in found or ()]
            _check(have, labels, groups)
            names = usable(facts, have)
            query = _query(names, groups, joined=labels is not None)
            connection.execute("SET TimeZone = 'UTC'")
            rows = connection.execute(query, _given(history, labels, cutoff)).fetchnumpy()
        except duckdb.Error as error:
            problem = str(error).split("\n", 1)[0][:200]
            raise Refused("history_unreadable", field="history", problem=problem) from None
    columns = [_column(rows[name]) for name in names]
    width = len(names)
    matrix: Matrix = np.column_stack(columns) if width else np.empty((0, 0), np.float32)
    return Sample(
        names=names,
        matrix=np.ascontiguousarray(matrix, dtype=np.float32),
        at=np.asarray(rows["at_us"], dtype=np.int64),
        amount=np.asarray(rows["paid"], dtype=np.float64),
        fraud_at=_moments(rows["fraud_at"]),
        cleared_at=_moments(rows["cleared_at"]),
        groups={name: _texts(rows[f"group_{name}"]) for name in groups},
    )


def usable(facts: Sequence[Fact], have: Sequence[str]) -> tuple[str, ...]:
    """The facts a model may be asked with without codes, among those that are there."""
    return tuple(
        f.name
        for f in facts
        if f.name in set(have) and f.type is not Type.TEXT and f.name not in REFUSED_FACTS
    )


def _check(have: Sequence[str], labels: str | None, groups: Sequence[str]) -> None:
    needed = {"at", "amount", *groups, *(_LABELLED if labels is None else ("event",))}
    missing = sorted(needed - set(have))
    if missing:
        raise Refused("history_columns", field="history", missing=missing)


def _query(names: Sequence[str], groups: Sequence[str], *, joined: bool) -> str:
    """The rows in the order of time, with the first word of fraud and the last of honesty."""
    values = [f'CAST(h."{name}" AS DOUBLE) AS "{name}"' for name in names]
    values += [f'CAST(h."{name}" AS VARCHAR) AS "group_{name}"' for name in groups]
    given = "union_by_name => true, file_row_number => true, filename => true"
    history = f"read_parquet($history, {given}) AS h"
    if joined:
        told = (
            "LEFT JOIN (SELECT event, min(at) FILTER (WHERE fraud) AS fraud_at,"
            " max(at) FILTER (WHERE NOT fraud) AS cleared_at FROM read_parquet($labels)"
            " WHERE at <= $cutoff GROUP BY event) AS t USING (event)"
        )
        values += ["t.fraud_at AS fraud_at", "t.cleared_at AS cleared_at"]
    else:
        told, said = "", _us("h.labelled_at")
        values += [
            f"CASE WHEN CAST(h.fraud AS BOOLEAN) AND {said} <= $cutoff THEN {said} END AS fraud_at",
            "CAST(NULL AS BIGINT) AS cleared_at",
        ]
    return (
        f"SELECT {_us('h.at')} AS at_us, CAST(h.amount AS DOUBLE) AS paid, {', '.join(values)}"
        f" FROM {history} {told} ORDER BY at_us, h.filename, h.file_row_number"
    )


def _us(column: str) -> str:
    """Microseconds since 1970 of a column of whole numbers or timestamps."""
    as_time = f"epoch_us(TRY_CAST(CAST({column} AS VARCHAR) AS TIMESTAMPTZ))"
    return f"coalesce(TRY_CAST(CAST({column} AS VARCHAR) AS BIGINT), {as_time})"


def _given(history: str, labels: str | None, cutoff: int) -> dict[str, Any]:
    given: dict[str, Any] = {"history": history, "cutoff": cutoff}
    return given if labels is None else {**given, "labels": labels}


def _column(values: Any) -> Any:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan).astype(np.float32)


def _moments(values: Any) -> Any:
    return np.ma.filled(np.ma.asarray(values, dtype=np.int64), NEVER)


def _texts(values: Any) -> Any:
    return np.ma.filled(np.ma.asarray(values, dtype=object), "")


def path_of(file: Path) -> str:
    """A pattern for one file, or for the files of a folder."""
    return str(file / "*.parquet") if file.is_dir() else str(file)
