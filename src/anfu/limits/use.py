"""A use: one amount on its way out of a customer's account, measured against limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.kernel.money import MAX_MINOR


class UseKind(StrEnum):
    """BALANCE_PAYMENT: paid or transferred from the payment account (余额付款). NETWORK_PAYMENT:
    from the payer's bank through a network. WITHDRAW_TO_OWN_BANK: to a bank account of the same
    name (同名银行账户)."""

    BALANCE_PAYMENT = "BALANCE_PAYMENT"
    NETWORK_PAYMENT = "NETWORK_PAYMENT"
    WITHDRAW_TO_OWN_BANK = "WITHDRAW_TO_OWN_BANK"


class Code(StrEnum):
    """The code a payment was begun with (条码): STATIC is printed and stays (静态条码), DYNAMIC is
    made for one payment or a short time (动态条码)."""

    NONE = "none"
    STATIC = "static"
    DYNAMIC = "dynamic"


class Debit(StrEnum):
    """Who takes the money from the payer's bank account: the BANK itself, in its own app, or the
    payment INSTITUTION under the agreement of 43号 art. 10."""

    BANK = "bank"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Use:
    """`amount` minor units of `currency`, by `customer`, at `at` (aware).

    `id` is the payment's. `account_class` is 1, 2 or 3 (Ⅰ, Ⅱ, Ⅲ 类) for an individual and None for
    a firm, which articles 11 and 24 of 43号 do not bound. `factors` is the number of classes of
    factors that confirmed it, `strong` whether a certificate or an electronic signature was among
    them. `debit`, `bank_account` (a token, never a number) and `bank_verified` (the bank verified
    the payer) are of payments from a bank. Raises ValueError for what could not be counted.
    """

    id: str
    customer: str
    account_class: int | None
    factors: int
    strong: bool
    merchant: str | None
    amount: int
    currency: str
    kind: UseKind
    at: datetime
    code: Code = Code.NONE
    debit: Debit = Debit.BANK
    bank_account: str | None = None
    bank_verified: bool = True

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 < self.amount <= MAX_MINOR:
            raise ValueError("a use has a positive whole amount of minor units")
        if self.account_class not in (None, 1, 2, 3):
            raise ValueError("account_class is 1, 2, 3 or None")
        if self.factors < 0:
            raise ValueError("factors is not negative")
        if self.at.tzinfo is None:
            raise ValueError("a use needs a time with its zone")
        if self.kind not in _KINDS:
            raise ValueError(f"{self.kind!r} is not a kind of use")


_KINDS = frozenset(UseKind)
