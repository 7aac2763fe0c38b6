"""The accounts a difference waits on (挂账), and the entries that bring it there and take it off.

Two for each channel and currency, neither ever overdrawn: `long` owes what the channel has of us
and nobody has claimed, `short` is owed what it lacks. Their balances are the sums of the posted
items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anfu.ledger.account import Account, Side, account_key
from anfu.ledger.entry import EntryOrder
from anfu.payments.fund import bank_key, channel_key
from anfu.payments.record import INSTITUTION

CHANNEL, RESULT = "channel", "result"
"""What clears an item: the channel has put it right; the institution takes it as gain or loss.
Besides these it is a party's balance, by the party's id."""


def long_key(channel: str, currency: str) -> str:
    """What the channel has of us beyond our books (长款)."""
    return account_key(INSTITUTION, f"long-{channel}", currency)


def short_key(channel: str, currency: str) -> str:
    """What the channel lacks (短款)."""
    return account_key(INSTITUTION, f"short-{channel}", currency)


def fee_key(channel: str, currency: str) -> str:
    """What the channel charged as agreed."""
    return account_key(INSTITUTION, f"fee-{channel}", currency)


def result_key(currency: str) -> str:
    """Gains and losses of differences that were given up."""
    return account_key(INSTITUTION, "differences", currency)


def accounts_of(channel: str, currency: str) -> list[Account]:
    """What reconciling a channel in a currency needs; the fees of more refunds than payments are
    negative."""
    return [
        Account(bank_key(currency), currency, Side.DEBIT),
        Account(channel_key(channel, currency), currency, Side.DEBIT, True),
        Account(long_key(channel, currency), currency, Side.CREDIT),
        Account(short_key(channel, currency), currency, Side.DEBIT),
        Account(fee_key(channel, currency), currency, Side.DEBIT, True),
        Account(result_key(currency), currency, Side.CREDIT, True),
    ]


def posting(channel: str, positions: Mapping[str, int], ids: Sequence[str]) -> list[EntryOrder]:
    """The entries that bring positions onto suspense, all or none; as many `ids` as positions."""
    orders = []
    for id_, (currency, amount) in zip(ids, positions.items(), strict=True):
        theirs = channel_key(channel, currency)
        debit, credit = (
            (theirs, long_key(channel, currency))
            if amount > 0
            else (short_key(channel, currency), theirs)
        )
        orders.append(EntryOrder(id_, debit, credit, currency, abs(amount), ids[0]))
    return orders


def clearing(
    channel: str, positions: Mapping[str, int], ids: Sequence[str], *, against: Mapping[str, str]
) -> list[EntryOrder]:
    """The entries that take positions off suspense onto the account `against` of each currency."""
    orders = []
    for id_, (currency, amount) in zip(ids, positions.items(), strict=True):
        other = against[currency]
        debit, credit = (
            (long_key(channel, currency), other)
            if amount > 0
            else (other, short_key(channel, currency))
        )
        orders.append(EntryOrder(id_, debit, credit, currency, abs(amount), ids[0]))
    return orders


def fee_entry(channel: str, currency: str, amount: int, id_: str) -> EntryOrder:
    """What the channel has kept of ours as its fee, or given back."""
    cost, theirs = fee_key(channel, currency), channel_key(channel, currency)
    debit, credit = (cost, theirs) if amount > 0 else (theirs, cost)
    return EntryOrder(id_, debit, credit, currency, abs(amount))


def settlement_entry(channel: str, currency: str, amount: int, id_: str) -> EntryOrder:
    """What the channel has paid out has reached our bank account, or was taken from it."""
    theirs, bank = channel_key(channel, currency), bank_key(currency)
    debit, credit = (bank, theirs) if amount > 0 else (theirs, bank)
    return EntryOrder(id_, debit, credit, currency, abs(amount))
