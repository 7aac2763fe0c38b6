"""Entries and holds: what is asked for, what is written, and the answer no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anfu.kernel.money import MAX_MINOR


@dataclass(frozen=True, slots=True)
class EntryOrder:
    """Move `amount` minor units of `asset` from the account `debit` to the account `credit`.

    `id` is the caller's and unique for ever. Orders of one `link` happen all or none.
    Raises ValueError for an amount outside 1 to 2^53 - 1 or the same account twice.
    """

    id: str
    debit: str
    credit: str
    asset: str
    amount: int
    link: str | None = None

    def __post_init__(self) -> None:
        _check(self.debit, self.credit, self.amount)


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """Promise what an `EntryOrder` would move: it leaves what is available, it is not moved yet.

    When posted it becomes the entry of the same `id`, so no other entry may have it. From
    `expires_at` on `expire_holds` gives it back; until that has happened it can still be posted.
    """

    id: str
    debit: str
    credit: str
    asset: str
    amount: int
    expires_at: datetime
    link: str | None = None

    def __post_init__(self) -> None:
        _check(self.debit, self.credit, self.amount)


@dataclass(frozen=True, slots=True)
class Entry:
    """What has moved. `held` is the amount of the hold it posted, None if there was none."""

    id: str
    debit: str
    credit: str
    asset: str
    amount: int
    at: datetime
    held: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, the newest first. `next` is the cursor of the page after, None at the end."""

    entries: tuple[Entry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Denial:
    """Why an order did not go through: `insufficient_funds`, `account_not_found`,
    `account_closed` or `asset_mismatch`, and on which account.

    `available` is what the order found there, None without such an account. All orders of a link
    get the denial of the one that failed.
    """

    code: str
    account: str
    available: int | None


def _check(debit: str, credit: str, amount: int) -> None:
    if type(amount) is not int or not 0 < amount <= MAX_MINOR:
        raise ValueError("an amount is a whole number from 1 to 2^53 - 1")
    if debit == credit:
        raise ValueError("an entry moves between two accounts")
