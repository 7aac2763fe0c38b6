"""Agreed limits: what a customer pays at most by its own wish.

Here: the limit (`agreed`), lowered at once and raised after a cooling-off; its table.
Not here: limits of the law, limits of merchants.
Who may knock: `limits` and the doors above it.
"""
