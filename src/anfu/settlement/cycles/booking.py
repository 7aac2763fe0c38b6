"""Booking: the entries by which the ledger follows a settlement. Pure."""

from __future__ import annotations

from anfu.ledger.entry import EntryOrder
from anfu.payments.fund import balance_key
from anfu.settlement.accounts import arrears_key, fees_key, payouts_key, retention_key
from anfu.settlement.cycles.settlement import Settlement, Standing


def entries_of(made: Settlement, standing: Standing, payout: str) -> list[EntryOrder]:
    """What is moved, in an order in which the money is always there. Arrears of now and before are
    taken from the balance as far as it goes; `payout` is the id of what is paid out."""
    merchant, currency = made.merchant, made.currency
    balance, arrears = balance_key(merchant, currency), arrears_key(merchant, currency)
    fees, retention = fees_key(currency), retention_key(merchant, currency)
    available = standing.available + made.released + max(0, -made.fees)
    now = min(max(0, made.fees), available)
    later = max(0, made.fees) - now
    settled = min(standing.owes, available - now)
    moves = [
        ("release", retention, balance, made.released),
        ("fee_return", fees, balance, max(0, -made.fees)),
        ("fee", balance, fees, now),
        ("fee_due", arrears, fees, later),
        ("arrears", balance, arrears, settled),
        ("retention", balance, retention, made.retained),
    ]
    orders = [
        EntryOrder(f"{made.id}.{name}", debit, credit, currency, amount)
        for name, debit, credit, amount in moves if amount
    ]  # fmt: skip
    if made.paid:
        orders.append(EntryOrder(payout, balance, payouts_key(currency), currency, made.paid))
    return orders
