"""Texts: messages to customers' telephones through a gateway, and a simulator of one.

Here: `text` (what is handed over), `gateway` (the line out: signed requests, signed answers),
`simulator` (speaks the same wire, fails on purpose).
Not here: what a text says, and how often one may be sent.
"""
