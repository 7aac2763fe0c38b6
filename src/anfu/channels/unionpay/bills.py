"""UnionPay's bills (文件传输 76): fetched in one signed answer, read row by row.

The answer holds a ZIP (base64 over deflate) with a trade file `…ZM_merchant` and, where there was
one, an error file `…ZME_merchant`. There is no account at UnionPay: what it owes for a settlement
date it pays out whole. So the fund lines are each row's amount and fee, each error's net, and last
the sum of them paid out (清算).

A bill has no totals of its own. What is checked instead: the answer's signature, over the content
too; the names' date and merchant; the merchant of each row; and that each row's net (结算金额) is
its amount less its fees.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import httpx

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
from anfu.channels.unionpay.archive import error_rows, trade_rows
from anfu.channels.unionpay.layout import malformed
from anfu.channels.unionpay.line import Line
from anfu.channels.unionpay.member import Member
from anfu.channels.unionpay.messages import number_of
from anfu.channels.unionpay.rows import ErrorRow, TradeRow
from anfu.channels.unionpay.scenes import PAY, bill_fields
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Outcome, OutsideFailure, Refused
from anfu.kernel.ids import Entropy
from anfu.kernel.periods import SHANGHAI

CHANNEL = "unionpay"
_CURRENCY = "CNY"
_ANSWER_MAX = 256 * 1024 * 1024
_NO_FILE = "98"  # 文件不存在


class UnionpayBills:
    """A `Bills`; close when done. `entropy` is not used, as in `client`."""

    def __init__(
        self,
        member: Member,
        *,
        clock: Clock,
        entropy: Entropy,  # every network's bills are made alike
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._member, self._clock = member, clock
        self._line = Line(member, clock=clock, transport=transport, answer_max=_ANSWER_MAX)

    async def fetch(self, kind: BillKind, day: date) -> BillFile | NoBill:
        """The file of the settlement date `day`, which is the same for both kinds; it runs from
        23:00 to 23:00, so rows of the evening stand in the next one."""
        fields = bill_fields(self._member, f"{day:%m%d}", now=self._clock.now())
        said = await self._line.ask(self._member.files, fields)
        code = said.get("respCode", "")
        if code == _NO_FILE:
            return NoBill.EMPTY if self._closed(day) else NoBill.LATER
        if code != "00" or said.get("settleDate") != fields["settleDate"]:
            raise OutsideFailure(Outcome.UNKNOWN, "request_refused")
        content = _content(said.get("fileContent", ""))
        return BillFile(CHANNEL, kind, day, said.get("fileName", ""), content)

    def trades(self, file: BillFile) -> Iterator[TradeLine]:
        for row in trade_rows(file, self._member.merchant):
            yield _trade(row)

    def funds(self, file: BillFile) -> Iterator[FundLine]:
        place, total, last = 0, 0, _evening(file.day)
        for row in trade_rows(file, self._member.merchant):
            for kind, amount in _movements(row):
                place, total = place + 1, total + amount
                yield FundLine(
                    place, kind, row.number, row.reference, amount, _CURRENCY, row.at, None
                )
        for error in error_rows(file, self._member.merchant):
            place, total = place + 1, total + error.net
            yield _error(place, error)
        if place:
            reference = f"{file.day:%Y%m%d}"
            yield FundLine(
                place + 1, FundKind.SETTLEMENT, None, reference, -total, _CURRENCY, last, 0
            )

    async def aclose(self) -> None:
        """Let go of the pooled connections."""
        await self._line.aclose()

    def _closed(self, day: date) -> bool:
        """Whether a file that is not there by now will not come: nothing was settled that day."""
        return self._clock.now() >= _evening(day) + timedelta(hours=25)


def _trade(row: TradeRow) -> TradeLine:
    payment = row.kind == PAY
    number = row.number if payment else row.original
    try:
        ours = number_of(number), None if payment else number_of(row.number)
    except Refused:
        raise malformed(row.place, "商户订单号") from None
    kind = TradeKind.PAYMENT if payment else TradeKind.REFUND
    return TradeLine(
        row.place, kind, *ours, row.reference, row.amount, _CURRENCY, row.fee, row.at,
        TradeState.DONE,
    )  # fmt: skip


def _movements(row: TradeRow) -> Iterator[tuple[FundKind, int]]:
    yield (FundKind.PAYMENT, row.amount) if row.kind == PAY else (FundKind.REFUND, -row.amount)
    if row.fee:
        yield FundKind.FEE, -row.fee


def _error(place: int, row: ErrorRow) -> FundLine:
    return FundLine(place, FundKind.OTHER, None, row.reference, row.net, _CURRENCY, row.at, None)


def _evening(day: date) -> datetime:
    """The end of the settlement date."""
    return datetime.combine(day, time(23), SHANGHAI)


def _content(text: str) -> bytes:
    """The ZIP. Raises OutsideFailure for what does not unpack within its bound."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(text, validate=True), _ANSWER_MAX)
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("not one stream")
    except (ValueError, binascii.Error, zlib.error):
        raise OutsideFailure(Outcome.UNKNOWN, "answer_untrusted") from None
    return content
