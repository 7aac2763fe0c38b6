"""The sandbox network's bills: fetched over the signed line, read from JSON lines in a stream.

The first line says which bill it is, the last one how many rows there are and what they come to in
each currency. A file that is not exactly that is refused.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta, Struct

from anfu.channels.bills.bill import (
    BillFile,
    BillKind,
    FundKind,
    FundLine,
    NoBill,
    TradeKind,
    TradeLine,
    TradeState,
)
from anfu.channels.sandbox.messages import NETWORK
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.money import MAX_MINOR

PATH = "/v1/bills"
FILE_MAX = 1 << 30
# Longer than the longest row there can be.
_ROW_MAX = 1024
_Text = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[!-~]*$")]
_Amount = Annotated[int, Meta(ge=0, le=MAX_MINOR)]
_Signed = Annotated[int, Meta(ge=-MAX_MINOR, le=MAX_MINOR)]
_Moment = Annotated[datetime, Meta(tz=True)]
Sums = dict[str, dict[str, int]]


class _Trade(Struct, frozen=True, forbid_unknown_fields=True):
    row: int
    kind: TradeKind
    number: _Text
    refund: _Text | None
    reference: _Text
    amount: _Amount
    currency: _Text
    fee: _Signed
    at: _Moment
    state: TradeState


class _Fund(Struct, frozen=True, forbid_unknown_fields=True):
    row: int
    kind: FundKind
    number: _Text | None
    reference: _Text
    amount: _Signed
    currency: _Text
    at: _Moment
    balance: _Signed | None


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    bill: BillKind
    day: date


class _Tail(Struct, frozen=True, forbid_unknown_fields=True):
    rows: int
    sums: Sums


class _None(Struct, frozen=True, forbid_unknown_fields=True):
    no_bill: Literal["EMPTY", "LATER"]


class Reason(Protocol):
    """Why there is no answer."""

    @property
    def reason(self) -> str: ...


class Line(Protocol):
    """A signed line to the network: an answer is believed, or there is none."""

    async def ask(self, path: str, body: bytes, *, most: int) -> bytes | Reason: ...


_R = TypeVar("_R", _Trade, _Fund)
_T = TypeVar("_T")


class SandboxBills:
    """`Bills` of the sandbox; `line` is ours to the network, None for reading files alone."""

    def __init__(self, line: Line | None = None) -> None:
        self._line = line

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        if self._line is None:
            raise OutsideFailure(Outcome.NOT_DONE, "no line to the sandbox")
        wish = msgspec.json.encode({"kind": kind, "day": day})
        answer = await self._line.ask(PATH, wish, most=FILE_MAX)
        if not isinstance(answer, bytes):
            raise OutsideFailure(Outcome.UNKNOWN, answer.reason)
        if len(answer) < _ROW_MAX and b'"no_bill"' in answer:
            return NoBill(_decoded(answer, _None, 1).no_bill)
        name = f"sandbox-{kind.lower()}-{day:%Y%m%d}.jsonl"
        return BillFile(NETWORK, kind, day, name, answer)

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        """The detail rows. Raises Refused(bill_malformed)."""
        sums: Counter[tuple[str, str]] = Counter()
        for r in _rows(file, BillKind.TRADE, _Trade, sums):
            sums[r.currency, "paid" if r.kind is TradeKind.PAYMENT else "refunded"] += r.amount
            sums[r.currency, "fees"] += r.fee
            yield TradeLine(
                r.row, r.kind, r.number, r.refund, r.reference, r.amount, r.currency, r.fee, r.at,
                r.state,
            )  # fmt: skip

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        """As `trades`."""
        sums: Counter[tuple[str, str]] = Counter()
        for r in _rows(file, BillKind.FUND, _Fund, sums):
            sums[r.currency, "in" if r.amount > 0 else "out"] += abs(r.amount)
            yield FundLine(
                r.row, r.kind, r.number, r.reference, r.amount, r.currency, r.at, r.balance
            )


def _rows(
    file: BillFile, kind: BillKind, form: type[_R], sums: Counter[tuple[str, str]]
) -> Iterator[_R]:
    """The rows between head and tail, each in its place; then `sums` against the file's own."""
    lines = _lines(file.content)
    head = _decoded(next(lines, b""), _Head, 0)
    if (head.bill, head.day) != (kind, file.day):
        raise Refused("bill_malformed", field="head", reason="another bill")
    decode = msgspec.json.Decoder(form).decode
    count, held = 0, next(lines, b"")
    for after in lines:
        count += 1
        try:
            row = decode(held)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _malformed(count, error) from None
        if row.row != count or row.currency not in EXPONENTS:
            raise Refused("bill_malformed", field=f"row {count}", reason="row or currency")
        yield row
        held = after
    tail = _decoded(held, _Tail, count + 1)
    told = {(c, name): value for c, of in tail.sums.items() for name, value in of.items() if value}
    if tail.rows != count or told != {name: value for name, value in sums.items() if value}:
        raise Refused("bill_malformed", field="sums", reason="the rows do not come to its sums")


def _lines(content: bytes) -> Iterator[bytes]:
    """Whole lines; one that is cut short or without end is refused."""
    file = io.BytesIO(content)
    number = 0
    while line := file.readline(_ROW_MAX):
        if not line.endswith(b"\n"):
            raise Refused("bill_malformed", field=f"row {number}", reason="cut short or too long")
        number += 1
        yield line


def _decoded(line: bytes, form: type[_T], row: int) -> _T:
    try:
        return msgspec.json.decode(line, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(row, error) from None


def _malformed(row: int, error: Exception) -> Refused:
    """msgspec names the column: `... - at `$.amount``. Values are not repeated."""
    place = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else "text"
    return Refused("bill_malformed", field=f"row {row} {place}", reason="form")
