"""The rows of UnionPay's bill: fixed widths in bytes of GBK, one blank between two fields. Pure.

A Chinese character is two bytes, so a row is cut before it is decoded. Field 41 of the older
layout, 131 bytes of reserve, begins in the newer one with the number of the original order (32), a
blank and 98 others; both are read by the newer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from anfu.kernel.errors import Refused

# Trades (ZM): 交易明细. The names of the fields that are read, by their number from 1.
TRADE_WIDTHS = (
    3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1, 21,
    15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
)  # fmt: skip
TRADE_FIELDS: Mapping[int, str] = MappingProxyType(
    {
        4: "系统跟踪号", 5: "交易传输时间", 7: "交易金额", 10: "查询流水号", 12: "商户订单号",
        16: "商户手续费", 17: "结算金额", 20: "交易类型", 28: "商户代码", 33: "清算净额",
        35: "商户自定义域", 38: "分期付款附加手续费", 41: "原始交易订单号",
    }
)  # fmt: skip
# Errors (ZME): 差错明细.
ERROR_WIDTHS = (
    3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135,
)  # fmt: skip
ERROR_FIELDS: Mapping[int, str] = MappingProxyType(
    {
        1: "交易代码",
        4: "系统跟踪号",
        5: "交易传输时间",
        7: "交易金额",
        15: "商户手续费",
        16: "结算金额",
    }
)


def cut(
    row: bytes, widths: Sequence[int], names: Mapping[int, str], *, place: int
) -> dict[str, str]:
    """The named fields of a row without its line end, blanks around them removed; `place` is its
    number. The last field may be shorter. Raises Refused("bill_malformed", field="row N …")."""
    whole = sum(widths) + len(widths) - 1
    if not whole - widths[-1] <= len(row) <= whole:
        raise malformed(place, f"{len(row)} bytes")
    fields, start = {}, 0
    for number, width in enumerate(widths, start=1):
        end = start + width
        if end < len(row) and row[end : end + 1] != b" ":
            raise malformed(place, f"after field {number}")
        if number in names:
            fields[names[number]] = _text(row[start:end], names[number], place)
        start = end + 1
    return fields


def write(values: Mapping[int, str], widths: Sequence[int]) -> bytes:
    """A row with its line end. Raises ValueError for a value that is too wide."""
    parts = []
    for number, width in enumerate(widths, start=1):
        value = values.get(number, "").encode("gbk")
        if len(value) > width:
            raise ValueError(f"field {number} is {len(value)} bytes")
        parts.append(value.ljust(width))
    return b" ".join(parts) + b"\r\n"


def malformed(place: int, what: str) -> Refused:
    return Refused("bill_malformed", field=f"row {place}: {what}")


def _text(value: bytes, name: str, place: int) -> str:
    try:
        return value.decode("gbk").strip()
    except UnicodeDecodeError:
        raise malformed(place, name) from None
