"""What a row of UnionPay's bill says, as numbers and times. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from anfu.channels.unionpay.layout import ERRORS, TRADES, malformed
from anfu.channels.unionpay.scenes import PAY, REFUND, REVERSAL
from anfu.kernel.periods import SHANGHAI


class TradeRow(NamedTuple):
    """`number` is the order's, `original` the one it refunds or ''; `amount` and `fee` are fen, the
    fee negative when it is given back."""

    place: int
    kind: str
    number: str
    original: str
    reference: str
    amount: int
    fee: int
    at: datetime


class ErrorRow(NamedTuple):
    """`net` is fen, positive when it comes to us."""

    place: int
    reference: str
    net: int
    at: datetime


def read_trade(row: bytes, place: int, *, day: date, merchant: str) -> TradeRow:
    """A row of ZM. Raises Refused("bill_malformed", field="row N: field")."""
    fields = TRADES.cut(row, place=place)
    kind = fields["交易类型"]
    if kind not in (PAY, REFUND, REVERSAL):
        raise malformed(place, "交易类型")
    if fields["商户代码"] != merchant:
        raise malformed(place, "商户代码")
    amount = _digits(fields, "交易金额", place)
    fee = -_signed(fields, "商户手续费", place)
    extra = _digits(fields, "分期付款附加手续费", place) if fields["分期付款附加手续费"] else 0
    moved = amount if kind == PAY else -amount
    if _signed(fields, "结算金额", place) != moved - fee - extra:
        raise malformed(place, "结算金额")
    return TradeRow(
        place, kind, fields["商户订单号"], fields["原始交易订单号"] or fields["商户自定义域"],
        fields["查询流水号"], amount, fee + extra, _moment(fields, place, day),
    )  # fmt: skip


def read_error(row: bytes, place: int, *, day: date) -> ErrorRow:
    """A row of ZME. Raises as `read_trade`."""
    fields = ERRORS.cut(row, place=place)
    reference = "".join(fields[name] for name in ("交易代码", "系统跟踪号", "交易传输时间"))
    net = _signed(fields, "结算金额", place)
    return ErrorRow(place, reference, net, _moment(fields, place, day))


def _digits(fields: Mapping[str, str], name: str, place: int) -> int:
    text = fields[name]
    if not (text.isascii() and text.isdigit()):
        raise malformed(place, name)
    return int(text)


def _signed(fields: Mapping[str, str], name: str, place: int) -> int:
    """`C000000473939`: to us; `D…`: from us."""
    sign, digits = fields[name][:1], fields[name][1:]
    if sign not in ("C", "D") or len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        raise malformed(place, name)
    return int(digits) if sign == "C" else -int(digits)


def _moment(fields: Mapping[str, str], place: int, day: date) -> datetime:
    """`MMDDhhmmss` has no year: it is of the settlement date's, or of the year before when it would
    lie more than a day after that date."""
    text = fields["交易传输时间"]
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        raise malformed(place, "交易传输时间")
    for year in (day.year, day.year - 1):
        try:
            moment = datetime.fromisoformat(f"{year}{text[:4]}T{text[4:]}").replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
        if moment.date() <= day + timedelta(days=1):
            return moment.astimezone(UTC)
    raise malformed(place, "交易传输时间")
