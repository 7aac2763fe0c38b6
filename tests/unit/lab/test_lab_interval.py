"""Wilson's interval by hand and at its edges."""

from __future__ import annotations

import pytest

from anfu.lab.backtests.interval import share_of


def test_eight_of_ten() -> None:
    # (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n) with z = 1.959964
    found = share_of(8, 10)
    assert found.share == 0.8
    assert found.low == pytest.approx(0.4901624715, abs=1e-9)
    assert found.high == pytest.approx(0.9433178485, abs=1e-9)


def test_none_of_some_and_all_of_some_touch_the_edge_and_leave_the_other_open() -> None:
    none, every = share_of(0, 20), share_of(20, 20)
    assert (none.share, none.low, every.share, every.high) == (0.0, 0.0, 1.0, 1.0)
    assert none.high == pytest.approx(0.1611251581, abs=1e-9)
    assert every.low == pytest.approx(0.8388748419, abs=1e-9)


def test_of_nothing_nothing_is_known() -> None:
    found = share_of(0, 0)
    assert (found.share, found.low, found.high) == (None, None, None)
