"""Accounts and what stands on them. Amounts are minor units of the account's asset."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """The side on which an account grows: assets and costs by debit, debts and income by credit.

    What the institution owes a customer is its debt, so a customer's balance is a CREDIT account.
    """

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Account:
    """The terms of an account; they never change. `overdraft`: may be available below zero."""

    key: str
    asset: str
    normal: Side
    overdraft: bool = False


@dataclass(frozen=True, slots=True)
class Balance:
    """The four counters of an account: promised (pending) and moved (posted), on both sides."""

    account: Account
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @property
    def posted(self) -> int:
        """What has moved, on the account's normal side; negative when overdrawn."""
        net = self.credits_posted - self.debits_posted
        return net if self.account.normal is Side.CREDIT else -net

    @property
    def available(self) -> int:
        """`posted` less what is promised to others; what is promised to us is not ours yet."""
        if self.account.normal is Side.CREDIT:
            return self.posted - self.debits_pending
        return self.posted - self.credits_pending


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The sums of one asset: from the counters of all accounts, and from entries and open holds.

    In books that are right `imbalance` and `unexplained` are zero.
    """

    asset: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    entries: int
    holds: int

    @property
    def imbalance(self) -> int:
        """By how much debits and credits differ, posted and pending."""
        posted = abs(self.debits_posted - self.credits_posted)
        return posted + abs(self.debits_pending - self.credits_pending)

    @property
    def unexplained(self) -> int:
        """By how much the counters differ from the rows they were counted from."""
        posted = abs(self.debits_posted - self.entries) + abs(self.credits_posted - self.entries)
        pending = abs(self.debits_pending - self.holds) + abs(self.credits_pending - self.holds)
        return posted + pending


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An account whose counters are not what its entries and open holds add up to."""

    counted: Balance
    summed: Balance


def account_key(owner: str, purpose: str, asset: str) -> str:
    """`"cus_x/balance/CNY"`. Raises ValueError for a part that is empty or has a slash."""
    parts = (owner, purpose, asset)
    if any(not part or "/" in part for part in parts):
        raise ValueError("a part of an account key is not empty and has no slash")
    return "/".join(parts)
