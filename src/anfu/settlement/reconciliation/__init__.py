"""Reconciliation (对账): every line of every bill against every payment of ours, every day.

Here: `terms` (what is agreed with a channel), `item` (a difference and its states), `suspense`
(the accounts it waits on), `bank` (our bank's statement), and the journeys: `fetch` (get a bill and
keep it), `reconcile` (match it and book what follows), `treat` (by policy), `decide` (by two
people), `replace` (another file for the same day), `advance` (all days that are due).
Not here: bills' formats and lines, which are `channels`'; how a payment is booked.
Who may knock: entrypoints, app and simulation.
"""
