"""A network's bill of a day, as the sandbox writes it, with a few lines that are wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from anfu.channels.sandbox.billing import fee_of
from anfu.kernel.periods import civil_date

Row = dict[str, Any]
_SUCCEEDED = "SUCCEEDED"
_ODD, _DEAR, _STRANGE, _MISSING = 3, 5, 7, 9
"""Which lines are wrong: another amount, another fee, a number nobody knows, no line at all."""


def trade_bill(
    payments: Iterable[Mapping[str, Any]], refunds: Iterable[Mapping[str, Any]], day: date
) -> bytes:
    """The trade bill of what the API lists: payments and refunds of `day` by card."""
    by_card = {p["id"]: p for p in payments if p["channel"] is not None}
    rows = [_paid(p) for p in by_card.values() if p["state"] in (_SUCCEEDED, "REFUNDED")]
    rows += [
        _returned(r, by_card[r["payment"]])
        for r in refunds
        if r["state"] == _SUCCEEDED and r["payment"] in by_card
    ]
    return _file(flawed([row for row in rows if _day(row) == day]), day)


def flawed(rows: Sequence[Row]) -> list[Row]:
    """The rows with four mistakes, where there are as many."""
    made = [dict(row) for row in rows]
    if len(made) <= _MISSING:
        return made
    made[_ODD]["amount"] += 100
    made[_DEAR]["fee"] += 37
    made[_STRANGE]["number"] = "pay_" + made[_STRANGE]["number"][:3:-1]
    del made[_MISSING]
    return made


def _paid(payment: Mapping[str, Any]) -> Row:
    return {
        "kind": "PAYMENT", "number": payment["id"], "refund": None,
        "reference": payment["channel_reference"], "amount": payment["amount"],
        "currency": payment["currency"], "fee": fee_of(payment["amount"]),
        "at": payment["updated_at"], "state": "DONE",
    }  # fmt: skip


def _returned(refund: Mapping[str, Any], payment: Mapping[str, Any]) -> Row:
    return {
        **_paid(payment), "kind": "REFUND", "refund": refund["id"],
        "reference": refund["channel_reference"], "amount": refund["amount"],
        "fee": -fee_of(refund["amount"]), "at": refund["updated_at"],
    }  # fmt: skip


def _day(row: Row) -> date:
    return civil_date(datetime.fromisoformat(row["at"]))


def _file(rows: Sequence[Row], day: date) -> bytes:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of = sums.setdefault(row["currency"], {"paid": 0, "refunded": 0, "fees": 0})
        of["paid" if row["kind"] == "PAYMENT" else "refunded"] += row["amount"]
        of["fees"] += row["fee"]
    lines = [
        {"bill": "TRADE", "day": day},
        *({"row": number, **row} for number, row in enumerate(rows, 1)),
        {"rows": len(rows), "sums": sums},
    ]
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
