"""Devices: what a payer pays with, known again by its key or by its traits.

Here: devices, their keys and sessions, what ties them to payers, how alike two of them are.
Not here: whether a device is to be trusted with a payment, and what is odd about it (risk).
"""
