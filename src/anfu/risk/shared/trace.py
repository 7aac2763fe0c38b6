"""A trace: what was done to the tracks of one key, as it is written down in Valkey.

MessagePack of plain values in a fixed shape, and nothing else: who can write into Valkey can say
what is not so, and cannot make a process run anything.
"""

from __future__ import annotations

from sys import intern
from typing import Annotated, Literal

import msgspec

from anfu.kernel.money import MAX_MINOR
from anfu.risk.places import cell_of
from anfu.risk.tiles import Row

# Ten thousand years on either side of 1970.
Moment = Annotated[int, msgspec.Meta(ge=-(1 << 59), le=1 << 59)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_MINOR)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Flat = tuple[Moment, Amount, tuple[Latitude, Longitude] | None, list[str | None]]


class Malformed(Exception):  # noqa: N818 - of Valkey's content; the store throws all of it away
    """What lies in Valkey was not written by us."""


class Trace(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`what`: "l" learned, "f" forgotten, "w" a word said at `said` that the payment is `fraud`.
    `groups`: the groups of the home it belongs to, as bits. `flat`: its row."""

    what: Literal["l", "f", "w"]
    id: str
    groups: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
    flat: Flat
    said: Moment = 0
    fraud: bool = False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Trace).decode


def write(trace: Trace) -> bytes:
    return _encode(trace)


def read(body: bytes, columns: int) -> Trace:
    """Raises Malformed for anything that `write` does not give."""
    try:
        trace = _decode(body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("a row") from None
    if len(trace.flat[3]) != columns:
        raise Malformed("a row of another width")
    return trace


def flat_of(row: Row) -> Flat:
    at, amount, place, *texts = row
    return at, amount, None if place is None else place[:2], texts


def row_of(flat: Flat) -> Row:
    at, amount, where, texts = flat
    place = None if where is None else (*where, cell_of(*where))
    return at, amount, place, *[text and intern(text) for text in texts]
