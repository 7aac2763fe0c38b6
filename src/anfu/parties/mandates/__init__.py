"""Mandates (免密支付协议): what a customer lets a merchant draw without a proof of each payment.

Here: the terms and the states (`mandate`), and their table.
Not here: the proof that makes one active and the sums drawn under it, which `payments` knows.
Who may knock: `payments` and the doors above it.
"""
