"""Trees of any size: proofs verify, and nothing changed about them ever does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anfu.evidence.merkle import HASH, leaf_hash
from anfu.evidence.proof import (
    ConsistencyProof,
    InclusionProof,
    consistency_ranges,
    inclusion_ranges,
    verify_consistency,
    verify_inclusion,
)
from anfu.evidence.tiles import Edge, Place, range_hash, range_places

MOST = 70_000
HASHES = b"".join(leaf_hash(number.to_bytes(4, "big")) for number in range(MOST))


def tree(size: int, cuts: list[int]) -> tuple[Edge, dict[Place, bytes]]:
    """A tree grown in steps, each from stored tiles alone, as sealing does."""
    kept: dict[Place, bytes] = {}
    edge = Edge()
    for cut in sorted({min(cut, size) for cut in cuts} | {size}):
        edge = Edge(edge.size, kept)
        full = edge.grow(HASHES[edge.size * HASH : cut * HASH])
        kept |= {tile.place: tile.hashes for tile in (*full, *edge.partial())}
    return edge, kept


GROWN = tree(MOST, [])


def root(size: int) -> bytes:
    edge = Edge()
    edge.grow(HASHES[: size * HASH])
    return edge.root()


@given(st.integers(1, 3000), st.lists(st.integers(0, 3000), max_size=4), st.data())
@settings(deadline=None)
def test_however_a_tree_grew_its_proofs_verify_and_changed_ones_do_not(
    size: int, cuts: list[int], data: st.DataObject
) -> None:
    edge, tiles = tree(size, cuts)
    assert edge.root() == root(size)
    index = data.draw(st.integers(0, size - 1))
    path = tuple(range_hash(tiles, *found) for found in inclusion_ranges(index, size))
    leaf = HASHES[index * HASH : (index + 1) * HASH]
    assert verify_inclusion(InclusionProof(index, size, path), leaf, edge.root())
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index) if size > 1
                      else st.just(size))  # fmt: skip
    assert not verify_inclusion(InclusionProof(other, size, path), leaf, edge.root())
    bad = data.draw(mutated(path))
    assert not verify_inclusion(InclusionProof(index, size, bad), leaf, edge.root())
    assert not verify_inclusion(InclusionProof(index, size, path), flipped(leaf, 3), edge.root())


@given(st.integers(1, MOST), st.integers(1, MOST), st.data())
@settings(deadline=None, max_examples=40)
def test_consistency_of_any_two_sizes(one: int, two: int, data: st.DataObject) -> None:
    first, second = sorted((one, two))
    tiles = GROWN[1]
    ranges = consistency_ranges(first, second)
    assert len(range_places(ranges)) <= 2 * 3
    path = tuple(range_hash(tiles, *found) for found in ranges)
    older, newer = root(first), root(second)
    assert verify_consistency(ConsistencyProof(first, second, path), older, newer)
    bad = data.draw(mutated(path))
    assert not verify_consistency(ConsistencyProof(first, second, bad), older, newer)
    if first != second:
        assert not verify_consistency(ConsistencyProof(first, second, path), newer, older)
    at = data.draw(st.integers(0, 255))
    assert not verify_consistency(ConsistencyProof(first, second, path), flipped(older, at), newer)
    assert not verify_consistency(ConsistencyProof(first, second, path), older, flipped(newer, at))


def flipped(found: bytes, bit: int) -> bytes:
    return (int.from_bytes(found, "big") ^ (1 << bit)).to_bytes(HASH, "big")


@st.composite
def mutated(draw: st.DrawFn, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """`path` with a bit changed, or a hash removed, added or doubled."""
    at = draw(st.integers(0, len(path)))
    if at == len(path):
        return (*path, draw(st.binary(min_size=HASH, max_size=HASH)))
    how = draw(st.sampled_from(["flip", "drop", "double"]))
    if how == "flip":
        return (*path[:at], flipped(path[at], draw(st.integers(0, 255))), *path[at + 1 :])
    return path[:at] + path[at : at + 1] * (2 if how == "double" else 0) + path[at + 1 :]
