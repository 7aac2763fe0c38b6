"""The tracks of one key, packed: plain values, checked when they are read back.

Running figures that are found again from the rows are left out; those that are kept of rows long
gone are in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from anfu.risk.shared.groups import LAST, ROWS, SETTLED, TILES, Group, Home, Shelf, Track
from anfu.risk.shared.told import Told
from anfu.risk.shared.trace import Amount, Flat, Malformed, Moment, flat_of, row_of
from anfu.risk.shared.tracks import Settled
from anfu.risk.sketch import Sketch
from anfu.risk.tiles import Ring, Tile, Tiles

Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Large = Annotated[str, msgspec.Meta(max_length=60, pattern="^-?[0-9]+$")]
Position = tuple[Moment, float, float]
Words = list[tuple[Moment, bool]]
_FIGURES = ("total", "squares")


class _Plain(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    pass


class PackedSettled(_Plain):
    count: Count
    first: Moment
    last: Moment
    oldest: Amount
    newest: Amount
    most: Amount | None
    least: Amount | None
    pairs: list[dict[str, Moment]]
    place: Position | None


class PackedTile(_Plain):
    count: Count
    total: Large
    squares: Large
    most: Amount | None
    least: Amount | None
    first: tuple[Moment, Amount] | None
    last: tuple[Moment, Amount] | None
    sketches: list[bytes]


class PackedTrack(_Plain):
    """`spans`: of each span the places `low` and `high` (0 without them), total and squares.
    `told`: (time, id, words). `places`: counts of cells, the usual one, the latest position."""

    rows: list[Flat]
    last: Moment
    spans: list[tuple[Count, Count, Large, Large]]
    settled: PackedSettled | None = None
    rings: list[dict[int, PackedTile] | None] | None = None
    told: list[tuple[Moment, str, Words]] | None = None
    cells: dict[int, Count] | None = None
    usual: tuple[Count, int] | None = None
    latest: Position | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[PackedTrack | None]).decode


def pack(home: Home, shelf: Shelf) -> bytes:
    return _encode([_pack(g, t) for g, t in zip(home.groups, shelf, strict=True)])


def unpack(home: Home, body: bytes, columns: int) -> Shelf:
    """Raises Malformed for anything that cannot have been packed of tracks of this home."""
    try:
        packed = _decode(body)
        pairs = zip(home.groups, packed, strict=True)
        return [None if p is None else _unpack(g, p, columns) for g, p in pairs]
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, TypeError):
        raise Malformed("a snapshot") from None


def _pack(group: Group, track: Track | None) -> PackedTrack | None:
    if track is None:
        return None
    packed = PackedTrack([flat_of(row) for row in track[ROWS]], track[LAST], _spans(group, track))
    if track[SETTLED] is not None:
        packed.settled = PackedSettled(
            *(getattr(track[SETTLED], name) for name in PackedSettled.__struct_fields__)
        )
    if track[TILES] is not None:
        packed.rings = [None if r is None else _ring(r) for r in track[TILES].rings]
    told = track[group.slot["told"]] if group.labelled else None
    if told is not None:
        words: Iterable[Any] = [*((*key, said) for key, said in told.honest.items()), *told.frauds]
        packed.told = list(words)
    if group.placed:
        for name in ("cells", "usual", "latest"):
            setattr(packed, name, track[group.slot[name]])
    return packed


def _spans(group: Group, track: Track) -> list[tuple[int, int, str, str]]:
    return [
        (
            0 if span.low is None else track[span.low],
            0 if span.high is None else track[span.high],
            *(str(track[span.sums[n]]) if n in span.sums else "0" for n in _FIGURES),
        )  # type: ignore[misc]
        for span in group.spans
    ]


def _ring(ring: Ring) -> dict[int, PackedTile]:
    return {
        number: PackedTile(
            t.count, str(t.total), str(t.squares), t.most, t.least, t.first, t.last,
            [bytes(sketch.registers) for sketch in t.sketches],
        )
        for number, t in ring.tiles.items()
    }  # fmt: skip


def _unpack(group: Group, packed: PackedTrack, columns: int) -> Track:
    track = group.fresh()
    track[ROWS], track[LAST] = [row_of(flat) for flat in packed.rows], packed.last
    _check(all(len(flat[3]) == columns for flat in packed.rows))
    times = [flat[0] for flat in packed.rows]
    _check(times == sorted(times) and (not times or times[-1] <= packed.last))
    for span, (low, high, *figures) in zip(group.spans, packed.spans, strict=True):
        end = len(times) if span.high is None else high
        _check(low <= end <= len(times))
        for slot, value in ((span.low, low), (span.high, high)):
            if slot is not None:
                track[slot] = value
        for name, figure in zip(_FIGURES, figures, strict=True):
            if name in span.sums:
                track[span.sums[name]] = int(figure)
    if packed.settled is not None:
        track[SETTLED] = _settled(group, packed.settled)
    if packed.rings is not None:
        track[TILES] = _tiles(group, packed.rings)
    if packed.told is not None:
        track[group.slot["told"]] = _told(group, packed.told)
    if group.placed:
        for name in ("cells", "usual", "latest"):
            track[group.slot[name]] = getattr(packed, name)
    return track


def _settled(group: Group, packed: PackedSettled) -> Settled:
    _check(len(packed.pairs) == len(group.firsts))
    settled = Settled(packed.first, len(group.firsts))
    for name in PackedSettled.__struct_fields__:
        setattr(settled, name, getattr(packed, name))
    settled.pairs = tuple(packed.pairs)
    return settled


def _tiles(group: Group, rings: list[dict[int, PackedTile] | None]) -> Tiles:
    tiles = Tiles(group.cuts(), ())
    for ring, packed in zip(tiles.rings, rings, strict=True):
        _check((ring is None) == (packed is None))
        if ring is not None and packed is not None:
            ring.tiles = {n: _tile(tile, len(ring.columns)) for n, tile in packed.items()}
    return tiles


def _tile(packed: PackedTile, columns: int) -> Tile:
    tile = Tile(columns)
    for name in ("count", "most", "least", "first", "last"):
        setattr(tile, name, getattr(packed, name))
    tile.total, tile.squares = int(packed.total), int(packed.squares)
    _check(len(packed.sketches) == columns)
    tile.sketches = tuple(Sketch.of(registers) for registers in packed.sketches)
    return tile


def _told(group: Group, packed: list[tuple[int, str, Words]]) -> Told:
    _check(group.labelled)
    told = Told()
    for at, payment, words in packed:
        for word in words:
            told.hear(at, payment, word)
    return told


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("cannot have been packed")
