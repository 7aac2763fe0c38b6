"""UnionPay made up: the real wire with keys of our own, on loopback or in process.

Here: `network` (the server), `orders` (its records), `pages` (where a payer acts), `courier` (its
notices), `statements` (its bills), `keys` (key files for both ends), `mishaps` (what goes wrong at
it and at no other network).
Not here: real money.
"""
