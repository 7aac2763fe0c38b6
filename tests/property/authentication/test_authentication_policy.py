"""What holds of every set of ways to meet a challenge, and of every run of answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from anfu.authentication.challenge import (
    ATTEMPTS,
    MOVES,
    Challenge,
    Result,
    State,
    judge,
)
from anfu.authentication.factor import FACTORS, FactorClass, factor_count
from anfu.authentication.policy import BURDEN, factors_of, is_met, ways

KINDS = st.sets(st.sampled_from(sorted(BURDEN)))
CLAIMED = st.sets(st.sampled_from(sorted(FACTORS)), max_size=3)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@given(has=KINDS, claimed=CLAIMED, classes=st.integers(1, 2))
def test_every_way_is_lawful_possible_and_minimal(
    has: set[str], claimed: set[str], classes: int
) -> None:
    found = ways(has=has, claimed=claimed, classes=classes)
    burdens = [sum(BURDEN[f] for f in way) for way in found]
    assert burdens == sorted(burdens)
    for way in found:
        assert set(way) <= has
        assert factor_count(way) == len(way)  # distinct classes, or they are not two
        assert factor_count({*way, *claimed}) >= classes
        assert set(way) != {"device_key"}
        assert any(FACTORS[f] is not FactorClass.KNOWLEDGE for f in way)
        assert not any(set(other) < set(way) for other in found)
    if found:  # G17
        assert any("face" not in way for way in found)


@given(has=KINDS, claimed=CLAIMED)
def test_more_factors_never_leave_fewer_ways(has: set[str], claimed: set[str]) -> None:
    if ways(has=has, claimed=claimed, classes=1):
        assert ways(has=set(BURDEN), claimed=claimed, classes=1)


def test_known_cases() -> None:
    def asked(*has: str, claimed: tuple[str, ...] = (), classes: int = 1) -> object:
        return ways(has=has, claimed=claimed, classes=classes)

    assert asked("sms_code") == (("sms_code",),)
    assert asked("sms_code", "passkey") == (("passkey",), ("sms_code",))
    assert asked("password") == ()
    assert asked("face") == ()
    assert asked("face", "totp") == (("totp",), ("face",))
    assert asked("device_key", "password") == (("device_key", "password"),)
    assert asked("sms_code", "totp", classes=2) == ()
    assert asked("sms_code", "password", classes=2) == (("sms_code", "password"),)
    assert asked("sms_code", claimed=("password",), classes=2) == (("sms_code",),)
    assert asked("sms_code", claimed=("totp",), classes=2) == ()


@given(
    has=st.sets(st.sampled_from(sorted(BURDEN)), min_size=1),
    answers=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=12),
)
def test_a_run_of_answers_keeps_to_the_machine(
    has: set[str], answers: list[tuple[int, bool]]
) -> None:
    allowed = ways(has=has, claimed=(), classes=2)
    if not allowed:
        return
    link = bytes(32)
    challenge = Challenge("chl_a", "cus_a", "pay_a", allowed, (), None, link, None, 0, State.OPEN,
                          ATTEMPTS, NOW, NOW + timedelta(minutes=5), None)  # fmt: skip
    states, wrong = [State.OPEN], 0
    for number, right in answers:
        offered = sorted(factors_of(allowed, challenge.proven))
        if not offered:
            break
        factor = offered[number % len(offered)]
        verdict, after = judge(challenge, link=link, factor=factor, right=right, now=NOW)
        if challenge.state is State.OPEN:
            wrong += not right
            assert (verdict.result is Result.MET) == (after is State.MET)
        else:
            assert after is challenge.state
        challenge = Challenge(*(getattr(challenge, n) for n in Challenge.__slots__[:4]),
                              verdict.proven, None, link, None, 0, after, verdict.attempts_left,
                              NOW, NOW + timedelta(minutes=5), None)  # fmt: skip
        states.append(after)
    assert all(b is a or b in MOVES[a] for a, b in pairwise(states))
    assert wrong <= ATTEMPTS
    assert (states[-1] is State.MET) == is_met(allowed, challenge.proven)
