"""A proof that travels: one JSON document that shows a leaf to be in the log, checked offline."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anfu.evidence.checkpoint import read_head, signed_by
from anfu.evidence.log import Leaf, read_leaf
from anfu.evidence.merkle import leaf_hash
from anfu.evidence.proof import InclusionProof, verify_inclusion
from anfu.evidence.signer import VerifierKey, parse_key
from anfu.kernel.canonical import canonical_bytes

FORMAT = "anfu-evidence-bundle"
_MAX_BUNDLE = 16 << 20
_FIELDS = {"format": str, "v": int, "leaf": str, "index": int, "proof": list, "checkpoint": str,
           "key": str}  # fmt: skip

# What each numbered check says when it fails.
CHECKS: dict[int, tuple[str, str]] = {
    1: (
        "The document is not an evidence bundle of version 1.",
        "文件不是第 1 版存证证明。",
    ),
    2: (
        "The bundle was made with another key than the one you trust.",
        "证明所用的公钥不是您信任的公钥。",
    ),
    3: (
        "The checkpoint is not a well-formed signed note.",
        "检查点不是格式正确的签名文本。",
    ),
    4: (
        "The checkpoint is not signed by the key you trust, or was changed after signing.",
        "检查点不是由您信任的密钥签名，或在签名后被改动。",
    ),
    5: (
        "The record's number is outside the log that the checkpoint covers.",
        "记录的序号超出检查点所覆盖的日志范围。",
    ),
    6: (
        "The record is not in the log: it, its number or its proof was changed.",
        "记录不在日志中：记录、序号或证明路径被改动。",
    ),
    7: (
        "The record is in the log, but is not a well-formed leaf.",
        "记录在日志中，但不是格式正确的存证记录。",
    ),
}
PASSED = (
    "The record is in the log that the checkpoint covers, unchanged.",
    "记录在检查点所覆盖的日志中，未被改动。",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`failed` is the number of the first check in `CHECKS` that failed, None when all passed.
    `leaf`, `index` and `size` (of the log) are given only then."""

    failed: int | None
    reason_en: str
    reason_zh: str
    leaf: Leaf | None = None
    index: int | None = None
    size: int | None = None

    @property
    def valid(self) -> bool:
        return self.failed is None


def make_bundle(body: bytes, proof: InclusionProof, *, note: str, key: str) -> bytes:
    """The canonical bytes of a bundle. `body` is the leaf's own, `key` the signer's vkey."""
    return canonical_bytes(
        {
            "format": FORMAT,
            "v": 1,
            "leaf": body.decode(),
            "index": proof.index,
            "proof": [base64.b64encode(found).decode() for found in proof.hashes],
            "checkpoint": note,
            "key": key,
        }
    )


def verify_bundle(bundle: bytes, trusted: str) -> Verdict:
    """Check a bundle against the vkey `trusted`, without a network or a database.

    1. the document has the fields of a bundle, no more and none twice
    2. its key is the trusted one
    3. its checkpoint is well formed
    4. the trusted key signed the checkpoint, under its own name
    5. the leaf's index is below the checkpoint's size
    6. the inclusion proof leads from the leaf to the checkpoint's root (RFC 9162, 2.1.3.2)
    7. the leaf is in canonical form (RFC 8785)

    Never raises for what is in the bundle; raises ValueError when `trusted` is no vkey.
    """
    key = parse_key(trusted)
    try:
        return _verify(bundle, key)
    except _Failed as failure:
        return Verdict(failure.number, *CHECKS[failure.number])


def _verify(bundle: bytes, key: VerifierKey) -> Verdict:
    with _check(1):
        found = _read(bundle)
        hashes = tuple(base64.b64decode(text, validate=True) for text in found["proof"])
        body = found["leaf"].encode()
    with _check(2):
        _require(found["key"] == str(key))
    with _check(3):
        head = read_head(found["checkpoint"])
        signed = signed_by(found["checkpoint"], key)
    with _check(4):
        _require(signed and head.origin == key.name)
    with _check(5):
        _require(0 <= found["index"] < head.size)
    with _check(6):
        proof = InclusionProof(found["index"], head.size, hashes)
        _require(verify_inclusion(proof, leaf_hash(body), head.root))
    with _check(7):
        leaf = read_leaf(body)
    return Verdict(None, *PASSED, leaf=leaf, index=proof.index, size=head.size)


class _Failed(Exception):  # noqa: N818 - the way out of a check, never seen outside
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _check(number: int) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, RecursionError) as error:
        raise _Failed(number) from error


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


def _read(bundle: bytes) -> dict[str, Any]:
    if len(bundle) > _MAX_BUNDLE:
        raise ValueError("too large")
    document = json.loads(bundle.decode(), object_pairs_hook=_once)
    if not isinstance(document, dict) or document.keys() != _FIELDS.keys():
        raise ValueError("other fields")
    if any(type(document[name]) is not kind for name, kind in _FIELDS.items()):
        raise ValueError("other types")
    if document["format"] != FORMAT or document["v"] != 1:
        raise ValueError("another format")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ in which of two equal names they take; so there are never two."""
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name is there twice")
    return document
