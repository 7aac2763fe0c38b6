"""A statement as CSV (RFC 4180), in UTF-8 with a byte order mark, for spreadsheets."""

from __future__ import annotations

import csv
import io

from anfu.kernel.currencies import EXPONENTS
from anfu.settlement.statements.statement import Statement, items_of

COLUMNS = (
    "settlement",
    "day",
    "at",
    "kind",
    "entry",
    "payment",
    "amount",
    "fee",
    "net",
    "currency",
)


def sheet(statement: Statement) -> bytes:
    """A row for each item; amounts in major units, with their sign. Every text is an id or a word
    of ours: no cell begins like a formula but a number below zero."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for item in items_of(statement):
        amounts = [major(amount, statement.currency) for amount in item[6:]]
        writer.writerow([*item[:6], *amounts, statement.currency])
    return text.getvalue().encode("utf-8-sig")


def major(amount: int, currency: str) -> str:
    """Minor units with a sign as major ones: -1234 is -12.34."""
    digits = EXPONENTS[currency]
    whole, part = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}" + (f".{part:0{digits}}" if digits else "")
