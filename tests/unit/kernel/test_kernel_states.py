"""Moves between states, and the three ways to fail."""

from __future__ import annotations

from enum import StrEnum

import pytest

from anfu.kernel.errors import BrokenInvariant, Outcome, OutsideFailure, Refused
from anfu.kernel.states import check_move, final_states, sources_of


class Light(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    OFF = "OFF"


MOVES = {
    Light.RED: frozenset({Light.GREEN, Light.OFF}),
    Light.GREEN: frozenset({Light.RED, Light.OFF}),
    Light.OFF: frozenset[Light](),
}


def test_a_move_that_is_drawn_is_allowed_and_every_other_is_an_invariant_broken() -> None:
    check_move(MOVES, Light.RED, Light.GREEN)
    for before, after in ((Light.OFF, Light.RED), (Light.RED, Light.RED)):
        with pytest.raises(BrokenInvariant, match=f"Light {before} does not move to {after}"):
            check_move(MOVES, before, after)


def test_final_states_and_the_guard_of_a_move() -> None:
    assert final_states(MOVES) == {Light.OFF}
    assert sources_of(MOVES, Light.OFF) == {Light.RED, Light.GREEN}
    assert sources_of(MOVES, Light.RED) == {Light.GREEN}


def test_a_refusal_carries_its_code_its_field_and_its_details() -> None:
    refused = Refused("amount_invalid", field="amount", amount="x", left=3)
    assert (refused.code, refused.field) == ("amount_invalid", "amount")
    assert refused.details == {"amount": "x", "left": 3}
    assert str(refused) == "amount_invalid (amount)"
    assert str(Refused("payment_not_found")) == "payment_not_found"


def test_a_failure_outside_says_whether_it_may_have_happened() -> None:
    failure = OutsideFailure(Outcome.UNKNOWN, "no answer")
    assert (failure.outcome, failure.reason) == (Outcome.UNKNOWN, "no answer")
    assert str(failure) == "UNKNOWN: no answer"


def test_the_three_ways_to_fail_are_never_caught_for_one_another() -> None:
    kinds = (Refused, OutsideFailure, BrokenInvariant)
    assert not any(issubclass(a, b) for a in kinds for b in kinds if a is not b)
