"""Faults of the sandbox network follow from the seed alone."""

from __future__ import annotations

from statistics import median

import pytest

from anfu.channels.sandbox.faults import REASONS, Fault, Faults


def test_no_fault_without_a_rate_and_every_time_at_one() -> None:
    always = Faults(rates={Fault.LATE: 1.0})
    for number in range(100):
        assert not Faults().hits(Fault.LATE, str(number))
        assert always.hits(Fault.LATE, str(number))
        assert not always.hits(Fault.DECLINE, str(number))


def test_a_rate_is_kept_and_a_seed_repeats() -> None:
    faults = Faults(seed=3, rates={Fault.LATE: 0.1})
    struck = [n for n in range(10_000) if faults.hits(Fault.LATE, str(n))]
    again = [n for n in range(10_000) if faults.hits(Fault.LATE, str(n))]
    other = Faults(seed=4, rates={Fault.LATE: 0.1})
    assert struck == again
    assert 900 < len(struck) < 1100
    assert struck != [n for n in range(10_000) if other.hits(Fault.LATE, str(n))]


def test_delays_are_log_normal_around_their_median() -> None:
    faults = Faults(delay_ms=20, delay_sigma=0.5)
    delays = [faults.delay_s(str(n)) for n in range(4000)]
    assert 0.019 < median(delays) < 0.021
    assert sum(delay > 0.020 * 1.649 for delay in delays) == pytest.approx(4000 * 0.159, rel=0.1)
    assert Faults().delay_s("x") == 0.0


def test_declining_cards_and_a_declining_rate() -> None:
    assert Faults().decline_reason("pay_1", "tok_stolen_card") == "stolen_card"
    assert Faults().decline_reason("pay_1", "tok_any") is None
    assert Faults().decline_reason("pay_1", None) is None
    always = Faults(rates={Fault.DECLINE: 1.0})
    assert {always.decline_reason(f"pay_{n}", None) for n in range(50)} == set(REASONS)
