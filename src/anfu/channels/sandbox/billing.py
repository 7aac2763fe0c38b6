"""How the network writes its bills: JSON lines, what the bill is about first and its sums last.

A fee is taken from each payment and the part of a refund given back; at midnight all that stands on
the member's account is paid out to its bank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from anfu.channels.bills.bill import BillKind, FundKind, NoBill, TradeKind
from anfu.channels.sandbox.statements import Statement
from anfu.kernel.periods import SHANGHAI, civil_date, civil_day

FEE_PPM = 6000
Move = tuple[datetime, Statement]
_Row = dict[str, Any]


def fee_of(amount: int) -> int:
    """0.6 %, half a minor unit rounded up."""
    return (amount * FEE_PPM + 500_000) // 1_000_000


def write_bill(moves: Sequence[Move], kind: BillKind, day: date, *, now: datetime) -> bytes:
    """The bill of `day`, or one line that says why there is none."""
    if day >= civil_date(now):
        return _line({"no_bill": NoBill.LATER})
    if kind is BillKind.TRADE:
        rows = list(_trades(moves, day))
        sums = _trade_sums(rows)
    else:
        rows = [row for row in _funds(moves) if civil_date(row["at"]) == day]
        sums = _fund_sums(rows)
    if not rows:
        return _line({"no_bill": NoBill.EMPTY})
    numbered = ({"row": n, **row} for n, row in enumerate(rows, 1))
    head, tail = {"bill": kind, "day": day}, {"rows": len(rows), "sums": sums}
    return b"".join(map(_line, [head, *numbered, tail]))


def _trades(moves: Iterable[Move], day: date) -> Iterator[_Row]:
    for at, said in moves:
        if civil_date(at) == day:
            assert said.amount is not None
            kind = TradeKind.PAYMENT if said.refund is None else TradeKind.REFUND
            fee = fee_of(said.amount)
            yield {"kind": kind, "number": said.payment, "refund": said.refund,
                   "reference": said.reference, "amount": said.amount, "currency": said.currency,
                   "fee": fee if kind is TradeKind.PAYMENT else -fee, "at": at,
                   "state": "DONE"}  # fmt: skip


def _funds(moves: Sequence[Move]) -> Iterator[_Row]:
    """All movements from the first day on; what could not be paid out goes on to the next day."""
    account: dict[str, int] = {}
    for day in sorted({civil_date(at) for at, _ in moves}):
        for at, said in moves:
            if civil_date(at) == day:
                yield from _booked(account, at, said)
        last = civil_day(_noon(day)).end
        assert last is not None
        for currency, left in sorted(account.items()):
            if left > 0:
                told = {"number": None, "reference": f"stl_{day:%Y%m%d}_{currency}"}
                moment = last - timedelta(seconds=1)
                yield _moved(account, FundKind.SETTLEMENT, -left, currency, {**told, "at": moment})


def _booked(account: dict[str, int], at: datetime, said: Statement) -> Iterator[_Row]:
    assert said.amount is not None and said.currency is not None
    sign, kind = (1, FundKind.PAYMENT) if said.refund is None else (-1, FundKind.REFUND)
    told = {"number": said.payment, "reference": said.reference, "at": at}
    yield _moved(account, kind, sign * said.amount, said.currency, told)
    if fee := fee_of(said.amount):
        yield _moved(account, FundKind.FEE, -sign * fee, said.currency, told)


def _moved(
    account: dict[str, int], kind: FundKind, amount: int, currency: str, told: Mapping[str, Any]
) -> _Row:
    account[currency] = balance = account.get(currency, 0) + amount
    return {"kind": kind, **told, "amount": amount, "currency": currency, "balance": balance}


def _trade_sums(rows: Sequence[_Row]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of = sums.setdefault(row["currency"], {"paid": 0, "refunded": 0, "fees": 0})
        of["paid" if row["kind"] is TradeKind.PAYMENT else "refunded"] += row["amount"]
        of["fees"] += row["fee"]
    return sums


def _fund_sums(rows: Sequence[_Row]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of = sums.setdefault(row["currency"], {"in": 0, "out": 0})
        of["in" if row["amount"] > 0 else "out"] += abs(row["amount"])
    return sums


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _line(value: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"
