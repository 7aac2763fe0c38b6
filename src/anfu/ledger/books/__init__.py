"""The books as staff read them: the chart of accounts, their entries, the sums of each kind.

`accounts` has the names; `queries` alone reads the ledger's tables; `carry` keeps sums carried
forward, so that the trial balance reads few entries.
"""
