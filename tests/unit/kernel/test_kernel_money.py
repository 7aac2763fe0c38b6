"""Money is exact, refuses what is no amount, and loses nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import MAX_MINOR, Money, Rate, Rounding, parse_money


def fen(minor: int) -> Money:
    return Money(minor, "CNY")


@pytest.mark.parametrize("minor", [-1, MAX_MINOR + 1, 1.0, True, "1", None])
def test_an_amount_is_a_whole_number_in_range(minor: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Money(minor, "CNY")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "cny", "XXX", "BTC", "CNY "])
def test_a_currency_is_one_of_iso_4217(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


def test_sums_are_exact_and_never_mix_currencies_or_turn_negative() -> None:
    assert fen(MAX_MINOR - 1) + fen(1) == fen(MAX_MINOR)
    assert fen(5) - fen(5) == fen(0)
    with pytest.raises(ValueError, match="whole number"):
        fen(5) - fen(6)
    with pytest.raises(ValueError, match="whole number"):
        fen(MAX_MINOR) + fen(1)
    for act in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(ValueError, match="CNY and USD do not mix"):
            act(fen(1), Money(1, "USD"))


def test_amounts_compare_only_by_order_of_one_currency() -> None:
    assert fen(1) < fen(2) <= fen(2)
    assert fen(3) > fen(2) >= fen(2)
    assert fen(1) != Money(1, "USD")
    with pytest.raises(TypeError):
        fen(4) / 2  # type: ignore[operator]
    with pytest.raises(TypeError):
        fen(4) * 0.5  # type: ignore[operator]


def test_a_split_gives_the_remainder_to_the_largest_remainders_earlier_first() -> None:
    assert fen(100).split([1, 1, 1]) == [fen(34), fen(33), fen(33)]
    assert fen(10).split([1, 2, 4]) == [fen(1), fen(3), fen(6)]
    assert fen(5).split([0, 1]) == [fen(0), fen(5)]
    assert fen(0).split([3, 4]) == [fen(0), fen(0)]
    assert fen(MAX_MINOR).split([MAX_MINOR, 1]) == [fen(MAX_MINOR - 1), fen(1)]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1]])
def test_a_split_needs_a_positive_weight(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        fen(1).split(weights)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123, "JPY", "123 JPY"),
        (5, "CNY", "0.05 CNY"),
        (123_456, "CNY", "1234.56 CNY"),
        (1_001, "KWD", "1.001 KWD"),
        (MAX_MINOR, "CNY", "90071992547409.91 CNY"),
        (0, "BHD", "0.000 BHD"),
    ],
)
def test_text_has_the_decimals_of_its_currency(minor: int, currency: str, text: str) -> None:
    assert str(Money(minor, currency)) == text
    assert parse_money(text.split(maxsplit=1)[0], currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("1.000", "CNY", "amount_invalid"),
        ("1." + "0" * 40 + "1", "CNY", "amount_invalid"),
        ("1.005", "CNY", "amount_invalid"),
        ("1.5", "JPY", "amount_invalid"),
        ("1.0005", "KWD", "amount_invalid"),
        ("-1", "CNY", "amount_invalid"),
        ("-0", "CNY", "amount_invalid"),
        ("+1", "CNY", "amount_invalid"),
        ("1e2", "CNY", "amount_invalid"),
        ("1E400000", "CNY", "amount_invalid"),
        ("NaN", "CNY", "amount_invalid"),
        ("sNaN", "CNY", "amount_invalid"),
        ("Infinity", "CNY", "amount_invalid"),
        ("1_000", "CNY", "amount_invalid"),
        (" 1", "CNY", "amount_invalid"),
        ("1\n", "CNY", "amount_invalid"),
        ("", "CNY", "amount_invalid"),
        (".5", "CNY", "amount_invalid"),
        ("1.", "CNY", "amount_invalid"),
        ("1,50", "CNY", "amount_invalid"),
        ("0x10", "CNY", "amount_invalid"),
        ("١٢", "CNY", "amount_invalid"),
        ("12元", "CNY", "amount_invalid"),
        ("90071992547409.92", "CNY", "amount_too_large"),
        ("9" * 400, "CNY", "amount_too_large"),
        ("1", "ABC", "currency_unknown"),
    ],
)
def test_text_that_is_no_amount_is_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_money(text, currency)
    assert refused.value.code == code
    assert refused.value.field == ("currency" if code == "currency_unknown" else "amount")


def test_trailing_decimals_may_be_left_out() -> None:
    assert parse_money("7", "CNY") == fen(700)
    assert parse_money("7.5", "CNY") == fen(750)
    assert parse_money("0" * 5000 + "7.50", "CNY") == fen(750)


@pytest.mark.parametrize(
    ("rounding", "minor"),
    [
        (Rounding.DOWN, [0, 0, 1, 2]),
        (Rounding.UP, [1, 1, 2, 3]),
        (Rounding.HALF_UP, [0, 1, 2, 3]),
        (Rounding.HALF_EVEN, [0, 0, 2, 2]),
    ],
)
def test_a_rate_rounds_as_it_says(rounding: Rounding, minor: list[int]) -> None:
    factors = [Decimal("0.4"), Decimal("0.5"), Decimal("1.5"), Decimal("2.5")]
    assert [Rate(f, rounding).of(fen(1)).minor for f in factors] == minor


def test_a_rate_converts_between_currencies_of_other_decimals() -> None:
    assert Rate(Decimal("20.5"), Rounding.HALF_UP).convert(fen(10_00), "JPY") == Money(205, "JPY")
    assert Rate(Decimal("0.0425"), Rounding.DOWN).convert(fen(10_00), "KWD") == Money(425, "KWD")
    assert Rate(Decimal("0.05"), Rounding.UP).convert(Money(1, "JPY"), "CNY") == fen(5)


@pytest.mark.parametrize("nines", [25, 50])
def test_a_rate_is_exact_for_the_largest_amount_and_a_long_factor(nines: int) -> None:
    factor = Decimal("0." + "9" * nines)
    assert Rate(factor, Rounding.UP).of(fen(MAX_MINOR)) == fen(MAX_MINOR)
    assert Rate(factor, Rounding.DOWN).of(fen(MAX_MINOR)) == fen(MAX_MINOR - 1)


@pytest.mark.parametrize("factor", ["-0.1", "NaN", "Infinity", "1E+100", "0." + "1" * 60])
def test_a_rate_is_a_finite_short_number_not_negative(factor: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate(Decimal(factor), Rounding.DOWN)


def test_a_rate_into_an_unknown_currency_raises() -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Rate(Decimal(1), Rounding.DOWN).convert(fen(1), "ABC")


def test_the_currency_table_has_its_odd_ones() -> None:
    odd = {code: places for code, places in EXPONENTS.items() if places != 2}
    assert (
        " ".join(code for code in odd if odd[code] == 0)
        == "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
    )
    assert " ".join(c for c in odd if odd[c] == 3) == "BHD IQD JOD KWD LYD OMR TND"
    assert {"CNY", "USD", "EUR", "HKD"} <= EXPONENTS.keys() - odd.keys()
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
    with pytest.raises(TypeError):
        EXPONENTS["ABC"] = 2  # type: ignore[index]
