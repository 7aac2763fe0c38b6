"""Whatever is asked of an application, in whatever order, it goes only where its table says, and
each of two suspensions holds until it itself is lifted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from anfu.kernel.states import final_states, sources_of
from anfu.parties.applications.application import MOVES, OPEN, State, Suspension, state_after

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


@given(st.lists(st.sampled_from(State)))
def test_nobody_is_approved_before_the_registries_and_nobody_returns_from_the_end(
    wishes: list[State],
) -> None:
    state, walked = State.DRAFT, Counter[State]()
    for wish in wishes:
        if state in sources_of(MOVES, wish):
            if wish is State.APPROVED:
                assert walked[State.SUBMITTED] == walked[State.CHECKED] == 1
            assert state not in (State.REFUSED, State.CLOSED)
            state = wish
            walked[wish] += 1
    assert walked[State.DRAFT] == 0
    assert walked[State.SUBMITTED] <= 1
    assert walked[State.REFUSED] + walked[State.CLOSED] <= 1
    assert not (walked[State.APPROVED] and walked[State.REFUSED])


def test_only_what_was_refused_or_closed_has_ended() -> None:
    assert final_states(MOVES) == {State.REFUSED, State.CLOSED}


def test_a_merchant_is_closed_from_a_suspension_alone() -> None:
    assert sources_of(MOVES, State.CLOSED) & OPEN == {State.SUSPENDED}


class TwoSuspensions(RuleBasedStateMachine):
    """By hand and because nobody looked again, put on and lifted in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.by_hand: Suspension | None = None
        self.unverified: datetime | None = None
        self.state = State.APPROVED

    def _move(self) -> None:
        after = state_after(self.by_hand, self.unverified)
        assert after is self.state or after in MOVES[self.state]
        self.state = after

    @precondition(lambda self: self.by_hand is None)
    @rule()
    def suspend(self) -> None:
        self.by_hand = Suspension("key_1", NOW, "complaints")
        self._move()

    @precondition(lambda self: self.by_hand is not None)
    @rule()
    def resume(self) -> None:
        self.by_hand = None
        self._move()

    @rule()
    def lapse(self) -> None:
        self.unverified = self.unverified or NOW
        self._move()

    @rule()
    def renew(self) -> None:
        self.unverified = None
        self._move()

    @invariant()
    def it_takes_part_only_with_neither(self) -> None:
        free = self.by_hand is None and self.unverified is None
        assert (self.state is State.APPROVED) is free


test_each_suspension_holds_by_itself = TwoSuspensions.TestCase
