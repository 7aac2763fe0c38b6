"""What holds of the kernel's values for every input."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy, first_id, is_id, new_id
from anfu.kernel.money import MAX_MINOR, Money, Rate, Rounding, parse_money
from anfu.kernel.periods import Period, civil_date, civil_day, civil_month, civil_year

minors = st.integers(0, MAX_MINOR)
currencies = st.sampled_from(sorted(EXPONENTS))
moneys = st.builds(Money, minors, currencies)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
factors = st.decimals(0, 1000, allow_nan=False, places=12)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_MINOR, MAX_MINOR)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=12,
)


@given(moneys, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_a_split_loses_nothing_and_is_fair_to_a_minor_unit(
    money: Money, weights: list[int]
) -> None:
    parts = money.split(weights)
    assert sum(part.minor for part in parts) == money.minor
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(money.minor * weight, sum(weights))
        assert abs(part.minor - exact) < 1


@given(moneys)
def test_what_money_says_is_read_back_as_the_same_money(money: Money) -> None:
    text, currency = str(money).split()
    assert parse_money(text, currency) == money
    assert money.decimal() == Decimal(text)


@given(st.text(max_size=12) | st.from_regex(r"[0-9+\-._eE ]{1,8}", fullmatch=True), currencies)
def test_any_text_is_an_amount_or_a_refusal(text: str, currency: str) -> None:
    try:
        money = parse_money(text, currency)
    except Refused as refused:
        assert refused.code in {"amount_invalid", "amount_too_large"}
    else:
        assert Fraction(text) == Fraction(money.minor, 10 ** EXPONENTS[currency])


@given(st.integers(0, 10**12), factors, currencies, currencies)
def test_the_roundings_of_a_rate_stand_around_the_exact_value(
    minor: int, factor: Decimal, source: str, target: str
) -> None:
    scale = Fraction(10) ** (EXPONENTS[target] - EXPONENTS[source])
    exact = minor * Fraction(factor) * scale
    if exact > MAX_MINOR - 1:
        return
    rounded = {r: Rate(factor, r).convert(Money(minor, source), target).minor for r in Rounding}
    assert rounded[Rounding.DOWN] == exact.__floor__()
    assert rounded[Rounding.UP] == exact.__ceil__()
    assert rounded[Rounding.HALF_EVEN] == round(exact)
    assert rounded[Rounding.HALF_UP] == (exact + Fraction(1, 2)).__floor__()


@given(moments, moments, st.integers(), st.integers())
def test_ids_sort_as_their_milliseconds(
    first: datetime, second: datetime, seed: int, other: int
) -> None:
    a = new_id("pay", now=first, entropy=SeededEntropy(seed))
    b = new_id("pay", now=second, entropy=SeededEntropy(other))
    assert is_id("pay", a)
    assert first_id("pay", at=first) <= a
    step = timedelta(milliseconds=1)
    if first + step <= second:
        assert a < b
    assert a < first_id("pay", at=first + step)


@given(moments)
def test_a_moment_lies_in_its_day_its_month_and_its_year(moment: datetime) -> None:
    day, month, year = civil_day(moment), civil_month(moment), civil_year(moment)
    for period in (day, month, year):
        assert moment in period
    assert year.start <= month.start <= day.start
    assert _end(day) <= _end(month) <= _end(year)
    assert _end(day) - day.start == timedelta(days=1)
    assert civil_date(_end(day)) == civil_date(moment) + timedelta(days=1)


def _end(period: Period) -> datetime:
    assert period.end is not None
    return period.end


@given(documents)
def test_canonical_bytes_are_those_of_another_implementation(document: Any) -> None:
    assert canonical_bytes(document) == rfc8785.dumps(document)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_back_as_itself(value: float) -> None:
    assert float(json.loads(canonical_bytes(value))) == value


@given(documents)
def test_canonical_bytes_are_read_back_and_written_again_the_same(document: Any) -> None:
    written = canonical_bytes(document)
    assert canonical_bytes(json.loads(written, parse_int=_number)) == written


def _number(text: str) -> int | float:
    """As another reader of JSON has it: a whole number past 2^53 is a float again."""
    value = int(text)
    return value if abs(value) <= MAX_MINOR else float(text)


@given(st.dictionaries(texts, st.integers(0, 9), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(document: dict[str, int], chance: Any) -> None:
    items = list(document.items())
    chance.shuffle(items)
    assert canonical_bytes(dict(items)) == canonical_bytes(document)
