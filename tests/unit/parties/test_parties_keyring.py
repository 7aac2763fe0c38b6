"""The key ring: sealing, versions, the text form, and what it never shows."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.parties.keyring import KeyRing, Sealer

A, B, INDEX = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
TEXT = f"anfu-keyring-v1\nindex {INDEX.hex()}\nseal 1 {A.hex()}\nseal 2 {B.hex()} active\n"


def ring() -> KeyRing:
    return KeyRing({1: A, 2: B}, active=2, index_key=INDEX)


def test_the_text_form_is_exact_and_comes_back() -> None:
    assert ring().to_text() == TEXT
    again = KeyRing.parse(TEXT)
    assert again.to_text() == TEXT
    assert (again.active, again.versions) == (2, (1, 2))
    generated = KeyRing.generate(SeededEntropy(1))
    assert KeyRing.parse(generated.to_text()).to_text() == generated.to_text()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("anfu-keyring-v2\n" + TEXT.partition("\n")[2], 1),
        ("anfu-keyring-v1\n", 2),
        (TEXT.replace("index ", "index  "), 2),
        (TEXT.replace("seal 2", "seal 1"), 4),
        (TEXT.replace("seal 2", "seal 256"), 4),
        (TEXT.replace("seal 1 ", "seal 0 "), 3),
        (TEXT.replace(" active", ""), 4),
        (TEXT.replace(A.hex(), A.hex() + " active"), 4),
        (TEXT.replace(A.hex(), A.hex()[:-2]), 3),
        (TEXT.replace(A.hex(), A.hex().upper()), 3),
        (TEXT + "\n", 5),
    ],
)
def test_a_malformed_ring_is_refused_by_line_and_never_repeated(text: str, line: int) -> None:
    with pytest.raises(Refused) as refused:
        KeyRing.parse(text)
    assert (refused.value.code, refused.value.details) == ("keyring_malformed", {"line": line})
    told = "".join(traceback.format_exception(refused.value))
    assert all(key.hex() not in told for key in (A, B, INDEX))


def test_sealed_is_version_nonce_and_authenticated_cipher_text() -> None:
    sealed = ring().seal(b"plain", bound_to="cus_1", entropy=SeededEntropy(3))
    assert sealed[0] == 2
    assert sealed[1:13] == SeededEntropy(3).bytes(12)
    assert len(sealed) == 1 + 12 + 5 + 16
    assert ring().unseal(sealed, bound_to="cus_1") == b"plain"


def test_aes_gcm_answers_as_the_published_vector_does() -> None:
    """McGrew and Viega, test case 14: zero key, zero nonce, one zero block."""

    class Zeros:
        def bytes(self, count: int) -> bytes:
            return bytes(count)

    sealed = KeyRing({1: bytes(32)}, active=1, index_key=INDEX).seal(
        bytes(16), bound_to="", entropy=Zeros()
    )
    assert sealed[13:].hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


def test_another_row_a_changed_byte_and_a_missing_key_do_not_open() -> None:
    sealed = ring().seal(b"plain", bound_to="cus_1", entropy=SeededEntropy(3))
    with pytest.raises(BrokenInvariant, match="does not open"):
        ring().unseal(sealed, bound_to="cus_2")
    for place in range(1, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(BrokenInvariant):
            ring().unseal(bytes(changed), bound_to="cus_1")
    relabelled = b"\x01" + sealed[1:]
    with pytest.raises(BrokenInvariant, match="does not open"):
        ring().unseal(relabelled, bound_to="cus_1")
    with pytest.raises(BrokenInvariant, match="key 2: not in the ring"):
        KeyRing({1: A}, active=1, index_key=INDEX).unseal(sealed, bound_to="cus_1")


def test_a_rotated_ring_reads_the_old_and_writes_the_new() -> None:
    old = ring().seal(b"plain", bound_to="x", entropy=SeededEntropy(3))
    prepared = ring().with_prepared_key(SeededEntropy(4))
    assert (prepared.active, prepared.prepared, prepared.versions) == (2, 3, (1, 2, 3))
    assert prepared.seal(b"plain", bound_to="x", entropy=SeededEntropy(5))[0] == 2
    assert KeyRing.parse(prepared.to_text()).prepared == 3
    rotated = prepared.with_newest_active()
    assert (rotated.active, rotated.prepared, rotated.versions) == (3, None, (1, 2, 3))
    assert rotated.unseal(old, bound_to="x") == b"plain"
    assert rotated.seal(b"plain", bound_to="x", entropy=SeededEntropy(5))[0] == 3
    assert rotated.blind_index("phone", "1") == ring().blind_index("phone", "1")
    assert rotated.without(1).versions == (2, 3)
    with pytest.raises(ValueError, match="active"):
        rotated.without(3)


def test_versions_end_at_255() -> None:
    last = KeyRing({255: A}, active=255, index_key=INDEX)
    with pytest.raises(Refused, match="data_keys_used_up"):
        last.with_prepared_key(SeededEntropy(1))


@pytest.mark.parametrize("keys", [{}, {1: A[:31]}, {0: A, 1: A}, {1: A, 256: B}, {2: A}])
def test_a_ring_that_cannot_be_is_not_built(keys: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match=r"ring|versions"):
        KeyRing(keys, active=1, index_key=INDEX)


def test_the_blind_index_tells_kinds_and_boundaries_apart() -> None:
    index = ring().blind_index
    assert len(index("phone", "13800138000")) == 32
    assert index("phone", "1") != index("document", "1")
    assert index("document", "AB", "C") != index("document", "A", "BC")
    other = KeyRing({1: A}, active=1, index_key=B)
    assert other.blind_index("phone", "1") != index("phone", "1")


def test_no_way_of_printing_shows_a_key() -> None:
    shown = [repr(ring()), str(ring()), f"{ring()}", repr(Sealer(ring(), SeededEntropy(1)))]
    assert shown[0] == "KeyRing(active=2, versions=(1, 2))"
    for text in shown:
        assert all(k.hex() not in text and repr(k) not in text for k in (A, B, INDEX))
    for carry in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            carry(ring())
    assert not hasattr(ring(), "__dict__")
