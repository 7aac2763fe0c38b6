"""The declared features of the stream as SQL, beside what the profile store gave online."""

from __future__ import annotations

import duckdb
import numpy as np

from anfu.lab.handbook.stream import DELAY, Stream, Values
from anfu.lab.windows.statement import Asked, features_sql
from anfu.risk.facts import Type
from anfu.risk.features import Catalogue

_SQL = {Type.INTEGER: "BIGINT", Type.DOUBLE: "DOUBLE", Type.TEXT: "VARCHAR"}


def differences(
    catalogue: Catalogue, stream: Stream, names: tuple[str, ...], facts: Values
) -> dict[str, int]:
    """For each feature, in how many rows SQL over the whole stream gives anything but the value in
    `facts`, bit for bit; NULL is not-a-number there."""
    with duckdb.connect() as connection:
        _load(connection, catalogue, stream)
        found = {}
        for feature in catalogue.features:
            asked = Asked((feature,), ("seq",), late=False)
            staged = features_sql(catalogue, asked, events="events", labels="labels")
            rows = connection.execute(f"SELECT * FROM ({staged.sql}) ORDER BY seq").fetchnumpy()
            values = np.ma.filled(rows[feature.name].astype(np.float64), np.nan)
            ours = facts[: len(values), names.index(feature.name)]
            found[feature.name] = int((~np.isclose(values, ours, 0, 0, equal_nan=True)).sum())
    return found


def _load(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, stream: Stream) -> None:
    frauds = np.flatnonzero(stream.fraud)
    numbers = {n: getattr(stream, n) for n in ("number", "at", "payer", "terminal", "amount")}
    connection.register("numbers", numbers | {"seq": np.arange(len(stream))})
    told = {"number": stream.number[frauds], "at": stream.at[frauds] + DELAY}
    connection.register("told", told)
    given = {
        "event": "CAST(number AS VARCHAR)", "kind": "'PAYMENT'", "at": "\"at\"", "amount": "amount",
        "currency": "'CNY'", "method": "'card'", "payer": "'c' || payer",
        "payee": "'t' || terminal", "terminal": "'t' || terminal",
    }  # fmt: skip
    columns = ", ".join(
        f'CAST({given.get(i.name, "NULL")} AS {_SQL[i.type]}) AS "{i.name}"'
        for i in catalogue.inputs
    )
    connection.execute(f"CREATE TABLE events AS SELECT seq, {columns} FROM numbers")
    connection.execute(
        "CREATE TABLE labels AS SELECT row_number() OVER () AS n,"
        ' CAST(number AS VARCHAR) AS event, "at", TRUE AS fraud FROM told'
    )
