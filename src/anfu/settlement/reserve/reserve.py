"""The reserve fund of a day: what clients are owed, what the books have, what the bank says.

令〔2021〕1号 art. 41: 逐日核对客户备付金的存放、使用、划转等信息. Minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Purposes of accounts (`ledger.account.account_key`).
_CLIENTS = ("balance", "retention", "payouts")
_OWN = ("fees", "arrears")
_BANK, _CHANNEL = "bank", "channel-"


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger at the end of a day. `clients`: what customers and merchants are owed, payouts in
    transit among it, by purpose; `bank`: the reserve account; `channels`: what channels still owe
    it; `own`: fees earned that still stand there, less what merchants owe of them; `others`: what
    accounts of no purpose known here come to, by purpose."""

    clients: Mapping[str, int]
    bank: int
    channels: int
    own: int
    others: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """`statement`: the bank's closing balance. `unbooked`: what of its movements the books learned
    only later."""

    books: Books
    statement: int
    unbooked: int

    @property
    def differences(self) -> dict[str, int]:
        """By name, those that are not 0. OTHERS: money on accounts that are nobody's. OWN_SHORT: we
        gave more fees back than stand there, so clients' money is short by that. BANK: the bank has
        that much more than the books explain."""
        found = {
            "OTHERS": sum(self.books.others.values()),
            "OWN_SHORT": max(0, -self.books.own),
            "BANK": self.statement - self.books.bank - self.unbooked,
        }
        return {name: amount for name, amount in found.items() if amount}

    @property
    def whole(self) -> bool:
        return not self.differences


def books_of(owed: Mapping[str, int]) -> Books:
    """The books by what accounts of each purpose come to, positive where we owe."""
    channels = {name for name in owed if name.startswith(_CHANNEL)}
    known = {*_CLIENTS, *_OWN, _BANK, *channels}
    return Books(
        {name: owed.get(name, 0) for name in _CLIENTS},
        -owed.get(_BANK, 0),
        -sum(owed[name] for name in channels),
        sum(owed.get(name, 0) for name in _OWN),
        {name: amount for name, amount in owed.items() if name not in known and amount},
    )


def check_document(check: Check) -> dict[str, Any]:
    """A check as JSON values."""
    books = check.books
    clients = sum(books.clients.values())
    return {
        "clients": dict(books.clients), "clients_total": clients, "bank": books.bank,
        "channels": books.channels, "own": books.own, "others": dict(books.others),
        "statement": check.statement, "unbooked": check.unbooked,
        "differences": check.differences, "whole": check.whole,
    }  # fmt: skip
