"""Requests: the log of what callers asked of the API and were answered, for who integrates.

Here: its entries and their table, kept for some days. Not here: bodies, queries, and what a path
holds besides our own ids, which may be personal; who read whose personal data (`reads`).
"""
