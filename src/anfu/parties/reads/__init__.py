"""Reads: the log of who looked at whose personal data, and why.

Here: its entries and its table, which nobody can change. Not here: what is personal: each operation
of the API says so of itself.
"""
