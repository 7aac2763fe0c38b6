"""Kernel: the words every room speaks: money, ids, clock, errors, states, canonical bytes.

Here: values and pure functions over the standard library.
Not here: input or output, and any word of the payment business.
Who may knock: every room.
"""
