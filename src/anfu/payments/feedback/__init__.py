"""Feedback: what payers say of a payment at its result page.

Here: a score of one to five with a comment, which is sealed, and the share of those who are
satisfied. It stands here, beside the checkouts, so that a person who is forgotten takes the
comments along.
Not here: the targets of the institution, which read the share.
"""
