"""One proof as the API gives it, kept as a file for whoever verifies in another language: what a
browser does with it, in the plain words of RFC 6962 and C2SP signed-note, and none of our code."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from anfu.evidence.bundle import make_bundle, verify_bundle
from anfu.evidence.checkpoint import Head, sign_head
from anfu.evidence.log import Leaf, leaf_bytes
from anfu.evidence.merkle import leaf_hash
from anfu.evidence.proof import InclusionProof, inclusion_ranges
from anfu.evidence.signer import load_signer
from anfu.evidence.tiles import Edge

FILE = Path(__file__).parent / "vectors" / "proof.json"
SIGNER = load_signer("pay.example/anfu", bytes(range(32)))
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SIZE, INDEX = 7, 4
BODIES = [
    leaf_bytes(Leaf("payment", "pay_1", AT + timedelta(seconds=n), {"state": "支付", "amount": n}))
    for n in range(SIZE)
]


def root_of(bodies: list[bytes]) -> bytes:
    edge = Edge()
    edge.grow(b"".join(leaf_hash(body) for body in bodies))
    return edge.root()


def vector() -> dict[str, Any]:
    """What the file holds: the bundle, and what comes out on the way."""
    root = root_of(BODIES)
    path = tuple(root_of(BODIES[start:end]) for start, end in inclusion_ranges(INDEX, SIZE))
    note = sign_head(Head(SIGNER.name, SIZE, root), SIGNER)
    proof = InclusionProof(INDEX, SIZE, path)
    bundle = make_bundle(BODIES[INDEX], proof, note=note, key=str(SIGNER.key))
    return {
        "bundle": json.loads(bundle),
        "public": base64.b64encode(SIGNER.key.public).decode(),
        "leaf_hash": leaf_hash(BODIES[INDEX]).hex(),
        "root": root.hex(),
        "signed_text": note.rpartition("\n\n")[0] + "\n",
    }


def recomputed(bundle: dict[str, Any], size: int) -> tuple[bytes, bytes]:
    """The leaf's hash and the root that follows from it (RFC 9162 2.1.3.2)."""
    leaf = found = sha256(b"\x00" + bundle["leaf"].encode()).digest()
    at, last = bundle["index"], size - 1
    for node in map(base64.b64decode, bundle["proof"]):
        if at % 2 or at == last:
            found = sha256(b"\x01" + node + found).digest()
            while not at % 2 and at:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + node).digest()
        at, last = at >> 1, last >> 1
    assert last == 0
    return leaf, found


def test_the_file_is_what_the_log_makes() -> None:
    kept = json.loads(FILE.read_text("utf-8"))
    assert kept == vector()
    verdict = verify_bundle(json.dumps(kept["bundle"]).encode(), str(SIGNER.key))
    assert (verdict.valid, verdict.index, verdict.size) == (True, INDEX, SIZE)


def test_it_verifies_without_our_code() -> None:
    kept = json.loads(FILE.read_text("utf-8"))
    bundle = kept["bundle"]
    text, _, lines = bundle["checkpoint"].rpartition("\n\n")
    name, size, root = text.split("\n")
    assert recomputed(bundle, int(size)) == (
        bytes.fromhex(kept["leaf_hash"]), bytes.fromhex(kept["root"])
    )  # fmt: skip
    assert base64.b64decode(root).hex() == kept["root"]
    dash, signer, encoded = lines.rstrip("\n").split(" ")
    assert (dash, signer, f"{text}\n") == ("—", name, kept["signed_text"])
    signature, public = base64.b64decode(encoded), base64.b64decode(kept["public"])
    assert signature[:4] == sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    key = Ed25519PublicKey.from_public_bytes(public)
    key.verify(signature[4:], kept["signed_text"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(signature[4:], kept["signed_text"].replace("7", "8").encode())


def test_another_leaf_gives_another_root() -> None:
    kept = json.loads(FILE.read_text("utf-8"))
    changed = {**kept["bundle"], "leaf": kept["bundle"]["leaf"].replace('"amount":4', '"amount":5')}
    assert recomputed(changed, SIZE)[1].hex() != kept["root"]
