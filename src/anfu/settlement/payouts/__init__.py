"""Payouts (出款): what merchants are paid, in files to the bank, until it has said what became of
each.

Here: `payout` and `batch` (states), `queries`, `operations`, and the journeys `gather` (a batch),
`release` (two people), `send` (to the bank, and asking again), `book` (what the bank said).
Not here: the wire and its formats (`channels.banks`); how much is paid (`cycles`).
"""
