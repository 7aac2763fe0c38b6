"""Alipay from the other end: the same wire, real signatures, no real money.

Here: `network` (the server), `till` (what its methods do), `book` (its trades and our account),
`courier` (its notices), `statements` (its bills), `pages` (what a payer sees), `keys` (both ends'
keys), `faults` (what goes wrong, from a seed).
Who may knock: app serves it on loopback; tests call it in process.
"""
