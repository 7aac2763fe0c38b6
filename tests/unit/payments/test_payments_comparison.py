"""What cannot be shown by changing one row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anfu.ledger.hold import Hold, HoldState
from anfu.payments.comparison import Kept, Terms, Told, compare_books, compare_refund

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TERMS = Terms("a", "b", "CNY", 5)
LEAF = {"state": "SENDING", "payment": "pay_1", "amount": 5, "currency": "CNY", "reference": None}


def hold(state: HoldState) -> Hold:
    resolved = None if state is HoldState.HELD else NOW
    return Hold("x", "a", "b", "CNY", 5, state, NOW, NOW + timedelta(days=7), resolved, None)


def codes(kept: Kept, terms: Terms | None) -> list[str]:
    return [d.code for d in compare_books(kept, terms)]


def test_a_hold_for_what_never_waited_is_unfounded() -> None:
    refused = [Told("payment", NOW, {"state": "REFUSED"})]
    assert codes(Kept("x", refused, hold=hold(HoldState.VOIDED)), TERMS) == ["hold_unfounded"]
    assert codes(Kept("x", [], hold=hold(HoldState.HELD)), None) == ["hold_unfounded"]


def test_a_hold_is_in_the_state_its_payment_asks_for() -> None:
    sent = [Told("payment", NOW, {"state": "SENDING"})]
    ended = [*sent, Told("payment", NOW, {"state": "FAILED"})]
    assert codes(Kept("x", sent, hold=hold(HoldState.HELD)), TERMS) == []
    assert codes(Kept("x", sent, hold=hold(HoldState.VOIDED)), TERMS) == ["hold_differs"]
    assert codes(Kept("x", ended, hold=hold(HoldState.HELD)), TERMS) == ["hold_left_over"]
    for state in (HoldState.VOIDED, HoldState.EXPIRED):
        assert codes(Kept("x", ended, hold=hold(state)), TERMS) == []


def test_a_refund_of_an_unknown_payment_is_unfounded() -> None:
    kept = Kept("rfd_1", [Told("refund", NOW, LEAF)])
    found = [d.code for d in compare_refund(kept, None, None)]
    assert found == ["row_removed", "refund_unfounded"]
