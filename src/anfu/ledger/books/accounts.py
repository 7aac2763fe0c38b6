"""Accounts as they are named outside: the key with colons, which an address can bear."""

from __future__ import annotations

from dataclasses import dataclass

from anfu.ledger.account import Balance


def account_id(key: str) -> str:
    """`"cus_x:balance:CNY"` of `"cus_x/balance/CNY"`."""
    return key.replace("/", ":")


def key_of(account: str) -> str:
    """The key behind an id; of what is none, a key that no account has."""
    return account.replace(":", "/")


@dataclass(frozen=True, slots=True)
class Chart:
    """Which part of the chart of accounts (科目表): at most `limit` accounts, in order of key,
    behind `after`; None is any owner, kind or currency."""

    limit: int
    after: str | None = None
    owner: str | None = None
    kind: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One account with what stands on it."""

    balance: Balance

    @property
    def parts(self) -> tuple[str, str, str]:
        """Owner, kind and currency."""
        owner, kind, currency = self.balance.account.key.split("/")
        return owner, kind, currency


@dataclass(frozen=True, slots=True)
class KindSum:
    """All accounts of one kind in one currency, minor units: how many, what was debited and
    credited."""

    kind: str
    currency: str
    accounts: int
    debits: int
    credits: int
