"""A firm's own file becomes a history, and what is no payment is left out and counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from anfu.kernel.errors import Refused
from anfu.lab.backtests.trial import trial
from anfu.lab.backtests.wish import Wish, rules_apart
from anfu.lab.engines.single import SingleMachine
from anfu.lab.history.foreign import Foreign, Taken, take_in
from anfu.lab.history.opened import HISTORY, TOLD
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.event import moment
from anfu.risk.rules import Grade, Rule

COLUMNS = {"id": "ID", "at": "WHEN", "payer": "FROM", "payee": "TO", "amount": "SUM",
           "fraud": "BAD"}  # fmt: skip
CSV = """ID,WHEN,FROM,TO,SUM,BAD
a,2026-01-02 08:00:00,p1,m1,12.50,0
b,2026-01-01 08:00:00,p1,m1,0.1,1
c,2026-01-03 08:00:00,p1,,5,0
d,yesterday,p1,m1,5,0
e,2026-01-03 08:00:00,p1,m1,5.005,0
f,2026-01-03 08:00:00,p1,m1,-5,0
g,2026-01-03 08:00:00,p1,m2,100,true
"""


def foreign(file: Path, **other: Any) -> Foreign:
    made = Foreign(
        file=file, columns=COLUMNS, time_form="iso", zone="Asia/Shanghai", major=True,
        currency="CNY", told_after=timedelta(days=7),
    )  # fmt: skip
    return replace(made, **other)


def taken(tmp_path: Path, text: str = CSV, **other: Any) -> Taken:
    file = tmp_path / "payments.csv"
    file.write_text(text, "utf-8")
    return take_in(foreign(file, **other), tmp_path)


def rows(file: Path, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {columns} FROM '{file}' ORDER BY 1").fetchall()


def test_rows_come_in_the_order_of_time_with_exact_amounts(tmp_path: Path) -> None:
    found = taken(tmp_path)
    assert (found.payments, found.left_out) == (3, 4)
    first = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
    assert (found.first, found.last) == (first, first + 2 * 86_400_000_000)
    history = rows(found.history, 'seq, event, "at", payer, payee, amount, currency, kind, outcome')
    assert history == [
        (0, "b", first, "p1", "m1", 10, "CNY", "PAYMENT", "ALLOW"),
        (1, "a", first + 86_400_000_000, "p1", "m1", 1_250, "CNY", "PAYMENT", "ALLOW"),
        (2, "g", first + 2 * 86_400_000_000, "p1", "m2", 10_000, "CNY", "PAYMENT", "ALLOW"),
    ]


def test_a_label_was_told_when_the_map_says(tmp_path: Path) -> None:
    found = rows(taken(tmp_path).labels, 'event, fraud, "at"')
    week, day, first = 604_800_000_000, 86_400_000_000, 1_767_225_600_000_000
    assert found == [("a", False, first + day + week), ("b", True, first + week),
                     ("g", True, first + 2 * day + week)]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "given", "minor"), [("JPY", "100", 100), ("KWD", "1.234", 1_234)]
)
def test_the_currency_says_how_many_decimals_there_are(
    currency: str, given: str, minor: int, tmp_path: Path
) -> None:
    text = f"ID,WHEN,FROM,TO,SUM,CUR,BAD\na,2026-01-01,p,m,{given},{currency},0\n"
    found = taken(tmp_path, text, columns={**COLUMNS, "currency": "CUR"})
    assert rows(found.history, "amount, currency") == [(minor, currency)]


@pytest.mark.parametrize("text", ["ID,WHEN,FROM,TO,SUM,BAD\nx,never,p,m,1,0\n", "A,B\n1,2\n"])
def test_a_file_without_a_payment_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        taken(tmp_path, text)
    assert refused.value.code == "history_unreadable"


def test_a_feature_the_file_does_not_have_is_computed_for_the_rule(tmp_path: Path) -> None:
    found = taken(tmp_path)
    rule = Rule(
        "second", "payer_count_7d = 2 AND card IS NULL", Grade.MIDDLE, 1, "SECOND", "s", "二"
    )
    none = rules_apart([])
    end = moment(found.last + 1)
    wish = Wish(rules_apart([rule]), none, False, moment(found.first), end,
                end + timedelta(days=30), timedelta(days=7))  # fmt: skip
    engine = SingleMachine()
    engine.table(HISTORY, [found.history])
    engine.table(TOLD, [found.labels])
    figures = trial(engine, CATALOGUE, wish)
    engine.close()
    assert [alarm.event for alarm in figures.worst] == ["a"]
    assert figures.judged.missed.count == 2
