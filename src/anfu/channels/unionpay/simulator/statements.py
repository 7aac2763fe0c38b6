"""The made-up network's bills: the real layout, GBK, a ZIP in base64 over deflate. Pure."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from anfu.channels.unionpay.layout import ERRORS, TRADES
from anfu.channels.unionpay.messages import beijing
from anfu.channels.unionpay.scenes import PAY
from anfu.channels.unionpay.simulator.mishaps import Mishap, Mishaps
from anfu.channels.unionpay.simulator.orders import Record

_SHOP = "安付小店"
_CODES = {"01": "S22", "04": "S30", "31": "S32"}


class Mistake(NamedTuple):
    """An error that was settled (差错): `net` fen, positive to the merchant."""

    trace: str
    time: str
    net: int


def fee_of(amount: int) -> int:
    """0.6 %, half a fen up."""
    return (amount * 6 + 500) // 1000


def net_of(record: Record) -> int:
    """What a record brings the merchant, in fen."""
    moved = record.amount if record.kind == PAY else -record.amount
    return moved - charged(record.kind, record.amount)


def trade_rows(
    pairs: Iterable[tuple[Record, Record | None]], merchant: str, mishaps: Mishaps
) -> Iterator[bytes]:
    """The rows of the records, each with the one it gives back."""
    for record, original in pairs:
        values, about = row_values(record, original, merchant), record.query_id
        if mishaps.hits(Mishap.ROW_MISSING, about):
            continue
        if mishaps.hits(Mishap.ROW_CHANGED, about):
            amount = record.amount + 1
            values |= amounts(record.kind, amount, charged(record.kind, amount))
        yield TRADES.write(values)
        if mishaps.hits(Mishap.ROW_EXTRA, about):
            other = {10: about[::-1], 12: values[12][:-1] + "0"}
            yield TRADES.write({**values, **other})


def error_rows(mistakes: Iterable[Mistake]) -> Iterator[bytes]:
    for m in mistakes:
        yield ERRORS.write({
            1: "E74", 4: m.trace, 5: m.time, 7: f"{abs(m.net):012d}", 15: "C" + "0" * 12,
            16: _signed(m.net),
        })  # fmt: skip


def packed(day: date, merchant: str, files: Mapping[str, Iterable[bytes]]) -> bytes:
    """The ZIP of the files ZM and ZME of a settlement date, from their rows."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for kind, rows in files.items():
            entry = zipfile.ZipInfo(f"INN{day:%y%m%d}88{kind}_{merchant}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as file:
                file.writelines(rows)
    return content.getvalue()


def file_content(archive: bytes) -> str:
    """The fileContent that carries a ZIP."""
    return base64.b64encode(zlib.compress(archive)).decode()


def row_values(record: Record, original: Record | None, merchant: str) -> dict[int, str]:
    """The fields of a row by their number in `TRADES`."""
    assert record.done_at is not None
    kind = record.kind
    return {
        1: _CODES[kind], 2: "00049992", 3: "00049993", 4: record.query_id[14:20],
        5: beijing(record.done_at)[4:], 6: "621226******0000", 8: "5812", 9: "07",
        10: record.query_id, 12: record.fields["orderId"], 13: "01", 18: "0001", 20: kind,
        21: record.fields["txnSubType"], 22: record.fields["bizType"], 28: merchant, 31: _SHOP,
        27: "" if original is None else original.query_id,
        41: "" if original is None else original.fields["orderId"],
        **amounts(kind, record.amount, charged(kind, record.amount)),
    }  # fmt: skip


def charged(kind: str, amount: int) -> int:
    """The fee of a row in fen: a fee is not given back with a refund."""
    return fee_of(amount) if kind == PAY else 0


def amounts(kind: str, amount: int, fee: int) -> dict[int, str]:
    """The fields of a row that tell what was moved and what it cost, both in fen."""
    net = amount - fee if kind == PAY else -amount
    return {7: f"{amount:012d}", 16: _signed(-fee), 17: _signed(net), 33: _signed(net)}


def _signed(amount: int) -> str:
    return f"{'C' if amount >= 0 else 'D'}{abs(amount):012d}"
