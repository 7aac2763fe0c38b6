"""Cycles: a merchant's period is closed, and becomes one settlement (结算).

Here: `line` (an entry of the balance, and its fee), `settlement` (the sum), `booking` (its entries
in the ledger), `queries`, `operations`, and the journey `settle`.
Not here: what is agreed (`terms`); the way to the bank (`payouts`).
"""
