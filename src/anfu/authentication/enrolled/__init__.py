"""Enrolled: the factors a customer has set up: their life, and whether an answer is theirs.

Here: states, cooling-off, locks, and the comparison of an answer with what is kept.
Not here: which factors a payment needs (`policy`), challenges.
"""
