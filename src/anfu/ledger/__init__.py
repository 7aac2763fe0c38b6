"""Ledger: double entry over many assets; the only place that knows who has how much.

Here: accounts with four counters (pending and posted, debits and credits), entries that never
change, holds that are resolved once, balances now and at any past moment, the trial balance.
Not here: why money moves, fees, payment states, exchange: a caller names both accounts.
The database keeps the books: counters follow entries and holds by trigger, and no account is
overdrawn that may not be. Python only decides, in one pass, which orders of a batch go through.
Who may knock: payments and the journeys above it. One call locks its accounts in key order; a
transaction that makes several calls may meet another one crosswise, and is then run again.
"""
