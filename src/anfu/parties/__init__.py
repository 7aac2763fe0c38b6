"""Parties: who stands on either side of a payment, and who may ask us to move it.

Here: merchants and their `applications`, customers with their personal data under seal, the
institution's staff (`access`), who read what (`reads`), break-glass (`emergency`), API keys
(`keys`) and their request signatures, webhook endpoints and their secrets, and the key ring that
seals all of it at rest.
Not here: ledger accounts, limits, opinions about risk, and the sending of a webhook.
A `merchant` argument is the caller's scope: a merchant's id sees what that merchant owns, None is
the institution and sees all. It never has a default.
Who may knock: payments and the rooms above it.
"""
