"""The greedy decision, exactly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anfu.ledger.account import Account, Balance, Side, TrialBalance, account_key
from anfu.ledger.admission import Funds, admit
from anfu.ledger.entry import Denial, EntryOrder, HoldOrder

LATER = datetime(2026, 11, 24, tzinfo=UTC)


def funds(**available: int) -> dict[str, Funds]:
    """CREDIT accounts in CNY; a name that begins with `bank` grows by debit, `system` may owe."""
    return {
        key: Funds(
            number,
            "CNY",
            Side.DEBIT if key.startswith("bank") else Side.CREDIT,
            key.startswith("system"),
            amount,
        )
        for number, (key, amount) in enumerate(available.items())
    }


def move(name: str, debit: str, credit: str, amount: int, *, link: str | None = None) -> EntryOrder:
    return EntryOrder(name, debit, credit, "CNY", amount, link)


def test_the_last_fen_may_be_spent_and_not_one_more() -> None:
    accounts = funds(a=100, b=0)
    orders = [move("1", "a", "b", 100), move("2", "a", "b", 1)]
    assert admit(orders, accounts) == {"2": Denial("insufficient_funds", "a", 0)}
    assert (accounts["a"].available, accounts["b"].available) == (0, 100)


def test_nothing_goes_to_or_from_a_closed_account() -> None:
    accounts = funds(a=100, b=0)
    accounts["b"].closed = True
    orders = [move("1", "a", "b", 1), move("2", "b", "a", 1)]
    assert admit(orders, accounts) == {
        number: Denial("account_closed", "b", 0) for number in ("1", "2")
    }


def test_a_smaller_order_passes_after_a_larger_one_was_denied() -> None:
    accounts = funds(a=100, b=0)
    orders = [move("1", "a", "b", 101), move("2", "a", "b", 60), move("3", "a", "b", 41)]
    assert admit(orders, accounts) == {
        "1": Denial("insufficient_funds", "a", 100),
        "3": Denial("insufficient_funds", "a", 40),
    }


def test_a_credit_earlier_in_the_batch_counts_and_a_later_one_does_not() -> None:
    into, out = move("in", "a", "b", 30), move("out", "b", "c", 30)
    assert admit([into, out], funds(a=30, b=0, c=0)) == {}
    assert admit([out, into], funds(a=30, b=0, c=0)) == {
        "out": Denial("insufficient_funds", "b", 0)
    }


def test_what_is_only_promised_cannot_be_promised_on() -> None:
    orders = [
        HoldOrder("1", "a", "b", "CNY", 30, LATER),
        HoldOrder("2", "b", "c", "CNY", 30, LATER),
        HoldOrder("3", "a", "c", "CNY", 1, LATER),
    ]
    accounts = funds(a=30, b=0, c=0)
    assert admit(orders, accounts) == {
        "2": Denial("insufficient_funds", "b", 0),
        "3": Denial("insufficient_funds", "a", 0),
    }
    assert [account.available for account in accounts.values()] == [0, 0, 0]


def test_an_account_may_grow_by_debit() -> None:
    accounts = funds(bank=50, a=0)
    assert admit([move("1", "bank", "a", 7)], accounts) == {}
    assert (accounts["bank"].available, accounts["a"].available) == (57, 7)


def test_both_sides_can_be_short() -> None:
    order = [move("1", "a", "bank", 50)]
    assert admit(order, funds(a=49, bank=50)) == {"1": Denial("insufficient_funds", "a", 49)}
    assert admit(order, funds(a=50, bank=49)) == {"1": Denial("insufficient_funds", "bank", 49)}
    accounts = funds(a=50, bank=50)
    assert admit(order, accounts) == {}
    assert (accounts["a"].available, accounts["bank"].available) == (0, 0)


def test_an_account_with_overdraft_goes_below_zero() -> None:
    accounts = funds(system=-5, a=0)
    assert admit([move("1", "system", "a", 10)], accounts) == {}
    assert (accounts["system"].available, accounts["a"].available) == (-15, 10)


@pytest.mark.parametrize("short", [0, 1, 2])
def test_a_link_happens_whole_or_not_at_all(short: int) -> None:
    amounts = [10, 10, 10]
    amounts[short] = 101
    accounts = funds(a=100, b=0)
    orders = [move(str(i), "a", "b", amount, link="L") for i, amount in enumerate(amounts)]
    denial = Denial("insufficient_funds", "a", 100 - 10 * short)
    assert admit(orders, accounts) == {"0": denial, "1": denial, "2": denial}
    assert (accounts["a"].available, accounts["b"].available) == (100, 0)


def test_a_denied_link_leaves_the_money_to_the_next() -> None:
    orders = [
        move("1", "a", "b", 60, link="L"),
        move("2", "a", "b", 60, link="L"),
        move("3", "a", "b", 100),
    ]
    denial = Denial("insufficient_funds", "a", 40)
    assert admit(orders, funds(a=100, b=0)) == {"1": denial, "2": denial}


def test_a_link_is_decided_where_its_first_order_stands() -> None:
    orders = [
        move("1", "a", "b", 60, link="L"),
        move("2", "a", "b", 50),
        move("3", "a", "b", 40, link="L"),
    ]
    assert admit(orders, funds(a=100, b=0)) == {"2": Denial("insufficient_funds", "a", 0)}


def test_an_id_that_reads_like_a_link_is_not_in_it() -> None:
    orders = [move("L", "a", "b", 100), move("2", "c", "b", 1, link="L")]
    assert admit(orders, funds(a=100, b=0, c=0)) == {"2": Denial("insufficient_funds", "c", 0)}


def test_an_account_must_be_there_and_of_the_asset() -> None:
    accounts = funds(a=100, b=0) | {"usd": Funds(9, "USD", Side.CREDIT, True, 0)}
    orders = [
        move("1", "nobody", "b", 1),
        move("2", "a", "nobody", 1),
        move("3", "usd", "a", 1),
        move("4", "a", "usd", 1),
    ]
    assert admit(orders, accounts) == {
        "1": Denial("account_not_found", "nobody", None),
        "2": Denial("account_not_found", "nobody", None),
        "3": Denial("asset_mismatch", "usd", 0),
        "4": Denial("asset_mismatch", "usd", 0),
    }
    assert accounts["a"].available == 100


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, 1 << 53])
def test_an_amount_is_a_whole_positive_number(amount: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        move("1", "a", "b", amount)
    with pytest.raises(ValueError, match="amount"):
        HoldOrder("1", "a", "b", "CNY", amount, LATER)


def test_an_entry_needs_two_accounts() -> None:
    with pytest.raises(ValueError, match="two accounts"):
        move("1", "a", "a", 1)
    with pytest.raises(ValueError, match="two accounts"):
        HoldOrder("1", "a", "a", "CNY", 1, LATER)


def test_the_balance_stands_on_the_normal_side() -> None:
    owed = Account("cus_x/balance/CNY", "CNY", Side.CREDIT)
    cash = Account("bank/cash/CNY", "CNY", Side.DEBIT)
    assert (Balance(owed, 3, 20, 7, 100).posted, Balance(owed, 3, 20, 7, 100).available) == (80, 77)
    assert (Balance(cash, 3, 100, 7, 20).posted, Balance(cash, 3, 100, 7, 20).available) == (80, 73)


def test_a_trial_balance_shows_what_is_wrong() -> None:
    assert TrialBalance("CNY", 2, 10, 2, 10, 10, 2).imbalance == 0
    assert TrialBalance("CNY", 2, 10, 2, 10, 10, 2).unexplained == 0
    assert TrialBalance("CNY", 2, 11, 3, 10, 10, 2).imbalance == 2
    assert TrialBalance("CNY", 2, 11, 3, 10, 10, 2).unexplained == 2
    # Two errors of opposite sign do not hide each other.
    assert TrialBalance("CNY", 1, 11, 3, 9, 10, 2).unexplained == 4


def test_an_account_key_has_three_parts() -> None:
    assert account_key("cus_x", "balance", "CNY") == "cus_x/balance/CNY"
    for parts in [("", "balance", "CNY"), ("cus_x", "a/b", "CNY"), ("cus_x", "balance", "")]:
        with pytest.raises(ValueError, match="account key"):
            account_key(*parts)
