"""Unified social credit codes, GB 32100."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anfu.kernel.errors import Refused
from anfu.parties.creditcode import ALPHABET, credit_check, parse_credit_code

# By hand: weights 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28. The code begins with 9 1 and has
# zeros elsewhere: 9*1 + 1*3 = 12, 31 - 12 = 19, and the character of value 19 is K.
BY_HAND = "91000000000000000K"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
BODIES = st.builds(
    "{}{}{}".format,
    st.text(ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(ALPHABET, min_size=9, max_size=9),
)


def refused(text: str) -> None:
    with pytest.raises(Refused) as error:
        parse_credit_code(text)
    assert (error.value.code, error.value.field) == ("credit_code_invalid", "credit_code")
    assert error.value.details == {}


def test_the_code_that_was_reckoned_by_hand() -> None:
    assert parse_credit_code(BY_HAND) == BY_HAND


def test_a_sum_that_31_divides_has_the_check_0() -> None:
    # 1*1 + 1*30 = 31: places 1 and 16.
    assert credit_check("10000000000000010") == "0"


@pytest.mark.parametrize("text", [" 91000000 000000000k ", "９１０００００００００００００００Ｋ"])
def test_one_code_in_other_spellings(text: str) -> None:
    assert parse_credit_code(text) == BY_HAND


@pytest.mark.parametrize(
    "text",
    ["", BY_HAND[:-1], BY_HAND + "0", "91000000000000000L", "91A00000000000000K",
     "9I000000000000000K", "9100000000000000OK", "٩1000000000000000K"],
    ids=["empty", "short", "long", "check", "place", "letter I", "letter O", "foreign digit"],
)  # fmt: skip
def test_what_is_no_code_is_refused_and_never_repeated(text: str) -> None:
    refused(text)


@settings(deadline=None)
@given(body=BODIES)
def test_the_weighted_sum_of_a_right_code_is_a_multiple_of_31(body: str) -> None:
    code = body + credit_check(body)
    assert parse_credit_code(code) == code
    total = sum(ALPHABET.index(c) * w for c, w in zip(code, (*WEIGHTS, 1), strict=True))
    assert total % 31 == 0


@settings(deadline=None)
@given(body=BODIES, place=st.integers(0, 17), step=st.integers(1, 30))
def test_one_wrong_character_is_always_found(body: str, place: int, step: int) -> None:
    code = body + credit_check(body)
    wrong = ALPHABET[(ALPHABET.index(code[place]) + step) % 31]
    refused(code[:place] + wrong + code[place + 1 :])


@settings(deadline=None)
@given(body=BODIES, place=st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_always_found(body: str, place: int) -> None:
    code = body + credit_check(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        refused(swapped)
