"""Payer's codes of our own: their form, and until when each is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from barcode.codex import Code128
from hypothesis import assume, given
from hypothesis import strategies as st

from anfu.app.settings import read_settings
from anfu.channels.codes.bars import bars
from anfu.channels.codes.payer_code import read_payer_code
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.payments.showings.showing import (
    CODE_LIFE,
    Means,
    Showing,
    ShownCode,
    code_digest,
    is_own,
    new_code,
)

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
MEANS = Means("balance", None, None, None)
PREFIXES = st.sampled_from(["88", "16", "990", "8801"])


class Counted:
    """Entropy that gives these numbers, in their turn."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def bytes(self, count: int) -> bytes:
        return self.numbers.pop(0).to_bytes(count, "big")


def shown(number: int, *, issued: int, spent: int = 0) -> ShownCode:
    showing = Showing("shw_1", "cus_1", MEANS, (), None, NOW, NOW + timedelta(minutes=15),
                      issued, spent)  # fmt: skip
    return ShownCode(b"d" * 32, number, NOW + CODE_LIFE, showing)


@given(PREFIXES, st.integers(0, 2**32))
def test_a_code_is_twenty_digits_of_ours_and_of_no_network(prefix: str, seed: int) -> None:
    code = new_code(prefix, SeededEntropy(seed))
    assert (len(code), code.isdigit(), code[: len(prefix)]) == (20, True, prefix)
    assert is_own(code, prefix) and is_own(f" {code}\r\n", prefix)  # as scanners type it
    with pytest.raises(Refused) as refused:
        read_payer_code(code)
    assert refused.value.code == "payer_code_invalid"


def test_what_would_come_out_too_often_is_drawn_again() -> None:
    room, most = 10**18, (1 << 64) - 1
    assert new_code("88", Counted(room - 1)) == "88" + "9" * 18
    assert new_code("88", Counted(room)) == "88" + "0" * 18
    assert new_code("88", Counted(18 * room - 1, most)) == "88" + "9" * 18
    assert new_code("88", Counted(18 * room, 7)) == "88" + "0" * 17 + "7"
    assert new_code("88", Counted(most, 7)) == "88" + "0" * 17 + "7"


@pytest.mark.parametrize("text", ["8" * 19, "8" * 21, "8" * 19 + "x", "٨" * 20, "1" * 20, ""])
def test_what_is_none_of_ours(text: str) -> None:
    assert not is_own(text, "88")


def test_its_digest_needs_the_key() -> None:
    code = "8" * 20
    assert code_digest(b"k" * 32, code) == code_digest(b"k" * 32, f"{code}\n")
    assert code_digest(b"k" * 32, code) != code_digest(b"l" * 32, code)
    assert code_digest(b"k" * 32, code) != code_digest(b"k" * 32, "8" * 19 + "7")


def test_only_the_newest_two_are_good_and_for_a_minute() -> None:
    last = NOW + CODE_LIFE - timedelta(microseconds=1)
    for number in (4, 5):
        shown(number, issued=5).check(now=last)
    over = [
        (shown(5, issued=5), NOW + CODE_LIFE),
        (shown(3, issued=5), NOW),
        (shown(5, issued=5, spent=5), NOW),
        (shown(4, issued=5, spent=4), NOW),
    ]
    for code, at in over:
        with pytest.raises(Refused) as refused:
            code.check(now=at)
        assert (refused.value.code, refused.value.field) == (
            "payer_code_invalid", "method.payer_code",
        )  # fmt: skip
    shown(5, issued=5, spent=4).check(now=NOW)


def test_a_showing_ends_by_time_and_by_count() -> None:
    def showing(issued: int) -> Showing:
        return Showing("shw_1", "cus_1", MEANS, (), None, NOW, NOW + timedelta(minutes=15), issued)

    showing(59).check_more(now=NOW + timedelta(minutes=15, microseconds=-1))
    for one, at, code in (
        (showing(60), NOW, "showing_used_up"),
        (showing(0), NOW + timedelta(minutes=15), "showing_over"),
    ):
        with pytest.raises(Refused) as refused:
            one.check_more(now=at)
        assert refused.value.code == code


@given(st.lists(st.integers(0, 99), min_size=1, max_size=12))
def test_the_bars_are_those_of_another_encoder(pairs: list[int]) -> None:
    assume(pairs[0] != 99)  # which it leaves out at the beginning
    digits = "".join(f"{pair:02}" for pair in pairs)
    assert bars(digits) == Code128(digits).build()[0]


def test_a_first_character_of_99_stands_there() -> None:
    whole, rest = bars("9900"), bars("00")
    assert (whole[:11], whole[11:22], whole[22:33]) == (rest[:11], "10111011110", rest[11:22])


@pytest.mark.parametrize("text", ["1", "1a", "٨٨", " 1"])
def test_only_pairs_of_digits_become_bars(text: str) -> None:
    with pytest.raises(ValueError, match="pairs"):
        bars(text)


@pytest.mark.parametrize(
    "prefix", ["10", "15", "25", "30", "62", "6200", "1", "12345", "", "8x", "٨٨"]
)
def test_a_prefix_of_a_network_or_of_no_digits_is_no_setting(prefix: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings({"ANFU_PAYER_CODE_PREFIX": prefix})
    assert (refused.value.code, refused.value.field) == (
        "setting_invalid", "ANFU_PAYER_CODE_PREFIX",
    )  # fmt: skip


@pytest.mark.parametrize("prefix", ["16", "24", "31", "61", "63", "88", "8801"])
def test_any_other_prefix_is(prefix: str) -> None:
    assert read_settings({"ANFU_PAYER_CODE_PREFIX": prefix}).payer_code_prefix == prefix
