"""A link needs what a model does not share, and no second candidate near it."""

from __future__ import annotations

import pytest

from anfu.parties.devices.likeness import (
    NEEDED,
    NEEDED_OWN,
    WEIGHTS,
    Candidate,
    blocks,
    find_alike,
    likeness,
)

COMPUTER = dict.fromkeys(WEIGHTS, "x")
PHONE = {n: "x" for n in WEIGHTS if n not in ("fonts", "voices")}


def test_bits_are_summed_over_what_both_have() -> None:
    assert likeness(COMPUTER, COMPUTER) == 39.0
    assert likeness(PHONE, COMPUTER) == likeness(PHONE, PHONE) == 29.0
    assert likeness(PHONE, {**PHONE, "network": "y"}) == 21.0
    assert likeness({"cores": "4"}, {"cores": "8"}) == -8.0
    assert likeness({}, COMPUTER) == 0.0


@pytest.mark.parametrize(
    ("change", "own", "found"),
    [
        ({}, True, "dev_1"),
        ({"canvas": "y", "audio": "y"}, True, "dev_1"),
        ({"network": "y"}, True, None),  # a stranger's telephone of the same model
        ({}, False, None),
    ],
)
def test_a_telephone_is_known_again_in_its_payers_network(
    change: dict[str, str], own: bool, found: str | None
) -> None:
    assert find_alike(PHONE | change, [Candidate("dev_1", PHONE, own)]) == found


@pytest.mark.parametrize(
    ("change", "own", "found"),
    [
        ({"network": "y"}, True, "dev_1"),
        ({"canvas": "y", "audio": "y", "network": "y"}, True, "dev_1"),
        ({"fonts": "y", "voices": "y", "network": "y"}, True, None),
        ({}, False, "dev_1"),
        ({"network": "y"}, False, None),
    ],
)
def test_a_computer_is_known_by_what_was_installed_on_it(
    change: dict[str, str], own: bool, found: str | None
) -> None:
    assert find_alike(COMPUTER | change, [Candidate("dev_1", COMPUTER, own)]) == found


def test_of_two_equally_alike_neither_is_the_one() -> None:
    two = [Candidate("dev_1", COMPUTER, own=True), Candidate("dev_2", COMPUTER, own=True)]
    assert find_alike(COMPUTER, two) is None
    assert find_alike(COMPUTER, two[:1]) == "dev_1"
    assert find_alike(COMPUTER, []) is None


def test_the_payers_own_comes_before_a_strangers() -> None:
    own = Candidate("dev_1", COMPUTER | {"network": "y"}, own=True)
    assert find_alike(COMPUTER, [Candidate("dev_2", COMPUTER), own]) == "dev_1"


def test_the_thresholds_lie_above_what_a_model_shares() -> None:
    assert 21.0 < NEEDED_OWN < NEEDED < 39.0


def test_a_block_needs_all_of_its_traits() -> None:
    assert len(blocks(COMPUTER)) == 3
    assert len(blocks(PHONE)) == 2
    assert blocks({"webgl": "x"}) == []
