"""A statement says what the settlements say, row by row and in all, to the fen."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.property.settlement.test_settlement_sums import (
    BALANCE,
    SPAN,
    START,
    agreements,
    history,
    sales,
    terms_of,
)

from anfu.settlement.cycles.line import Line, lines_of
from anfu.settlement.cycles.settlement import Settlement, Span, Standing, settle_lines
from anfu.settlement.statements.sheet import major, sheet
from anfu.settlement.statements.statement import Statement, items_of, totals_of
from anfu.settlement.terms.terms import Agreed

NEXT = Span(SPAN.day + timedelta(days=1), SPAN.until, SPAN.until + timedelta(days=1), SPAN.cycle,
            date(2026, 2, 26))  # fmt: skip


def settled(
    id_: str, agreed: Agreed, sold: list[tuple[int, int]], before: Settlement | None
) -> tuple[Settlement, list[Line]]:
    """A settlement of the sales after `before`, by a balance as it then stands."""
    entries, known = history(sold, [])
    lines = lines_of(entries, BALANCE, [terms_of(agreed)], known)
    carried = 0 if before is None else before.carried_out
    standing = Standing(
        carried, None if before is None else before.negative_since,
        max(0, carried) + sum(line.amount for line in lines), max(0, -carried), 0, None,
    )  # fmt: skip
    span = SPAN if before is None else NEXT
    return settle_lines(id_, terms_of(agreed), span, lines, standing, at=START), lines


@given(agreements, sales, sales)
def test_a_statement_adds_up(
    agreed: Agreed, first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    one, lines = settled("stl_1", agreed, first, None)
    two, more = settled("stl_2", agreed, second, one)
    statement = Statement(
        "mer_1", "小店", "CNY", one.span.day, two.span.day, [one, two],
        {"stl_1": lines, "stl_2": more},
    )  # fmt: skip
    for made in (one, two):
        items = [item for item in items_of(statement) if item.settlement == made.id]
        assert sum(item.net for item in items[:-1]) == items[-1].net == made.carried_out
    totals = totals_of(statement)
    assert sum(list(totals.values())[:-1]) == totals["carried_out"] == two.carried_out
    rows = list(csv.DictReader(io.StringIO(sheet(statement).decode("utf-8-sig"))))
    assert sum(Decimal(row["fee"]) for row in rows) * 100 == totals["fees"]
    paid = sum(Decimal(row["net"]) for row in rows if row["kind"] == "PAID")
    assert paid * 100 == totals["paid"] == -(one.paid + two.paid)


@given(st.integers(-(10**12), 10**12))
def test_major_units_are_exact(minor: int) -> None:
    assert Decimal(major(minor, "CNY")) * 100 == minor
    assert Decimal(major(minor, "JPY")) == minor
    assert Decimal(major(minor, "KWD")) * 1000 == minor
