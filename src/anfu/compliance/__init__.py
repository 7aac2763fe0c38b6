"""Compliance: the journeys the law asks for around payments.

Here: `onboard` (who comes in, proven by outside channels, and the account class that follows),
`firms` (the same for firms and the persons behind them), `inquire` and `ask_late` (one question to
a channel, and again while it has no answer), `diligence` (who may be a merchant, and for how long
until it is looked at again), `switch` (which merchant may be settled on the same day), `privacy`
(what must not lie about readable).
Not here: the lines to registries, the rules of limits, the states of a payment.
Who may knock: entrypoints, app and simulation.
"""
