"""WeChat Pay, simulated: the real wire with real signatures, and faults from a seed.

Here: `peer` (its keys), `orders` and `refunds` (its book), `desk` (API v3), `counter` (version 2),
`statements` (its bills), `courier` (its notices), `payer` (who pays), `troubles` (what goes wrong)
and `network` (the server).
Not here: real money.
Who may knock: a process of its own, or a test.
"""
