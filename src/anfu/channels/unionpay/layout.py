"""The rows of UnionPay's bill: fixed widths in bytes of GBK, one blank between two fields. Pure.

A Chinese character is two bytes, so a row is cut by bytes: as Latin-1, of which each is one
character, and what is not ASCII is then read as what it is. Field 41 of the older
layout, 131 bytes of reserve, begins in the newer one with the number of the original order (32), a
blank and 98 others; both are read by the newer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import Any

from anfu.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Layout:
    """`widths` of all fields; `names` of those that are read, by their number from 1."""

    widths: Sequence[int]
    names: Mapping[int, str]
    at_spans: itemgetter[Any] = field(init=False, repr=False)
    at_blanks: itemgetter[Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = [0, *accumulate(width + 1 for width in self.widths)]
        spans = [slice(starts[number - 1], starts[number] - 1) for number in self.names]
        blanks = [start - 1 for start in starts[1:-1]]
        object.__setattr__(self, "at_spans", itemgetter(*spans))
        object.__setattr__(self, "at_blanks", itemgetter(*blanks))

    @property
    def size(self) -> int:
        """Bytes of a row without its line end."""
        return sum(self.widths) + len(self.widths) - 1

    def cut(self, row: bytes, *, place: int) -> dict[str, str]:
        """The named fields of a row without its line end, blanks around them removed; `place` is
        its number. The last field may be shorter. Raises Refused("bill_malformed", field="row N:
        what")."""
        if not self.size - self.widths[-1] <= len(row) <= self.size:
            raise malformed(place, f"{len(row)} bytes")
        between = bytes(self.at_blanks(row))
        if between.strip(b" "):
            number = len(between) - len(between.lstrip(b" ")) + 1
            raise malformed(place, f"after field {number}")
        values = [value.strip(" ") for value in self.at_spans(row.decode("latin-1"))]
        fields = dict(zip(self.names.values(), values, strict=True))
        if not "".join(values).isascii():
            fields = {name: _gbk(value, name, place) for name, value in fields.items()}
        return fields

    def write(self, values: Mapping[int, str]) -> bytes:
        """A row with its line end. Raises ValueError for a value that is too wide."""
        parts = []
        for number, width in enumerate(self.widths, start=1):
            value = values.get(number, "").encode("gbk")
            if len(value) > width:
                raise ValueError(f"field {number} is {len(value)} bytes")
            parts.append(value.ljust(width))
        return b" ".join(parts) + b"\r\n"


# 交易明细
TRADES = Layout(
    (
        3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32, 1,
        21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98,
    ),
    {
        5: "交易传输时间", 7: "交易金额", 10: "查询流水号", 12: "商户订单号", 16: "商户手续费",
        17: "结算金额", 20: "交易类型", 28: "商户代码", 35: "商户自定义域",
        38: "分期付款附加手续费", 41: "原始交易订单号",
    },
)  # fmt: skip
# 差错明细
ERRORS = Layout(
    (3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135),
    {1: "交易代码", 4: "系统跟踪号", 5: "交易传输时间", 16: "结算金额"},
)


def malformed(place: int, what: str) -> Refused:
    return Refused("bill_malformed", field=f"row {place}: {what}")


def _gbk(value: str, name: str, place: int) -> str:
    try:
        return value.encode("latin-1").decode("gbk")
    except UnicodeDecodeError:
        raise malformed(place, name) from None
