"""Ids sort by time, follow from their entropy, and are recognised by their form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from anfu.kernel.ids import ALPHABET, SeededEntropy, SystemEntropy, first_id, is_id, new_id

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class FixedEntropy:
    def __init__(self, byte: int) -> None:
        self.byte = byte

    def bytes(self, count: int) -> bytes:
        return bytes([self.byte]) * count


def test_an_id_is_its_milliseconds_and_eighty_random_bits() -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert new_id("pay", now=epoch, entropy=FixedEntropy(0)) == "pay_" + "0" * 26
    later = epoch + timedelta(milliseconds=33, microseconds=999)
    assert new_id("pay", now=later, entropy=FixedEntropy(255)) == "pay_0000000011" + "z" * 16


def test_ids_sort_by_the_moment_they_were_made_whatever_the_zone() -> None:
    entropy = SeededEntropy(1)
    moments = [NOW + timedelta(milliseconds=step) for step in range(200)]
    ids = [new_id("pay", now=moment, entropy=entropy) for moment in moments]
    assert ids == sorted(ids)
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    assert first_id("pay", at=there) == first_id("pay", at=NOW)


def test_the_first_id_of_a_moment_starts_its_range() -> None:
    low = first_id("pay", at=NOW)
    assert is_id("pay", low)
    assert low == new_id("pay", now=NOW, entropy=FixedEntropy(0))
    assert low < new_id("pay", now=NOW, entropy=FixedEntropy(1))
    before = NOW - timedelta(milliseconds=1)
    assert new_id("pay", now=before, entropy=FixedEntropy(255)) < low


def test_a_seed_gives_the_same_ids_again() -> None:
    def made(seed: int) -> list[str]:
        entropy = SeededEntropy(seed)
        return [new_id("pay", now=NOW, entropy=entropy) for _ in range(50)]

    assert made(7) == made(7)
    assert made(7) != made(8)
    assert len(set(made(7))) == 50


def test_the_systems_entropy_never_gives_a_byte_twice() -> None:
    entropy = SystemEntropy()
    pieces = [entropy.bytes(10) for _ in range(2000)]
    assert {len(piece) for piece in pieces} == {10}
    assert len(set(pieces)) == 2000
    assert len(entropy.bytes(10_000)) == 10_000
    assert entropy.bytes(0) == b""


@pytest.mark.parametrize(
    "text",
    [
        "pay_" + "0" * 25,
        "pay_" + "0" * 27,
        "pay_8" + "0" * 25,  # more than 128 bits
        "pay_" + "0" * 25 + "i",
        "pay_" + "0" * 25 + "A",
        "pay_" + "0" * 25 + "\n",
        "pay-" + "0" * 26,
        "rfd_" + "0" * 26,
        "PAY_" + "0" * 26,
        "pay_",
        "",
    ],
)
def test_text_of_another_form_is_no_id(text: str) -> None:
    assert is_id("pay", text) is False


def test_the_alphabet_leaves_out_the_letters_that_mislead() -> None:
    assert len(ALPHABET) == 32
    assert set("ilou").isdisjoint(ALPHABET)
    assert list(ALPHABET) == sorted(ALPHABET)


def test_no_id_is_made_before_the_epoch_and_a_range_from_then_on_is_one_from_the_first() -> None:
    before = datetime(1969, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(ValueError, match="1970"):
        new_id("pay", now=before, entropy=SeededEntropy(1))
    assert first_id("pay", at=before) == "pay_" + "0" * 26


def test_a_naive_moment_has_no_id() -> None:
    with pytest.raises(TypeError):
        first_id("pay", at=NOW.replace(tzinfo=None))
