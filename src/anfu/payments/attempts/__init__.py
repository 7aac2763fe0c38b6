"""Attempts: each sending of a payment to a network.

Here: the numbers networks know them by, and those that have ended and were followed by another.
Not here: the present attempt, which stands with its payment.
"""
