"""Channels: every line out. Nothing else in the house opens a connection to the world.

Here: `port` (what any payment network must answer), `sandbox` (a made-up card network, client and
simulator, over real HTTP), `unionpay` (that network, client and simulator), `keyfiles` (networks'
keys, read anew when they change), `codes` (what payers and merchants show each other), `webhooks`
(signed posts to merchants), `addresses` (which addresses may be reached), `texts` (messages to
telephones), `registries` (who a person or a firm is, as others say), `feeds` (lists that others
publish, signed), `development` (messages kept instead of sent, insecure by intent).
Not here: the ledger, the states of a payment, and when something is sent again.
Who may knock: payments and the rooms above.
"""
