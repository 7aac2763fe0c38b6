"""The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962's), with SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf; its prefix keeps a node from being passed off as a leaf."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The root over 2^k concatenated hashes: a perfect subtree."""
    while len(hashes) > HASH:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[i : i + 64]).digest() for i in range(0, len(hashes), 64)]
        )
    return hashes


def join(subtrees: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees, the largest first, as `perfect` lists them."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def perfect(start: int, end: int) -> list[tuple[int, int]]:
    """The perfect subtrees of the leaves `[start, end)` as (height, index), the largest first.

    `start` is a multiple of a power of two that is no less than `end - start`, as it is for every
    node of a tree.
    """
    found = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append((height, start >> height))
        start += 1 << height
    return found
