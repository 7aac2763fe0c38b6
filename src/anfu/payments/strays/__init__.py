"""Strays: money that networks took for attempts which were over, and its way back to the payers.

Here: what a stray is, its table, and the journey that gives it back.
Not here: how it is noticed; that is in `book`.
"""
