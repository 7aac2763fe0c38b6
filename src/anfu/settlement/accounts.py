"""The accounts of settling: where a merchant's money stands between its payment and its bank.

balance (payments.fund) -> payouts in transit -> the reserve bank account. What is kept back stands
on the merchant's own retention; fees its balance does not cover stand as arrears, what it owes us:
its balance itself is never overdrawn (43号 art. 3).
"""

from __future__ import annotations

from anfu.ledger.account import Account, Side, account_key
from anfu.payments.record import INSTITUTION


def retention_key(merchant: str, currency: str) -> str:
    """What is kept back of a merchant's money and still owed to it (滚动留存)."""
    return account_key(merchant, "retention", currency)


def arrears_key(merchant: str, currency: str) -> str:
    """What a merchant owes us (欠款)."""
    return account_key(merchant, "arrears", currency)


def fees_key(currency: str) -> str:
    """Fee income (手续费收入). It may fall below zero: refunds give fees of former days back."""
    return account_key(INSTITUTION, "fees", currency)


def payouts_key(currency: str) -> str:
    """Payouts in transit (出款在途): no longer the merchant's balance, not yet paid by the bank."""
    return account_key(INSTITUTION, "payouts", currency)


def accounts_of(merchant: str, currency: str) -> list[Account]:
    """What settling a merchant needs besides its balance."""
    return [
        Account(retention_key(merchant, currency), currency, Side.CREDIT),
        Account(arrears_key(merchant, currency), currency, Side.DEBIT),
        Account(fees_key(currency), currency, Side.CREDIT, True),
        Account(payouts_key(currency), currency, Side.CREDIT),
    ]
