"""The tree and its proofs against the reference tree of Certificate Transparency."""

from __future__ import annotations

from hashlib import sha256

import pytest

from anfu.evidence.merkle import EMPTY_ROOT, HASH, join, leaf_hash, node_hash, perfect
from anfu.evidence.proof import (
    ConsistencyProof,
    InclusionProof,
    consistency_ranges,
    inclusion_ranges,
    verify_consistency,
    verify_inclusion,
)
from anfu.evidence.tiles import Edge, range_hash

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZES = 70


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_path(m: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1, word for word."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m < k:
        return [*naive_path(m, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive_root(hashes[:k])]


def naive_subproof(m: int, hashes: list[bytes], complete: bool = True) -> list[bytes]:
    """RFC 9162 section 2.1.4.1, word for word."""
    if m == len(hashes):
        return [] if complete else [naive_root(hashes)]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, hashes[:k], complete), naive_root(hashes[k:])]
    return [*naive_subproof(m - k, hashes[k:], False), naive_root(hashes[:k])]


def numbered(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def test_the_roots_of_the_reference_tree() -> None:
    assert Edge().root() == EMPTY_ROOT == sha256(b"").digest()
    edge = Edge()
    for size, body in enumerate(LEAVES, start=1):
        edge.grow(leaf_hash(body))
        assert edge.root().hex() == ROOTS[size]


def test_known_proofs_of_the_reference_tree() -> None:
    tiles = {(0, 0): b"".join(leaf_hash(body) for body in LEAVES)}
    path = [range_hash(tiles, *found).hex() for found in inclusion_ranges(0, 8)]
    assert path == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    path = [range_hash(tiles, *found).hex() for found in consistency_ranges(6, 8)]
    assert path == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_proof_of_every_small_tree(size: int) -> None:
    hashes = numbered(size)
    tiles = {(0, 0): b"".join(hashes)}
    root = naive_root(hashes)
    assert join([range_hash(tiles, i << h, (i + 1) << h) for h, i in perfect(0, size)]) == root
    for index in range(size):
        path = tuple(range_hash(tiles, *found) for found in inclusion_ranges(index, size))
        assert list(path) == naive_path(index, hashes)
        assert verify_inclusion(InclusionProof(index, size, path), hashes[index], root)
    for first in range(1, size + 1):
        path = tuple(range_hash(tiles, *found) for found in consistency_ranges(first, size))
        assert list(path) == naive_subproof(first, hashes)
        older = naive_root(hashes[:first])
        assert verify_consistency(ConsistencyProof(first, size, path), older, root)


def test_a_proof_serves_no_other_place_and_no_other_size() -> None:
    hashes = numbered(21)
    tiles = {(0, 0): b"".join(hashes)}
    root = naive_root(hashes)
    path = tuple(range_hash(tiles, *found) for found in inclusion_ranges(9, 21))
    right = [
        (index, size)
        for index in range(-1, 40)
        for size in range(40)
        if verify_inclusion(InclusionProof(index, size, path), hashes[9], root)
    ]
    # The size is vouched for by the checkpoint, not by the path: other sizes of the same shape
    # along this path pass here, and no other place does.
    assert {index for index, _ in right} == {9}
    assert (9, 21) in right


def test_what_is_not_in_a_tree_has_no_proof() -> None:
    for index, size in ((-1, 4), (4, 4), (0, 0)):
        with pytest.raises(ValueError, match="not in the tree"):
            inclusion_ranges(index, size)
    for first, second in ((0, 4), (5, 4), (-1, 3)):
        with pytest.raises(ValueError, match="larger one"):
            consistency_ranges(first, second)


def test_an_attack_a_node_is_not_a_leaf() -> None:
    """The second preimage that RFC 9162's prefixes prevent: two leaves' hashes sold as a leaf."""
    left, right = numbered(2)
    root = node_hash(left, right)
    assert leaf_hash(left + right) != root
    assert not verify_inclusion(InclusionProof(0, 1, ()), leaf_hash(left + right), root)


def test_hashes_of_another_length_prove_nothing() -> None:
    left, right = numbered(2)
    root = node_hash(left, right)
    assert verify_inclusion(InclusionProof(0, 2, (right,)), left, root)
    assert not verify_inclusion(InclusionProof(0, 2, (right + b"\0",)), left, root)
    # The boundary between the two children moved by one byte: the same bytes are hashed.
    assert not verify_inclusion(InclusionProof(0, 2, (right[1:],)), left + right[:1], root)
    assert len(root) == HASH


def test_a_path_of_the_wrong_length_is_refused_whatever_it_hashes_to() -> None:
    left, right = numbered(2)
    root = node_hash(left, right)
    assert not verify_inclusion(InclusionProof(0, 8, (right,)), left, root)
    assert not verify_inclusion(InclusionProof(0, 1, (right,)), left, root)


def test_equal_trees_need_no_hashes_and_get_none() -> None:
    root = naive_root(numbered(5))
    assert verify_consistency(ConsistencyProof(5, 5, ()), root, root)
    assert not verify_consistency(ConsistencyProof(5, 5, (root,)), root, root)
    assert not verify_consistency(ConsistencyProof(5, 5, ()), root, naive_root(numbered(6)))
    assert not verify_consistency(ConsistencyProof(0, 5, ()), EMPTY_ROOT, root)
    assert not verify_consistency(ConsistencyProof(3, 5, ()), root, root)
