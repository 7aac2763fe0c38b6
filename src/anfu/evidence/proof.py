"""Inclusion and consistency proofs of RFC 9162 sections 2.1.3 and 2.1.4.

A proof is a list of node hashes. The `*_ranges` functions name those nodes by the leaves below
them, in order; `tiles.range_hash` gives their hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anfu.evidence.merkle import HASH, node_hash

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That leaf `index` is in the tree of `size` leaves."""

    index: int
    size: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of `first` leaves is the beginning of the tree of `second` leaves."""

    first: int
    second: int
    hashes: tuple[bytes, ...]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The audit path of section 2.1.3.1. Raises ValueError unless `0 <= index < size`."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    path: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The proof of section 2.1.4.1. Raises ValueError unless `1 <= first <= second`."""
    if not 1 <= first <= second:
        raise ValueError("only a tree that is not empty begins a larger one")
    path: list[Range] = []
    start, end = 0, second
    while first != end:
        middle = _middle(start, end)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start > 0:
        path.append((start, end))
    return path[::-1]


def verify_inclusion(proof: InclusionProof, leaf: bytes, root: bytes) -> bool:
    """Whether the leaf with the hash `leaf` is where `proof` says (section 2.1.3.2)."""
    if not 0 <= proof.index < proof.size or not _hashes(proof.hashes, leaf, root):
        return False
    at, last, found = proof.index, proof.size - 1, leaf
    for other in proof.hashes:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(proof: ConsistencyProof, first_root: bytes, second_root: bytes) -> bool:
    """Whether the tree with `first_root` begins the one with `second_root` (section 2.1.4.2)."""
    first, second = proof.first, proof.second
    if not 1 <= first <= second or not _hashes(proof.hashes, first_root, second_root):
        return False
    if first == second:
        return not proof.hashes and first_root == second_root
    path = list(proof.hashes)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    at, last = _strip(first - 1, second - 1)
    older = newer = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(other, older), node_hash(other, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, other)
        at, last = at >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


def _strip(at: int, last: int) -> tuple[int, int]:
    """Go up while the older tree's last node is a right child: to its largest perfect subtree."""
    while at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _middle(start: int, end: int) -> int:
    """Where a node splits: after the largest power of two that is smaller than its leaves."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _hashes(path: Sequence[bytes], *more: bytes) -> bool:
    return all(len(found) == HASH for found in (*path, *more))
