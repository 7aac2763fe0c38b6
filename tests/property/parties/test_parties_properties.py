"""What holds for every request, person and sealed value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy
from anfu.parties.keyring import KeyRing
from anfu.parties.person import mask_middle, parse_phone
from anfu.parties.signature import SignedRequest, sign_request, signed_text, verify_request

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
RING = KeyRing.generate(SeededEntropy(1))
# A small alphabet of the framing's own characters, so that boundaries meet.
PART = st.text("0 1.-P/", max_size=6)
REQUESTS = st.builds(
    SignedRequest, PART, PART, st.none() | PART, PART.map(str.encode)
)  # fmt: skip
ANYTHING = st.builds(SignedRequest, st.text(), st.text(), st.none() | st.text(), st.binary())


@given(REQUESTS, REQUESTS, st.integers(1, 20), st.integers(1, 20))
def test_two_requests_never_give_one_text(
    one: SignedRequest, other: SignedRequest, at: int, then: int
) -> None:
    same = signed_text(one, at) == signed_text(other, then)
    assert same == ((one, at) == (other, then))


@given(REQUESTS, st.data())
def test_no_cut_of_the_same_bytes_gives_one_text(one: SignedRequest, data: st.DataObject) -> None:
    whole = one.method + one.target + (one.idempotency_key or "") + one.body.decode()
    cuts = sorted(data.draw(st.integers(0, len(whole))) for _ in range(3))
    a, b, c = cuts
    other = SignedRequest(whole[:a], whole[a:b], whole[b:c], whole[c:].encode())
    assert (signed_text(one, 1) == signed_text(other, 1)) == (one == other)


@given(ANYTHING, st.binary(min_size=32, max_size=32))
def test_what_is_signed_verifies_and_by_no_other_key(request: SignedRequest, key: bytes) -> None:
    header = sign_request(key, request=request, now=NOW)
    verify_request(header, key=key, request=request, now=NOW)
    other = bytes([key[0] ^ 1]) + key[1:]
    with pytest.raises(Refused, match="signature_invalid"):
        verify_request(header, key=other, request=request, now=NOW)


@given(st.text())
def test_any_header_is_answered_with_a_refusal(header: str) -> None:
    with pytest.raises(Refused, match="signature_malformed"):
        verify_request(header, key=bytes(32), request=SignedRequest("", "", None, b""), now=NOW)


@given(st.binary(max_size=200), st.text(), st.text(), st.integers())
def test_sealed_opens_for_its_row_only(plain: bytes, row: str, other: str, seed: int) -> None:
    sealed = RING.seal(plain, bound_to=row, entropy=SeededEntropy(seed))
    assert RING.unseal(sealed, bound_to=row) == plain
    if row != other:
        with pytest.raises(BrokenInvariant):
            RING.unseal(sealed, bound_to=other)


@given(st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True))
def test_normalising_a_phone_twice_changes_nothing(phone: str) -> None:
    assert parse_phone(parse_phone(phone)) == parse_phone(phone)


@given(st.text("0123456789", min_size=5, max_size=20))
def test_a_mask_hides_at_least_three_and_keeps_the_length(text: str) -> None:
    shown = mask_middle(text)
    assert len(shown) == len(text)
    assert shown.count("*") >= 3
    assert shown[-2:] == text[-2:]
