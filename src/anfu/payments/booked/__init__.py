"""Booked: what our books say of a channel's payments and refunds, as one set.

Here: `queries`, which fill a temporary table of the caller's: a million rows do not travel to be
compared; `operations`, for benches.
Not here: what a network's bill says, and what a difference means.
"""
