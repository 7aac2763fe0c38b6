"""UnionPay made up: the real wire with keys of our own, on loopback or in process.

Here: `network` (the server), `requests` (whose request it is), `desk` (what is done with one),
`orders` (the records), `pages` and `payer` (where a payer acts), `courier` (notices), `statements`
(bills), `keys` (key files for both ends), `mishaps` (what goes wrong here and at no other network).
Not here: real money.
"""
