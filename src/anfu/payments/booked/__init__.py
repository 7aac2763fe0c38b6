"""Booked: what our books say of a channel's payments and refunds, as one set.

Here: `queries`, which fill a temporary table of the caller's. A million rows do not travel to be
compared. Not here: what a network's bill says, and what a difference means.
"""
