"""Foreign files: a firm's own history, as it came, read into the tables of an archive.

Every row must say who paid whom how much when; what cannot be understood is counted and left out.
Nobody says in which order rows arrived, so they arrived in the order of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR
from anfu.risk.facts import Type
from anfu.risk.features import INPUTS

_CSV = "read_csv({}, header=true, all_varchar=true, store_rejects=true)"
_TIMES = {
    "iso": "epoch_us(try_cast({} AS TIMESTAMPTZ))",
    "unix_s": "CAST(round(try_cast({} AS DOUBLE) * 1e6) AS BIGINT)",
    "unix_ms": "CAST(round(try_cast({} AS DOUBLE) * 1e3) AS BIGINT)",
}
_SQL_TYPES = {Type.INTEGER: "BIGINT", Type.DOUBLE: "DOUBLE", Type.TEXT: "VARCHAR"}
_YES = "('1', '1.0', 'true', 't', 'yes', 'y', 'fraud')"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file and what its columns are: names of inputs, and `outcome`, `state`, `refunded`,
    `fraud`, `told_at`. `major`: amounts are in the currency's unit, not its smallest. `told_after`:
    how long after a payment its label was told where no column says."""

    file: Path
    columns: Mapping[str, str]
    time_form: str
    zone: str
    major: bool
    currency: str
    told_after: timedelta


@dataclass(frozen=True, slots=True)
class Taken:
    """The Parquet files made, how many payments they have and how many rows were left out, and the
    first and last microsecond."""

    history: Path
    labels: Path
    payments: int
    left_out: int
    first: int
    last: int


def take_in(foreign: Foreign, folder: Path) -> Taken:
    """Raises Refused("history_unreadable") for a file that is none, or has no payment."""
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = {_text(foreign.zone)}")
        connection.execute("SET enable_progress_bar = false")
        try:
            connection.execute(f"CREATE TEMP TABLE mapped AS {_mapped(foreign)}")
            history, labels = folder / "history.parquet", folder / "labels.parquet"
            for query, file in ((_HISTORY, history), (_LABELS, labels)):
                connection.execute(f"COPY ({query}) TO {_text(str(file))} (FORMAT parquet)")
            found = connection.execute(_COUNTED).fetchone()
        except duckdb.Error as error:
            problem = str(error).splitlines()[0]
            raise Refused("history_unreadable", field=foreign.file.name, problem=problem) from None
    assert found is not None
    payments, left_out, first, last = found
    if not payments:
        raise Refused("history_unreadable", field=foreign.file.name, problem="no row is a payment")
    return Taken(history, labels, payments, left_out, first, last)


_GOOD = (
    'event IS NOT NULL AND payer IS NOT NULL AND payee IS NOT NULL AND "at" IS NOT NULL'
    f" AND amount IS NOT NULL AND amount = floor(amount) AND amount BETWEEN 1 AND {MAX_MINOR}"
)
_HISTORY = (
    'SELECT CAST(row_number() OVER (ORDER BY "at", place) - 1 AS BIGINT) AS seq,'
    " * EXCLUDE (place, fraud, told, amount, refunded), CAST(amount AS BIGINT) AS amount,"
    " CAST(coalesce(refunded, 0) AS BIGINT) AS refunded"
    f" FROM mapped WHERE {_GOOD} ORDER BY seq"
)
_LABELS = (
    "SELECT event, told AS \"at\", fraud, 'file' AS source FROM mapped"
    f" WHERE fraud IS NOT NULL AND {_GOOD}"
)
_COUNTED = (
    f"SELECT count(*) FILTER (WHERE {_GOOD}), count(*) FILTER (WHERE NOT ({_GOOD}) OR ({_GOOD})"
    f' IS NULL), min("at") FILTER (WHERE {_GOOD}), max("at") FILTER (WHERE {_GOOD}) FROM mapped'
)


def _mapped(foreign: Foreign) -> str:
    """Every row with the names of the archive; amounts exact, in minor units."""
    columns = foreign.columns
    fixed = {"kind": "'PAYMENT'", "method": "'file'"}
    chosen = ["row_number() OVER () AS place"]
    for declared in INPUTS:
        name = "id" if declared.name == "event" else declared.name
        sql = f"CAST(NULL AS {_SQL_TYPES[declared.type]})"
        if declared.name in ("at", "amount"):
            continue
        if name in columns:
            sql = f"try_cast(nullif(CAST({_name(columns[name])} AS VARCHAR), '')"
            sql += f" AS {_SQL_TYPES[declared.type]})"
        if declared.name in fixed:
            sql = fixed[declared.name]
        if declared.name == "currency":
            sql = f"coalesce({sql}, {_text(foreign.currency)})"
        chosen.append(f'{sql} AS "{declared.name}"')
    at = _TIMES[foreign.time_form].format(_name(columns["at"]))
    chosen += [f'{at} AS "at"', f"{_minor(foreign, 'amount')} AS amount", *_ended(foreign)]
    told = f"{at} + {int(foreign.told_after.total_seconds() * 1e6)}"
    if "told_at" in columns:
        told = _TIMES[foreign.time_form].format(_name(columns["told_at"]))
    fraud = "NULL"
    if "fraud" in columns:
        fraud = f"lower(CAST({_name(columns['fraud'])} AS VARCHAR)) IN {_YES}"
    chosen += [f"CAST({fraud} AS BOOLEAN) AS fraud", f"{told} AS told"]
    path = _text(str(foreign.file))
    parquet = foreign.file.suffix in (".parquet", ".pq")
    source = f"read_parquet({path})" if parquet else _CSV.format(path)
    return f"SELECT {', '.join(chosen)} FROM {source}"


def _ended(foreign: Foreign) -> list[str]:
    columns = foreign.columns
    outcome = "'ALLOW'" if "outcome" not in columns else f"upper({_name(columns['outcome'])})"
    state = "NULL" if "state" not in columns else f"upper({_name(columns['state'])})"
    refunded = "0" if "refunded" not in columns else _minor(foreign, "refunded")
    return [
        f"CAST({outcome} AS VARCHAR) AS outcome",
        f"CAST({state} AS VARCHAR) AS state",
        f"{refunded} AS refunded",
    ]


def _minor(foreign: Foreign, what: str) -> str:
    """In the smallest unit, as an exact decimal; six decimals are more than any currency has."""
    value = f"try_cast({_name(foreign.columns[what])} AS DECIMAL(24, 6))"
    if not foreign.major:
        return value
    exponents = sorted(set(EXPONENTS.values()))
    if "currency" not in foreign.columns:
        return f"CAST({value} * {10 ** EXPONENTS[foreign.currency]} AS DECIMAL(30, 6))"
    currency = f"coalesce({_name(foreign.columns['currency'])}, {_text(foreign.currency)})"
    cases = []
    for exponent in exponents:
        listed = ", ".join(_text(c) for c, e in sorted(EXPONENTS.items()) if e == exponent)
        cases.append(f"WHEN {currency} IN ({listed}) THEN {10**exponent}")
    return f"CAST({value} * CASE {' '.join(cases)} END AS DECIMAL(30, 6))"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
