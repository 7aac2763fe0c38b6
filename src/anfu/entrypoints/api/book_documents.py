"""The forms of the books."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Currency, Id, Limit, Moment, Name, Request
from anfu.ledger.account import Side
from anfu.ledger.hold import HoldState


class AccountDocument(Struct, frozen=True):
    """A ledger account, minor units. `id` is owner, kind and currency with colons between them.
    `posted` and `available` are of its `normal` side; `debits_pending` and `credits_pending` are
    promised and not moved yet."""

    id: str
    object: Literal["account"]
    owner: str
    kind: str
    currency: str
    normal: Side
    posted: int
    available: int
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


class AccountList(Struct, frozen=True):
    """A page of the chart of accounts, in order of id."""

    object: Literal["list"]
    data: list[AccountDocument]
    more: bool


class AccountQuery(Request, frozen=True):
    """Accounts of one owner (a party, or `anfu`), one kind, one currency."""

    limit: Limit = 20
    after: Name | None = None
    owner: Id | None = None
    kind: Id | None = None
    currency: Currency | None = None


class EntryDocument(Struct, frozen=True):
    """What has moved, minor units, from the account `debit` to the account `credit`. `held`: what
    had been promised for it before."""

    id: str
    object: Literal["entry"]
    debit: str
    credit: str
    amount: int
    currency: str
    at: datetime
    held: int | None


class EntryList(Struct, frozen=True):
    """Entries of an account, the newest first; `next` is what `after` is to be."""

    object: Literal["list"]
    data: list[EntryDocument]
    more: bool
    next: str | None


class EntryQuery(Request, frozen=True):
    """Part of the entries: what follows `after`, the `next` of the page before."""

    limit: Limit = 20
    after: Name | None = None


class HoldDocument(Struct, frozen=True):
    """What is, or was, promised; `posted` is what became of it in the books."""

    id: str
    object: Literal["hold"]
    debit: str
    credit: str
    amount: int
    currency: str
    state: HoldState
    at: datetime
    resolved_at: datetime | None
    posted: int | None


class PaymentEntries(Struct, frozen=True):
    """Everything a payment, its attempts, refunds and strays left in the books, oldest first."""

    object: Literal["payment_entries"]
    payment: str
    holds: list[HoldDocument]
    entries: list[EntryDocument]


class KindDocument(Struct, frozen=True):
    """All accounts of one kind in one currency; `balance` is credits less debits: what we owe."""

    kind: str
    currency: str
    accounts: int
    debits: int
    credits: int
    balance: int


class CurrencyDocument(Struct, frozen=True):
    """All accounts of one currency; `difference` is zero in good books."""

    currency: str
    debits: int
    credits: int
    difference: int


class TrialBalanceDocument(Struct, frozen=True):
    """The trial balance (试算平衡表), minor units, up to and with `at`."""

    object: Literal["trial_balance"]
    at: datetime
    kinds: list[KindDocument]
    currencies: list[CurrencyDocument]


class MomentQuery(Request, frozen=True):
    """Of which moment; left out, the present."""

    at: Moment | None = None
