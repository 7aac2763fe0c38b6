"""The bundle: golden bytes, and each numbered check failing in its turn."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from anfu.evidence.bundle import CHECKS, PASSED, make_bundle, verify_bundle
from anfu.evidence.checkpoint import Head, sign_head
from anfu.evidence.log import Leaf, leaf_bytes, read_leaf
from anfu.evidence.merkle import leaf_hash, node_hash
from anfu.evidence.proof import InclusionProof
from anfu.evidence.signer import load_signer
from anfu.kernel.canonical import canonical_bytes

NAME = "pay.example/anfu"
SIGNER = load_signer(NAME, bytes(range(32)))
OTHER = load_signer(NAME, bytes(range(1, 33)))
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LEAF = Leaf("payment.decided", "pay_1", AT, {"结果": "ALLOW", "score": 0.25})
BODY = leaf_bytes(LEAF)
SIBLING = leaf_hash(b"sibling")


def bundle(body: bytes = BODY, signer: Any = SIGNER, size: int = 2) -> bytes:
    root = node_hash(leaf_hash(body), SIBLING)
    note = sign_head(Head(signer.name, size, root), signer)
    proof = InclusionProof(0, 2, (SIBLING,))
    return make_bundle(body, proof, note=note, key=str(signer.key))


def changed(**fields: Any) -> bytes:
    return canonical_bytes(json.loads(bundle()) | fields)


def failed(found: bytes) -> int | None:
    verdict = verify_bundle(found, str(SIGNER.key))
    if verdict.failed is not None:
        assert (verdict.reason_en, verdict.reason_zh) == CHECKS[verdict.failed]
        assert (verdict.leaf, verdict.index, verdict.size) == (None, None, None)
    return verdict.failed


def test_golden_leaf() -> None:
    assert BODY.decode() == (
        '{"at":"2026-11-23T04:00:00.000000Z","body":{"score":0.25,"结果":"ALLOW"},'
        '"kind":"payment.decided","subject":"pay_1","v":1}'
    )
    assert read_leaf(BODY) == LEAF


def test_a_good_bundle() -> None:
    verdict = verify_bundle(bundle(), str(SIGNER.key))
    assert (verdict.valid, verdict.failed) == (True, None)
    assert (verdict.leaf, verdict.index, verdict.size) == (LEAF, 0, 2)
    assert (verdict.reason_en, verdict.reason_zh) == PASSED
    pretty = json.dumps(json.loads(bundle()), indent=2).encode()
    assert verify_bundle(pretty, str(SIGNER.key)).valid


def test_a_trusted_key_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="vkey"):
        verify_bundle(bundle(), "no key")


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 10_000,
        bundle()[:-1],
        bundle()[:-1] + b',"v":1}',
        changed(more=1),
        changed(format="x"),
        changed(v=2),
        changed(v=True),
        changed(index="0"),
        changed(index=0.5),
        changed(leaf=None),
        changed(proof="x"),
        changed(proof=[1]),
        changed(proof=["!"]),
        changed(proof=["\u4e00"]),
        bundle().replace(b"ALLOW", b"\\ud800"),
    ],
)
def test_1_what_is_no_bundle(found: bytes) -> None:
    assert failed(found) == 1


def test_2_another_key() -> None:
    assert failed(bundle(signer=OTHER)) == 2
    assert failed(changed(key="x")) == 2


def test_3_a_checkpoint_that_is_none() -> None:
    assert failed(changed(checkpoint="x")) == 3
    note = json.loads(bundle())["checkpoint"]
    assert failed(changed(checkpoint=note.replace("\n2\n", "\n02\n"))) == 3


def test_4_a_checkpoint_changed_or_signed_by_another() -> None:
    note = json.loads(bundle())["checkpoint"]
    assert failed(changed(checkpoint=note.replace("\n2\n", "\n3\n"))) == 4
    assert failed(changed(checkpoint=json.loads(bundle(signer=OTHER))["checkpoint"])) == 4


def test_5_an_index_outside_the_log() -> None:
    assert failed(changed(index=2)) == 5
    assert failed(changed(index=-1)) == 5
    assert failed(changed(index=10**15)) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found | {"leaf": found["leaf"].replace("ALLOW", "BLOCK")},
        lambda found: found | {"leaf": found["leaf"] + " "},
        lambda found: found | {"index": 1},
        lambda found: found | {"proof": []},
        lambda found: found | {"proof": found["proof"] * 2},
        lambda found: found | {"proof": [found["proof"][0][:40] + "AAA="]},
    ],
)
def test_6_a_leaf_that_is_not_there(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    assert failed(canonical_bytes(change(json.loads(bundle())))) == 6


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"text",
        b" " + BODY,
        BODY.replace(b'"v":1', b'"v":2'),
        BODY.replace(b'"v":1', b'"v":true'),
        BODY.replace(b"pay_1", b""),
        BODY.replace(b"04:00:00.000000Z", b"04:00:00Z"),
        BODY.replace(b"04:00:00.000000Z", b"04:00:00.000000"),
        BODY.replace(b"04:00:00.000000Z", b"12:00:00.000000+08:00"),
        BODY.replace(b'"kind":"payment.decided"', b'"kind":3'),
        BODY.replace(b'"kind":"payment.decided"', b'"kind":{"a":1}'),
        BODY.replace(b"0.25", b"0.250"),
        BODY.replace(b'{"score"', b'{"score":1,"score"'),
    ],
)
def test_7_a_sealed_leaf_that_is_no_leaf(body: bytes) -> None:
    assert failed(bundle(body)) == 7


def test_every_reason_is_said_in_two_languages() -> None:
    for english, chinese in (*CHECKS.values(), PASSED):
        assert english.isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese)
