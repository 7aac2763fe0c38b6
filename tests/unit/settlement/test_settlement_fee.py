"""Fees: tiers, bounds, halves, and what refunds give back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anfu.settlement.terms.fee import Fee, Tier, fee_of, returned_of

FLAT = Fee([Tier(0, 60)])
TIERS = Fee([Tier(0, 60), Tier(1_000_000, 38), Tier(5_000_000, 30)], least=1, most=2_000)


def charged(fee: Fee, amount: int, volume: int = 0) -> int:
    return fee_of(fee, amount, volume=volume, currency="CNY")


def test_half_a_fen_is_rounded_up() -> None:
    assert [charged(FLAT, amount) for amount in (83, 84, 250, 10_000)] == [0, 1, 2, 60]


def test_a_payment_is_charged_by_the_volume_before_it() -> None:
    volumes = (0, 999_999, 1_000_000, 4_999_999, 5_000_000)
    assert [charged(TIERS, 100_000, volume) for volume in volumes] == [600, 600, 380, 380, 300]


def test_bounds_of_one_payment() -> None:
    assert charged(TIERS, 10) == 1
    assert charged(TIERS, 1_000_000) == 2_000
    assert charged(Fee([Tier(0, 0)], least=50), 30) == 30


def test_refunds_give_back_their_share_and_in_the_end_the_whole_fee() -> None:
    parts, before = [], 0
    for refund in (333, 333, 334):
        parts.append(returned_of(7, 1_000, before=before, refund=refund))
        before += refund
    assert parts == [2, 2, 3]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**9), min_size=1, max_size=20))
def test_no_more_than_the_fee_is_ever_given_back(fee: int, refunds: list[int]) -> None:
    paid, before, total = sum(refunds) + 1, 0, 0
    for refund in refunds:
        total += returned_of(fee, paid, before=before, refund=refund)
        before += refund
        assert 0 <= total <= fee
    assert total + returned_of(fee, paid, before=before, refund=1) == fee
