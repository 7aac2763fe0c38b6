"""Bank: the statement of our own bank account, the third leg.

Here: what a statement is (`statement`), how it is read from camt.053 (`camt`) and from a bank's own
columns (`columns`).
Not here: payouts to merchants; what a movement of the bank means to anybody but a channel.
"""
