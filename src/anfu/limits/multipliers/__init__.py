"""Multipliers: what the institution's rating raises limits of art. 24 by (43号 art. 36).

Here: the multiplier of a rule, 1.0 as shipped, changed by two people; its table.
Not here: the rating itself.
Who may knock: `limits` and the doors above it.
"""
