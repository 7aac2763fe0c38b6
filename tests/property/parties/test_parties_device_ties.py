"""Whatever is asked of a session or a tie, in whatever order, it goes only where its table says."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.states import final_states, sources_of
from anfu.parties.devices.device import SESSION_MOVES, TIE_MOVES, SessionState, TieState


@given(st.lists(st.sampled_from([s for s in SessionState if s is not SessionState.OPEN])))
def test_a_session_is_profiled_once_and_never_after_it_was_rejected(
    wishes: list[SessionState],
) -> None:
    state, walked = SessionState.OPEN, Counter[SessionState]()
    for wish in wishes:
        if state in sources_of(SESSION_MOVES, wish):
            state = wish
            walked[wish] += 1
    assert walked[SessionState.PROFILED] <= 1
    assert walked[SessionState.REJECTED] <= 1
    assert (SessionState.REJECTED in wishes) is (state is SessionState.REJECTED)


@given(st.lists(st.sampled_from(TieState)))
def test_a_tie_is_bound_only_by_a_binding_and_seeing_changes_nothing(
    wishes: list[TieState],
) -> None:
    state = TieState.SEEN
    for wish in wishes:
        before = state
        if state in sources_of(TIE_MOVES, wish):
            state = wish
        assert wish is not TieState.SEEN or state is before
    asked = [w for w in wishes if w is not TieState.SEEN]
    assert state is (asked[-1] if asked else TieState.SEEN)


def test_only_a_rejected_session_has_ended() -> None:
    assert final_states(SESSION_MOVES) == {SessionState.REJECTED}
    assert final_states(TIE_MOVES) == frozenset()
