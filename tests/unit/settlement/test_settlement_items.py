"""Items: states, positions, what may be done about them; terms and the days that are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.settlement.reconciliation.advance import last_due
from anfu.settlement.reconciliation.bill import parts, period_of, whole
from anfu.settlement.reconciliation.item import FINAL, MOVES, Item, Leg, State, positions
from anfu.settlement.reconciliation.suspense import clearing, posting
from anfu.settlement.reconciliation.terms import DEFAULT, Terms, read_terms
from anfu.settlement.reconciliation.treatment import Act, check_treatable

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
ITEM = Item(
    "rci_1", "bil_1", "net", Leg.TRADE, DAY, State.LONG, State.LONG, "pay_1", "", "ref_1", 1, 700,
    "CNY", 4, "DONE", NOW, 4, 500, "CNY", "DONE", NOW, NOW, NOW, None, (), None, False,
)  # fmt: skip


def test_positions_are_what_the_channel_has_beyond_our_books() -> None:
    cases = [
        (replace(ITEM, our_state="NOT_DONE"), {"CNY": 700}),
        (replace(ITEM, cls=State.AMOUNT_MISMATCH), {"CNY": 200}),
        (replace(ITEM, cls=State.AMOUNT_MISMATCH, refund="rfd_1"), {"CNY": -200}),
        (
            replace(ITEM, cls=State.CURRENCY_MISMATCH, line_currency="USD"),
            {"CNY": -500, "USD": 700},
        ),
        (replace(ITEM, cls=State.STATUS_MISMATCH, line_state="NOT_DONE"), {"CNY": -500}),
        (replace(ITEM, cls=State.SHORT, row=None, line_state=None), {"CNY": -500}),
        (replace(ITEM, cls=State.SHORT, line_state=None, refund="rfd_1"), {"CNY": 500}),
        (replace(ITEM, cls=State.DUPLICATE), {"CNY": 700}),
        (replace(ITEM, cls=State.FEE_MISMATCH, line_fee=9), {"CNY": -5}),
        (replace(ITEM, cls=State.FEE_MISMATCH, line_fee=1), {"CNY": 3}),
        (replace(ITEM, our_amount=700, cls=State.SHORT), {}),
    ]
    assert [positions(item) for item, _ in cases] == [wanted for _, wanted in cases]


def test_clearing_against_the_channel_is_posting_the_other_way_round() -> None:
    found = {"CNY": -500, "USD": 700}
    made = posting("net", found, ["e1", "e2"])
    assert [(o.debit, o.credit, o.amount, o.link) for o in made] == [
        ("anfu/short-net/CNY", "anfu/channel-net/CNY", 500, "e1"),
        ("anfu/channel-net/USD", "anfu/long-net/USD", 700, "e1"),
    ]
    against = {c: f"anfu/channel-net/{c}" for c in found}
    back = clearing("net", found, ["e3", "e4"], against=against)
    assert [(o.credit, o.debit, o.amount) for o in back] == [
        (o.debit, o.credit, o.amount) for o in made
    ]


def test_what_is_posted_leaves_by_clearing_alone_and_ends_are_ends() -> None:
    assert {State.CLEARED, State.VOID} == FINAL
    assert MOVES[State.POSTED] == {State.CLEARED}
    into = {state for state, after in MOVES.items() if State.POSTED in after}
    assert into == {
        State.IN_DOUBT, State.SHORT, State.LONG, State.DUPLICATE, State.AMOUNT_MISMATCH,
        State.CURRENCY_MISMATCH, State.STATUS_MISMATCH, State.FEE_MISMATCH,
    }  # fmt: skip


@pytest.mark.parametrize("state", State)
def test_which_acts_an_item_takes(state: State) -> None:
    taken = set()
    for act in Act:
        try:
            check_treatable(replace(ITEM, state=state, our_state="NOT_DONE"), act)
        except Refused as refusal:
            assert refusal.code == "item_state"
        else:
            taken.add(act)
    differs = {Act.POST, Act.VOID}
    assert taken == {
        State.EXPECTED: {Act.VOID, Act.QUERY}, State.IN_DOUBT: differs | {Act.QUERY},
        State.SHORT: differs | {Act.QUERY}, State.LONG: differs | {Act.QUERY},
        State.STATUS_MISMATCH: differs | {Act.QUERY}, State.POSTED: {Act.CLEAR},
        State.AMOUNT_MISMATCH: differs, State.CURRENCY_MISMATCH: differs,
        State.FEE_MISMATCH: differs, State.DUPLICATE: differs,
    }.get(state, set())  # fmt: skip


def test_terms_are_read_and_a_typing_mistake_is_refused() -> None:
    read = read_terms("[sandbox]\nsince = 2026-11-23\nrate_ppm = 6000\n[bank]\nday = 'x'\n")
    assert read == {"sandbox": Terms(since=DAY, rate_ppm=6000)}
    for text in ("[a]\nrate = 1", "[a]\ncut_off = 24", "[a", "[a]\nrate_ppm = -1"):
        with pytest.raises(Refused, match="setting_invalid"):
            read_terms(text)


def test_a_bill_is_due_from_its_cut_off_on() -> None:
    before, at = NOW.replace(hour=1, minute=59), NOW.replace(hour=2)
    assert last_due(DEFAULT, now=before) == DAY - timedelta(days=1)
    assert last_due(DEFAULT, now=at) == DAY


def test_a_channels_day_may_begin_before_midnight_and_a_file_comes_whole_again() -> None:
    found = period_of(DAY, timedelta(hours=1))
    assert found.start == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert found.end == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert whole(list(parts(b"bill" * 10_000))) == b"bill" * 10_000
    assert list(parts(b"")) == []
